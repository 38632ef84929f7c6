"""Thresholds: where to cut a score, chosen by what a mistake costs."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["cost_threshold", "f_beta_threshold", "recall_at_precision"]


def f_beta_threshold(
    scores: ArrayLike, targets: ArrayLike, *, beta: float = 1.0
) -> tuple[float, float]:
    r"""Threshold of the highest F-beta.

    $F_\beta = (1 + \beta^2) tp / ((1 + \beta^2) tp + \beta^2 fn + fp)$: recall counts
    $\beta$ times as much as precision. Choose on data that is not the test.

    Parameters
    ----------
    scores : array-like, shape (...)
        Higher for what looks positive.
    targets : array-like, shape (...)
        1 for a positive, 0 for a negative.
    beta : float
        Weight of the recall, > 0.

    Returns
    -------
    tuple of float
        Threshold and F-beta of calling positive what scores at least as high.
        Of equal results the highest threshold is taken.

    Examples
    --------
    >>> f_beta_threshold([0.1, 0.6, 0.5, 0.9], [0, 0, 1, 1])
    (0.5, 0.8)

    References
    ----------
    van Rijsbergen, "Information Retrieval", 1979, chapter 7.
    <https://www.dcs.gla.ac.uk/Keith/Preface.html>
    """
    best = (np.nan, -1.0)
    positives = np.sum(np.ravel(targets) == 1)
    for threshold in sorted(set(np.ravel(scores)), reverse=True):
        hits, alarms = _count(scores, targets, threshold)
        value = (1 + beta**2) * hits
        value = value / (value + beta**2 * (positives - hits) + alarms)
        if value > best[1]:
            best = float(threshold), float(value)
    return best


def cost_threshold(
    scores: ArrayLike,
    targets: ArrayLike,
    *,
    false_positive: float,
    false_negative: float,
) -> tuple[float, float]:
    r"""Threshold of the least cost.

    $(c_{fp}\, fp + c_{fn}\, fn) / n$. For calibrated probabilities it is
    $c_{fp} / (c_{fp} + c_{fn})$; this one needs no calibration.

    Parameters
    ----------
    scores : array-like, shape (...)
        Higher for what looks positive.
    targets : array-like, shape (...)
        1 for a positive, 0 for a negative.
    false_positive : float
        Cost of a false alarm, >= 0.
    false_negative : float
        Cost of a positive that is missed, >= 0.

    Returns
    -------
    tuple of float
        Threshold and mean cost per example; infinity if it is cheapest to call nothing
        positive. Of equal results the highest threshold is taken.

    Examples
    --------
    >>> cost_threshold(
    ...     [0.1, 0.6, 0.5, 0.9], [0, 0, 1, 1], false_positive=1, false_negative=4
    ... )
    (0.5, 0.25)

    References
    ----------
    Elkan, "The Foundations of Cost-Sensitive Learning", 2001.
    <https://dl.acm.org/doi/10.5555/1642194.1642224>
    """
    best = (np.nan, np.inf)
    positives, size = np.sum(np.ravel(targets) == 1), np.size(targets)
    for threshold in [np.inf, *sorted(set(np.ravel(scores)), reverse=True)]:
        hits, alarms = _count(scores, targets, threshold)
        cost = (false_positive * alarms + false_negative * (positives - hits)) / size
        if cost < best[1]:
            best = float(threshold), float(cost)
    return best


def recall_at_precision(
    scores: ArrayLike, targets: ArrayLike, *, min_precision: float
) -> tuple[float, float]:
    r"""Threshold of the highest recall whose precision is high enough.

    The most positives that can be found while of all that is called positive at least
    `min_precision` is.

    Parameters
    ----------
    scores : array-like, shape (...)
        Higher for what looks positive.
    targets : array-like, shape (...)
        1 for a positive, 0 for a negative.
    min_precision : float
        Least precision, from 0 to 1.

    Returns
    -------
    tuple of float
        Threshold and recall; infinity and 0 where no threshold is precise enough, and
        recall NaN without positives. Of equal results the highest threshold is taken.

    Examples
    --------
    >>> recall_at_precision([0.1, 0.6, 0.5, 0.9], [0, 0, 1, 1], min_precision=0.9)
    (0.9, 0.5)

    References
    ----------
    Davis and Goadrich, "The Relationship Between Precision-Recall and ROC Curves",
    2006. <https://doi.org/10.1145/1143844.1143874>
    """
    best = (np.inf, 0.0)
    positives = np.sum(np.ravel(targets) == 1)
    for threshold in sorted(set(np.ravel(scores)), reverse=True):
        hits, alarms = _count(scores, targets, threshold)
        if hits / (hits + alarms) >= min_precision and hits / positives > best[1]:
            best = float(threshold), float(hits / positives)
    return best


def _count(scores, targets, threshold):
    taken, positive = np.ravel(scores) >= threshold, np.ravel(targets) == 1
    return np.sum(taken & positive), np.sum(taken & ~positive)
