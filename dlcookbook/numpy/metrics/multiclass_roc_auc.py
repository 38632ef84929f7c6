"""Multi-class ROC-AUC: one against the rest, or one against one."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["roc_auc_ovo", "roc_auc_ovr"]


def roc_auc_ovr(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    average: str = "macro",
    absent: str = "nan",
) -> float:
    r"""Mean AUC of each class against all others.

    The score of class $c$ has to be higher for class $c$ than for the rest. "weighted"
    by frequency prefers frequent classes.

    Parameters
    ----------
    y_true : array-like of int, shape (N,)
        Classes, from 0 to C - 1.
    y_score : array-like, shape (N, C)
        Score of each class: logits or probabilities, finite.
    average : {"macro", "weighted"}
        Every class counts alike, or as much as it has examples.
    absent : {"nan", "skip", "raise"}
        What a class without examples does to the mean: it makes it NaN, is left out,
        or raises ValueError.

    Returns
    -------
    float
        From 0 to 1. NaN where nothing can be compared, or by `absent`.

    Raises
    ------
    ValueError
        If `average` is none of the above, or a class is missing and `absent` is
        "raise", or what goes in is refused: shapes, classes out of range, NaN.

    Examples
    --------
    >>> scores = [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.4, 0.1, 0.5], [0.3, 0.4, 0.3]]
    >>> round(roc_auc_ovr([0, 1, 2, 2], scores), 4)
    0.9583

    References
    ----------
    Hand and Till, "A Simple Generalisation of the Area Under the ROC Curve for Multiple
    Class Classification Problems", 2001. <https://doi.org/10.1023/A:1010920819831>
    """
    if average not in ("macro", "weighted"):
        raise ValueError(f"average must be 'macro' or 'weighted'. Received: {average}")
    true, score = _checked(y_true, y_score, absent)
    areas = [_area(x[true == c], x[true != c]) for c, x in enumerate(score.T)]
    return _mean(areas, np.bincount(true, minlength=len(areas)), average, absent)


def roc_auc_ovo(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    average: str = "macro",
    absent: str = "nan",
) -> float:
    r"""Mean AUC of each pair of classes, among the examples of the two.

    $\frac12 (A(j | k) + A(k | j))$ averaged over pairs, which no frequency can change.

    Parameters
    ----------
    y_true : array-like of int, shape (N,)
        Classes, from 0 to C - 1.
    y_score : array-like, shape (N, C)
        Score of each class: logits or probabilities, finite.
    average : {"macro", "weighted"}
        Every pair counts alike, or as much as it has examples.
    absent : {"nan", "skip", "raise"}
        What a class without examples does to the mean: it makes it NaN, is left out,
        or raises ValueError.

    Returns
    -------
    float
        From 0 to 1. NaN where nothing can be compared, or by `absent`.

    Raises
    ------
    ValueError
        If `average` is none of the above, or a class is missing and `absent` is
        "raise", or what goes in is refused: shapes, classes out of range, NaN.

    Examples
    --------
    >>> scores = [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.4, 0.1, 0.5], [0.3, 0.4, 0.3]]
    >>> round(roc_auc_ovo([0, 1, 2, 2], scores), 4)
    0.9583

    References
    ----------
    Hand and Till, "A Simple Generalisation of the Area Under the ROC Curve for Multiple
    Class Classification Problems", 2001. <https://doi.org/10.1023/A:1010920819831>
    """
    if average not in ("macro", "weighted"):
        raise ValueError(f"average must be 'macro' or 'weighted'. Received: {average}")
    true, score = _checked(y_true, y_score, absent)
    counts, areas, sizes = np.bincount(true, minlength=score.shape[1]), [], []
    for j in range(len(counts)):
        for k in range(j):
            one, other = score[true == j], score[true == k]
            pair = _area(one[:, j], other[:, j]), _area(other[:, k], one[:, k])
            areas.append(sum(pair) / 2)
            sizes.append(counts[j] + counts[k])
    return _mean(areas, np.array(sizes), average, absent)


def _area(positive: np.ndarray, negative: np.ndarray) -> float:
    pairs = len(positive) * len(negative)
    few, many = sorted((np.sort(positive), np.sort(negative)), key=len)
    below = sum(int(many.searchsorted(few, s).sum()) for s in ("left", "right")) / 2
    won = below if len(positive) <= len(negative) else pairs - below
    return won / pairs if pairs else float("nan")


def _mean(areas: list[float], sizes: np.ndarray, average: str, absent: str) -> float:
    area, weight = (
        np.array(areas),
        sizes if average == "weighted" else np.ones(len(areas)),
    )
    keep = np.isfinite(area) if absent == "skip" else np.full(len(area), True)
    total = weight[keep].sum()
    return float(area[keep] @ weight[keep] / total) if total else float("nan")


def _checked(y_true, y_score, absent: str) -> tuple[np.ndarray, np.ndarray]:
    true, score = np.asarray(y_true), np.asarray(y_score)
    if true.ndim != 1 or score.ndim != 2 or len(true) != len(score) or not len(true):
        raise ValueError(
            "y_true must have shape (N,), y_score (N, C), and not be empty. "
            f"Received: {true.shape}, {score.shape}"
        )
    if absent not in ("nan", "skip", "raise"):
        raise ValueError(f"absent must be 'nan', 'skip' or 'raise'. Received: {absent}")
    classes = score.shape[1]
    if true.dtype.kind not in "iub" or not 0 <= true.min() <= true.max() < classes:
        raise ValueError(
            f"y_true must be integers in [0, {classes}). "
            f"Received: {true.min()} to {true.max()}"
        )
    score = score if score.dtype.kind == "f" else score.astype(float)
    if not -np.inf < score.min() <= score.max() < np.inf:
        raise ValueError(
            f"y_score must be finite. Received: {score.min()} to {score.max()}"
        )
    missing = np.flatnonzero(np.bincount(true, minlength=classes) == 0)
    if absent == "raise" and len(missing):
        raise ValueError(f"y_true must hold every class. Received: none of {missing}")
    return true, score
