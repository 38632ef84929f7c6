"""Matthews correlation: how far truth and prediction go together, in one number."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["matthews"]


def matthews(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    constant: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.float64:
    r"""Matthews correlation coefficient of one batch.

    The correlation of truth and prediction as indicators of the classes,
    $R = \sum_k (N h_k - a_k p_k) / \sqrt{\sum_k a_k (N - a_k) \sum_k p_k (N - p_k)}$
    with $N$ examples, of class $k$ $a_k$ true, $p_k$ predicted and $h_k$ hits. 0 is
    chance, however the classes are balanced; 1 is perfect.

    Parameters
    ----------
    predictions : array-like of int, shape (...)
        Predicted classes, from 0 to `num_classes` - 1.
    targets : array-like of int, shape (...)
        True classes, in the same range, or `ignore_index`.
    num_classes : int
        Number of classes.
    constant : {"nan", "zero"}
        What 0/0 is: truth or prediction is one class throughout.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float64
        From -1 to 1; where truth or prediction is one class, as `constant` says.

    Examples
    --------
    >>> round(float(matthews([0, 1, 1, 1], [0, 0, 1, 1], 2)), 4)
    0.5774

    References
    ----------
    Gorodkin, "Comparing two K-category assignments by a K-category correlation
    coefficient", 2004. <https://doi.org/10.1016/j.compbiolchem.2004.09.006>
    """
    predicted, true = np.ravel(predictions), np.ravel(targets)
    weight = np.ones(len(true)) if sample_weight is None else np.ravel(sample_weight)
    weight = np.where(true == ignore_index, 0.0, weight)
    covariance = {"tp": 0.0, "tt": 0.0, "pp": 0.0}
    for c in range(num_classes):
        is_true, is_taken = (true == c).astype(float), (predicted == c).astype(float)
        x = is_true - np.average(is_true, weights=weight)
        y = is_taken - np.average(is_taken, weights=weight)
        covariance["tp"] += (weight * x * y).sum()
        covariance["tt"] += (weight * x * x).sum()
        covariance["pp"] += (weight * y * y).sum()
    seen = weight > 0
    if min(len(np.unique(true[seen])), len(np.unique(predicted[seen]))) == 1:
        return np.float64(0.0 if constant == "zero" else np.nan)
    return covariance["tp"] / np.sqrt(covariance["tt"] * covariance["pp"])
