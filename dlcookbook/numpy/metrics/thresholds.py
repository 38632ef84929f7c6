"""Thresholds: where to cut a score, chosen by what a mistake costs."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["cost_threshold", "f_beta_threshold", "recall_at_precision"]


def f_beta_threshold(
    y_true: ArrayLike, y_score: ArrayLike, *, beta: float = 1.0
) -> tuple[float, float]:
    r"""Threshold of the highest F-beta.

    $F_\beta = (1 + \beta^2) tp / ((1 + \beta^2) tp + \beta^2 fn + fp)$: recall counts
    $\beta$ times as much as precision. Choose on data that is not the test.

    Parameters
    ----------
    y_true : array-like, shape (...)
        1 (or True) for a positive, 0 for a negative.
    y_score : array-like, shape (...)
        Higher for what looks positive: logits or probabilities, finite.
    beta : float
        Weight of the recall, > 0.

    Returns
    -------
    tuple of float
        Threshold and F-beta of calling positive what scores at least as high.
        Of equal results the highest threshold is taken.

    Raises
    ------
    ValueError
        If the shapes differ, there is no example, a target is neither 0 nor 1, a score
        is NaN or infinite, or `beta` is not > 0.

    Examples
    --------
    >>> f_beta_threshold([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9])
    (0.5, 0.8)

    References
    ----------
    van Rijsbergen, "Information Retrieval", 1979, chapter 7.
    <https://www.dcs.gla.ac.uk/Keith/Preface.html>
    """
    if not 0 < beta < np.inf:
        raise ValueError(f"beta must be > 0. Received: {beta}")
    thresholds, hits, alarms = _outcomes(y_true, y_score)
    # tp + fn is the number of positives
    value = (1 + beta**2) * hits / (hits + alarms + beta**2 * hits[-1])
    best = value.argmax()
    return float(thresholds[best]), float(value[best])


def cost_threshold(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    false_positive: float,
    false_negative: float,
) -> tuple[float, float]:
    r"""Threshold of the least cost.

    $(c_{fp}\, fp + c_{fn}\, fn) / n$. For calibrated probabilities it is
    $c_{fp} / (c_{fp} + c_{fn})$; this one needs no calibration.

    Parameters
    ----------
    y_true : array-like, shape (...)
        1 (or True) for a positive, 0 for a negative.
    y_score : array-like, shape (...)
        Higher for what looks positive: logits or probabilities, finite.
    false_positive : float
        Cost of a false alarm, >= 0.
    false_negative : float
        Cost of a positive that is missed, >= 0.

    Returns
    -------
    tuple of float
        Threshold and mean cost per example; infinity if it is cheapest to call nothing
        positive. Of equal results the highest threshold is taken.

    Raises
    ------
    ValueError
        If the shapes differ, there is no example, a target is neither 0 nor 1, a score
        is NaN or infinite, or a cost is not >= 0.

    Examples
    --------
    >>> cost_threshold(
    ...     [0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9], false_positive=1, false_negative=4
    ... )
    (0.5, 0.25)

    References
    ----------
    Elkan, "The Foundations of Cost-Sensitive Learning", 2001.
    <https://dl.acm.org/doi/10.5555/1642194.1642224>
    """
    for name, cost in (
        ("false_positive", false_positive),
        ("false_negative", false_negative),
    ):
        if not 0 <= cost < np.inf:
            raise ValueError(f"{name} must be >= 0. Received: {cost}")
    thresholds, hits, alarms = _outcomes(y_true, y_score)
    thresholds, hits, alarms = (
        np.append(first, x)
        for first, x in zip((np.inf, 0, 0), (thresholds, hits, alarms), strict=True)
    )
    cost = false_positive * alarms + false_negative * (hits[-1] - hits)
    best = cost.argmin()
    return float(thresholds[best]), float(cost[best] / np.size(y_true))


def recall_at_precision(
    y_true: ArrayLike, y_score: ArrayLike, *, min_precision: float
) -> tuple[float, float]:
    r"""Threshold of the highest recall whose precision is high enough.

    The most positives that can be found while of all that is called positive at least
    `min_precision` is.

    Parameters
    ----------
    y_true : array-like, shape (...)
        1 (or True) for a positive, 0 for a negative.
    y_score : array-like, shape (...)
        Higher for what looks positive: logits or probabilities, finite.
    min_precision : float
        Least precision, from 0 to 1.

    Returns
    -------
    tuple of float
        Threshold and recall; infinity and 0 where no threshold is precise enough, and
        recall NaN without positives. Of equal results the highest threshold is taken.

    Raises
    ------
    ValueError
        If the shapes differ, there is no example, a target is neither 0 nor 1, a score
        is NaN or infinite, or
        `min_precision` is outside [0, 1].

    Examples
    --------
    >>> recall_at_precision([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9], min_precision=0.9)
    (0.9, 0.5)

    References
    ----------
    Davis and Goadrich, "The Relationship Between Precision-Recall and ROC Curves",
    2006. <https://doi.org/10.1145/1143844.1143874>
    """
    if not 0 <= min_precision <= 1:
        raise ValueError(f"min_precision must be in [0, 1]. Received: {min_precision}")
    thresholds, hits, alarms = _outcomes(y_true, y_score)
    if not hits[-1]:
        return float("inf"), float("nan")
    fits = hits / (hits + alarms) >= min_precision
    recall = np.where(fits, hits, 0) / hits[-1]
    best = recall.argmax()
    return (float(thresholds[best]) if recall[best] else np.inf), float(recall[best])


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
