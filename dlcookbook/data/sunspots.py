"""The yearly number of sunspots, 1700 to 2008, from statsmodels."""

from typing import NamedTuple

import numpy as np
from statsmodels.datasets import sunspots

__all__ = ["load_sunspots"]


class Series(NamedTuple):
    """Equal steps of time, what was measured at each, and the steps of a season."""

    dates: np.ndarray
    values: np.ndarray
    season: int


def load_sunspots() -> Series:
    """Return the yearly number of sunspots, 1700 to 2008; no year is missing.

    A cycle takes about eleven years, and not always: nine to fourteen.

    Returns
    -------
    (dates, values, season)
        `dates`: ndarray, shape (309,), datetime64 of years; `values`: ndarray, shape
        (309,), float64, 0 or more; `season`: 11.

    Examples
    --------
    >>> dates, values, season = load_sunspots()
    >>> str(dates[0]), str(dates[-1]), values[:3].tolist(), season
    ('1700', '2008', [5.0, 11.0, 16.0], 11)

    References
    ----------
    National Geophysical Data Center, yearly sunspots, public domain in statsmodels.
    <https://www.statsmodels.org/stable/datasets/generated/sunspots.html>
    """
    table = sunspots.load_pandas().data
    years = table["YEAR"].to_numpy().astype(int) - 1970
    return Series(years.astype("M8[Y]"), table["SUNACTIVITY"].to_numpy(float), 11)
