"""ROC curve: the share of alarms that are true against those that are false."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["roc_curve"]


def roc_curve(
    y_true: ArrayLike, y_score: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Rates of false and of true positives at every threshold.

    $fp / N$ and $tp / P$ of calling positive what scores at least the threshold. No
    point is left out; the area below is `roc_auc`.

    Parameters
    ----------
    y_true : array-like, shape (...)
        1 (or True) for a positive, 0 for a negative.
    y_score : array-like, shape (...)
        Higher for what looks positive: logits or probabilities, finite.

    Returns
    -------
    tuple of ndarray, shape (K,)
        False positive rate, true positive rate and the thresholds, from the
        highest on: one for each distinct score, after infinity. A
        rate is NaN where its class is missing.

    Examples
    --------
    >>> false, true, thresholds = roc_curve([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9])
    >>> print(false, true, thresholds)
    [0.  0.  0.5 0.5 1. ] [0.  0.5 0.5 1.  1. ] [inf 0.9 0.6 0.5 0.1]

    References
    ----------
    Fawcett, "An Introduction to ROC Analysis", 2006.
    <https://doi.org/10.1016/j.patrec.2005.10.010>
    """
    thresholds, hits, alarms = _outcomes(y_true, y_score)
    with np.errstate(invalid="ignore"):
        false, true = (np.append(0, x) / x[-1] for x in (alarms, hits))
    return false, true, np.append(np.inf, thresholds)


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
