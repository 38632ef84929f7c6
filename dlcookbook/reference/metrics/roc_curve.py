"""ROC curve: the share of alarms that are true against those that are false."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["roc_curve"]


def roc_curve(
    scores: ArrayLike, targets: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Rates of false and of true positives at every threshold.

    $fp / N$ and $tp / P$ of calling positive what scores at least the threshold. No
    point is left out; the area below is `roc_auc`.

    Parameters
    ----------
    scores : array-like, shape (...)
        Higher for what looks positive.
    targets : array-like, shape (...)
        1 for a positive, 0 for a negative.

    Returns
    -------
    tuple of ndarray, shape (K,)
        False positive rate, true positive rate and the thresholds, from the
        highest on: one for each distinct score, after infinity. A
        rate is NaN where its class is missing.

    Examples
    --------
    >>> false, true, thresholds = roc_curve([0.1, 0.6, 0.5, 0.9], [0, 0, 1, 1])
    >>> print(false, true, thresholds)
    [0.  0.  0.5 0.5 1. ] [0.  0.5 0.5 1.  1. ] [inf 0.9 0.6 0.5 0.1]

    References
    ----------
    Fawcett, "An Introduction to ROC Analysis", 2006.
    <https://doi.org/10.1016/j.patrec.2005.10.010>
    """
    scores, positive = np.ravel(scores), np.ravel(targets) == 1
    thresholds = np.array([np.inf, *sorted(set(scores), reverse=True)])
    with np.errstate(invalid="ignore"):
        false, true = (
            np.array([np.sum((scores >= t) & m) for t in thresholds]) / np.sum(m)
            for m in (~positive, positive)
        )
    return false, true, thresholds
