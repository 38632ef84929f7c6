"""The carbon dioxide in the air by week, 1958 to 2001, with gaps, from statsmodels."""

from typing import NamedTuple

import numpy as np
from statsmodels.datasets import co2

__all__ = ["load_co2"]


class Series(NamedTuple):
    """Equal steps of time, what was measured at each, and the steps of a season."""

    dates: np.ndarray
    values: np.ndarray
    season: int


def load_co2() -> Series:
    """Return the carbon dioxide in the air of Mauna Loa by week, 1958 to 2001.

    It rises, by more and more, and swings once a year: plants. 59 of the 2,284 weeks
    were not measured; they are NaN.

    Returns
    -------
    (dates, values, season)
        `dates`: ndarray, shape (2284,), datetime64 of days, all of them Saturdays;
        `values`: ndarray, shape (2284,), float64, parts per million; `season`: 52.

    Examples
    --------
    >>> dates, values, season = load_co2()
    >>> str(dates[0]), str(dates[-1]), float(values[0]), season
    ('1958-03-29', '2001-12-29', 316.1, 52)
    >>> int(np.isnan(values).sum())
    59

    References
    ----------
    Keeling & Whorf, Atmospheric CO2 concentrations, Carbon Dioxide Information Analysis
    Center, 2004, public domain in statsmodels.
    <https://www.statsmodels.org/stable/datasets/generated/co2.html>
    """
    table = co2.load_pandas().data
    return Series(table.index.to_numpy("M8[D]"), table["co2"].to_numpy(float), 52)
