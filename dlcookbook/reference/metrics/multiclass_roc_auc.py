"""Multi-class ROC-AUC: one against the rest, or one against one."""

import itertools

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["roc_auc_ovo", "roc_auc_ovr"]


def roc_auc_ovr(
    scores: ArrayLike,
    targets: ArrayLike,
    *,
    average: str = "macro",
    absent: str = "nan",
) -> float:
    r"""Mean AUC of each class against all others.

    The score of class $c$ has to be higher for class $c$ than for the rest. "weighted"
    by frequency prefers frequent classes.

    Parameters
    ----------
    scores : array-like, shape (N, C)
        Score of each class.
    targets : array-like of int, shape (N,)
        Classes, from 0 to C - 1.
    average : {"macro", "weighted"}
        Every class counts alike, or as much as it has examples.
    absent : {"nan", "skip", "raise"}
        What a class without examples does to the mean: it makes it NaN, is left out,
        or raises ValueError.

    Returns
    -------
    float
        From 0 to 1. NaN where nothing can be compared, or by `absent`.

    Examples
    --------
    >>> scores = [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.4, 0.1, 0.5], [0.3, 0.4, 0.3]]
    >>> round(roc_auc_ovr(scores, [0, 1, 2, 2]), 4)
    0.9583

    References
    ----------
    Hand and Till, "A Simple Generalisation of the Area Under the ROC Curve for Multiple
    Class Classification Problems", 2001. <https://doi.org/10.1023/A:1010920819831>
    """
    scores, targets, total, size = np.asarray(scores), np.asarray(targets), 0.0, 0
    for c in range(scores.shape[1]):
        rest = [k for k in range(scores.shape[1]) if k != c]
        weight = np.sum(targets == c) if average == "weighted" else 1
        area = _area(scores, targets, c, rest)
        if not (absent == "skip" and np.isnan(area)):
            total, size = total + area * weight, size + weight
    return float(total / size)


def roc_auc_ovo(
    scores: ArrayLike,
    targets: ArrayLike,
    *,
    average: str = "macro",
    absent: str = "nan",
) -> float:
    r"""Mean AUC of each pair of classes, among the examples of the two.

    $\frac12 (A(j | k) + A(k | j))$ averaged over pairs, which no frequency can change.

    Parameters
    ----------
    scores : array-like, shape (N, C)
        Score of each class.
    targets : array-like of int, shape (N,)
        Classes, from 0 to C - 1.
    average : {"macro", "weighted"}
        Every pair counts alike, or as much as it has examples.
    absent : {"nan", "skip", "raise"}
        What a class without examples does to the mean: it makes it NaN, is left out,
        or raises ValueError.

    Returns
    -------
    float
        From 0 to 1. NaN where nothing can be compared, or by `absent`.

    Examples
    --------
    >>> scores = [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.4, 0.1, 0.5], [0.3, 0.4, 0.3]]
    >>> round(roc_auc_ovo(scores, [0, 1, 2, 2]), 4)
    0.9583

    References
    ----------
    Hand and Till, "A Simple Generalisation of the Area Under the ROC Curve for Multiple
    Class Classification Problems", 2001. <https://doi.org/10.1023/A:1010920819831>
    """
    scores, targets, total, size = np.asarray(scores), np.asarray(targets), 0.0, 0
    for j, k in itertools.combinations(range(scores.shape[1]), 2):
        both = np.sum((targets == j) | (targets == k))
        weight = both if average == "weighted" else 1
        area = _area(scores, targets, j, [k]) + _area(scores, targets, k, [j])
        if not (absent == "skip" and np.isnan(area)):
            total, size = total + area / 2 * weight, size + weight
    return float(total / size)


def _area(scores, targets, one, rest):
    won = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a in scores[targets == one, one]
        for b in scores[np.isin(targets, rest), one]
    ]
    return np.mean(won) if won else np.nan
