"""Precision-recall curve: how much is found, and how much of it is right."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["pr_curve"]


def pr_curve(
    scores: ArrayLike, targets: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Precision and recall at every threshold.

    $tp / (tp + fp)$ and $tp / P$ of calling positive what scores at least a threshold.
    No end point is made up: the steps below it are `average_precision`.

    Parameters
    ----------
    scores : array-like, shape (...)
        Higher for what looks positive.
    targets : array-like, shape (...)
        1 for a positive, 0 for a negative.

    Returns
    -------
    tuple of ndarray, shape (K,)
        Precision, recall and the thresholds, from the
        highest on: one for each distinct score. Recall is NaN without positives.

    Examples
    --------
    >>> precision, recall, thresholds = pr_curve([0.1, 0.6, 0.5, 0.9], [0, 0, 1, 1])
    >>> print(precision.round(2), recall, thresholds)
    [1.   0.5  0.67 0.5 ] [0.5 0.5 1.  1. ] [0.9 0.6 0.5 0.1]

    References
    ----------
    Davis and Goadrich, "The Relationship Between Precision-Recall and ROC Curves",
    2006. <https://doi.org/10.1145/1143844.1143874>
    """
    scores, positive = np.ravel(scores), np.ravel(targets) == 1
    thresholds = np.array(sorted(set(scores), reverse=True))
    hits = np.array([np.sum((scores >= t) & positive) for t in thresholds])
    sizes = np.array([np.sum(scores >= t) for t in thresholds])
    with np.errstate(invalid="ignore"):
        return hits / sizes, hits / np.sum(positive), thresholds
