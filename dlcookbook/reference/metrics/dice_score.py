"""Dice score: twice the shared area of regions by the sum of their areas."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["dice_score"]


def dice_score(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    empty: str = "skip",
    per: str = "dataset",
    average: str | None = "macro",
    include_background: bool = True,
) -> np.ndarray:
    r"""Mean of $2 |A \cap B| / (|A| + |B|)$ over classes, from sets of pixels.

    Parameters
    ----------
    predictions : array-like of int, shape (N, ...)
        Predicted classes, from 0 to `num_classes` - 1.
    targets : array-like of int, shape (N, ...)
        True classes, in the same range, or `ignore_index`.
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target whose pixels do not count; if it is a class, it has no value either.
    empty : {"skip", "zero", "one"}
        What a class counts that is neither in the truth nor in the prediction.
    per : {"dataset", "image"}
        Count over all pixels, or average the value of each image, the first axis.
    average : {"macro"}, optional
        None returns one value per class.
    include_background : bool
        False leaves class 0 out of the mean.

    Returns
    -------
    ndarray of float64, shape () or (num_classes,)
        From 0 to 1. NaN where nothing counts.

    Examples
    --------
    >>> dice_score([[0, 1], [1, 1]], [[0, 0], [1, 1]], 2, average=None).round(4)
    array([0.6667, 0.8   ])

    References
    ----------
    Dice, "Measures of Ecologic Association", 1945. <https://doi.org/10.2307/1932409>
    """
    pairs = list(zip(np.asarray(predictions), np.asarray(targets), strict=True))
    if per == "dataset":
        pairs = [(np.ravel(predictions), np.ravel(targets))]
    values = []
    for predicted, true in pairs:
        row = []
        for c in range(num_classes):
            a = {i for i, t in enumerate(true.flat) if t == c}
            b = {i for i, p in enumerate(predicted.flat) if p == c}
            b -= {i for i, t in enumerate(true.flat) if t == ignore_index}
            value = {"skip": np.nan, "zero": 0.0, "one": 1.0}[empty]
            if a | b:
                value = 2 * len(a & b) / (len(a) + len(b))
            out = c == ignore_index or (c == 0 and not include_background)
            row.append(np.nan if out else value)
        values.append([*row, mean(row)])
    means = np.array([mean(column) for column in np.transpose(values)])
    return means[:-1] if average is None else means[-1]


def mean(values):
    """Mean of what counts; NaN if nothing does."""
    counted = [v for v in values if not np.isnan(v)]
    return sum(counted) / len(counted) if counted else np.nan
