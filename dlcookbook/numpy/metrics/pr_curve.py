"""Precision-recall curve: how much is found, and how much of it is right."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["pr_curve"]


def pr_curve(
    y_true: ArrayLike, y_score: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Precision and recall at every threshold.

    $tp / (tp + fp)$ and $tp / P$ of calling positive what scores at least a threshold.
    No end point is made up: the steps below it are `average_precision`.

    Parameters
    ----------
    y_true : array-like, shape (...)
        1 (or True) for a positive, 0 for a negative.
    y_score : array-like, shape (...)
        Higher for what looks positive: logits or probabilities, finite.

    Returns
    -------
    tuple of ndarray, shape (K,)
        Precision, recall and the thresholds, from the
        highest on: one for each distinct score. Recall is NaN without positives.

    Examples
    --------
    >>> precision, recall, thresholds = pr_curve([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9])
    >>> print(precision.round(2), recall, thresholds)
    [1.   0.5  0.67 0.5 ] [0.5 0.5 1.  1. ] [0.9 0.6 0.5 0.1]

    References
    ----------
    Davis and Goadrich, "The Relationship Between Precision-Recall and ROC Curves",
    2006. <https://doi.org/10.1145/1143844.1143874>
    """
    thresholds, hits, alarms = _outcomes(y_true, y_score)
    with np.errstate(invalid="ignore"):
        return hits / (hits + alarms), hits / hits[-1], thresholds


def _outcomes(y_true, y_score) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thresholds from the highest on, true and false positives at each."""
    true, score = np.asarray(y_true), np.asarray(y_score)
    if true.shape != score.shape or not true.size:
        raise ValueError(
            "y_true and y_score must have one shape, and not be empty. "
            f"Received: {true.shape}, {score.shape}"
        )
    positive = np.ravel(true == 1)
    if not (positive | (np.ravel(true) == 0)).all():
        raise ValueError(
            f"y_true must be 0 or 1. Received: {true.min()} to {true.max()}"
        )
    score = score.ravel().astype(float)
    low, high = score.min(), score.max()
    if not -np.inf < low <= high < np.inf:
        raise ValueError(f"y_score must be finite. Received: {low} to {high}")
    # values sort far faster than their indices; equal scores are one threshold
    found, other = (np.sort(score[np.flatnonzero(m)]) for m in (positive, ~positive))
    every = np.sort(np.concatenate([found, other]))
    last = np.append(every[1:] != every[:-1], True)
    thresholds = every[last][::-1]
    hits = len(found) - found.searchsorted(thresholds)
    return thresholds, hits, len(other) - other.searchsorted(thresholds)
