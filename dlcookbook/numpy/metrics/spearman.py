"""Spearman's rank correlation: whether predictions order the targets rightly."""

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["spearman"]


def spearman(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Spearman's rank correlation of all examples at once.

    Pearson's correlation of the ranks, where equal values share the mean of theirs: 1
    if the predictions rise whenever the targets do, however steeply. There are no ranks
    of a batch, so that nothing streams: keep the predictions, 16 bytes an example.

    Parameters
    ----------
    y_true : array-like, shape (examples,)
        Observed values.
    y_pred : array-like, shape (examples,)
        Predicted values.

    Returns
    -------
    float
        From -1 to 1. NaN where all targets or all predictions are equal.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite or there is no example.

    Examples
    --------
    >>> round(spearman([1.0, 2.0, 3.0, 4.0], [1.0, 10.0, 100.0, 50.0]), 6)
    0.8

    References
    ----------
    Spearman, "The Proof and Measurement of Association between Two Things", 1904.
    <https://doi.org/10.2307/1412159>
    """
    pair = [np.asarray(x) for x in (y_true, y_pred)]
    if pair[0].ndim != 1 or pair[0].shape != pair[1].shape:
        raise ValueError(
            "y_true and y_pred must have one axis of one length. "
            f"Received: {pair[0].shape}, {pair[1].shape}"
        )
    if not pair[0].size:
        raise ValueError("y_true must hold an example. Received: none")
    deviations = []
    for name, x in zip(("y_true", "y_pred"), pair, strict=True):
        # NaN goes through min and max
        if not (np.isfinite(x.min()) and np.isfinite(x.max())):
            raise ValueError(f"{name} must be finite. Received: {x.min()} to {x.max()}")
        order = np.argsort(x)
        ordered = x[order]
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        sizes = np.diff(np.append(starts, len(x)))
        # twice the rank less the mean rank: an integer
        ranks = np.empty(len(x), np.int64)
        ranks[order] = np.repeat(2 * starts + sizes - len(x), sizes)
        deviations.append(ranks.astype(float))
    x, y = deviations
    scale = math.sqrt(x @ x) * math.sqrt(y @ y)
    return float(np.clip(x @ y / scale, -1, 1)) if scale else math.nan
