"""A series split in time, and only then cut into windows and what follows."""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ["split_windows"]


class Part(NamedTuple):
    """Windows of what is known, and what follows on each."""

    inputs: np.ndarray
    targets: np.ndarray


def split_windows(
    values: np.ndarray,
    window: int,
    horizon: int,
    *,
    validation: float = 0.2,
    test: float = 0.2,
) -> tuple[Part, Part, Part]:
    """Split a series in time, then cut each part into windows and what follows on them.

    No target is in two parts, and every target of a part is later than all those of
    the part before. Windows of validation and test reach back into what was known by
    then, as they do in use. Windows begin at every step (a rolling origin), in the
    order of time.

    Nothing is scaled here: what scales, learns it from the training part. A missing
    value in a window is the last known one before it; between its neighbours it would
    know what comes next. A missing target is NaN: neither trained on nor scored.

    Parameters
    ----------
    values : ndarray, shape (T,)
        In order, at equal steps; NaN where nothing is known, but not at the start.
    window, horizon : int >= 1
        Steps that a forecast sees, and that it is for.
    validation, test : float in (0, 1)
        Shares of the steps, at the end of the series.

    Returns
    -------
    tuple of (inputs, targets), three of them: training, validation, test
        `inputs`: ndarray, shape (N, window), float32; `targets`: ndarray, shape
        (N, horizon), float32, NaN where missing.

    Raises
    ------
    ValueError
        If `values` is not one axis of numbers that begins with a known and finite one,
        an option is out of its range, or a part has not one window of which at least
        one target is known.

    Examples
    --------
    >>> parts = split_windows(np.arange(10.0), 3, 2)
    >>> for inputs, targets in parts:
    ...     print(len(inputs), inputs[0].tolist(), targets[0].tolist())
    2 [0.0, 1.0, 2.0] [3.0, 4.0]
    1 [3.0, 4.0, 5.0] [6.0, 7.0]
    1 [5.0, 6.0, 7.0] [8.0, 9.0]

    References
    ----------
    Tashman, Out-of-sample tests of forecasting accuracy, 2000.
    <https://doi.org/10.1016/S0169-2070(00)00065-0>
    """
    values = np.asarray(values, "float64")
    if values.ndim != 1 or not len(values) or np.isnan(values[0]):
        raise ValueError(
            "values must have one axis and begin with a number. Received: shape "
            f"{values.shape}, {values.ravel()[:3]}"
        )
    if (large := np.abs(values) > np.finfo("float32").max).any():
        raise ValueError(
            f"values must be finite in float32. Received: {values[large][:3]}"
        )
    if min(window, horizon) < 1:
        raise ValueError(
            f"window and horizon must be 1 or more. Received: {window}, {horizon}"
        )
    if not (min(validation, test) > 0 and validation + test < 1):
        raise ValueError(
            "validation and test must be above 0 and below 1 together. Received: "
            f"{validation}, {test}"
        )
    known = np.where(np.isnan(values), 0, np.arange(len(values)))
    filled = values[np.maximum.accumulate(known)]
    last = len(values) - round(test * len(values))
    first = last - round(validation * len(values))
    parts = []
    for name, start, stop in (
        ("training", window, first),
        ("validation", max(first, window), last),
        ("test", max(last, window), len(values)),
    ):
        if stop - start < horizon or not np.isfinite(values[start:stop]).any():
            raise ValueError(
                f"values must leave a window of {window} and {horizon} steps for "
                f"{name}. Received: {len(values)} steps"
            )
        inputs = sliding_window_view(filled[start - window : stop - horizon], window)
        targets = sliding_window_view(values[start:stop], horizon)
        seen = np.isfinite(targets).any(axis=1)
        parts.append(Part(*(x[seen].astype("float32") for x in (inputs, targets))))
    return parts[0], parts[1], parts[2]
