"""Calibration error of every class, or with bins of equal mass."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["adaptive_calibration_error", "classwise_calibration_error"]


def classwise_calibration_error(
    y_true: ArrayLike, y_prob: ArrayLike, *, num_bins: int = 15
) -> float:
    r"""Mean calibration error of the probabilities of each class.

    $\frac1C \sum_c \sum_b \frac{n_{bc}}{n} |\mathrm{freq}_{bc} - \mathrm{conf}_{bc}|$
    over bins of equal width that have their right edge. It sees what the error of the
    predicted class alone hides.

    Parameters
    ----------
    y_true : array-like of int, shape (N,)
        Classes, from 0 to C - 1.
    y_prob : array-like, shape (N, C)
        Probability of each class. Not logits.
    num_bins : int
        Number of bins between 0 and 1.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If `num_bins` is less than 1, the shapes do not fit, there is no example, a
        target is no class, or a probability is outside [0, 1] or NaN.

    Examples
    --------
    >>> prob = [[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]]
    >>> round(classwise_calibration_error([0, 1, 1], prob, num_bins=2), 4)
    0.2667

    References
    ----------
    Kull et al., "Beyond Temperature Scaling: Obtaining Well-Calibrated Multi-Class
    Probabilities with Dirichlet Calibration", 2019. <https://arxiv.org/abs/1910.12656>
    """
    if num_bins < 1:
        raise ValueError(f"num_bins must be >= 1. Received: {num_bins}")
    true, prob = _checked(y_true, y_prob)
    edges = np.arange(1, num_bins) / num_bins
    gaps = [
        np.bincount(edges.searchsorted(p), p - (true == c), num_bins)
        for c, p in enumerate(prob.T)
    ]
    return float(np.abs(gaps).sum() / prob.size)


def adaptive_calibration_error(
    y_true: ArrayLike, y_prob: ArrayLike, *, num_bins: int = 15
) -> float:
    r"""Calibration error over bins that hold equally many examples.

    $\sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|$; bin $b$ ends with the
    $\lceil b n / B \rceil$-th confidence; equal confidences stay together. Crowded
    confidences get narrow bins.

    Parameters
    ----------
    y_true : array-like of int, shape (N,)
        Classes, from 0 to C - 1.
    y_prob : array-like, shape (N, C)
        Probability of each class; that of the predicted one is compared with how often
        it is right. Not logits.
    num_bins : int
        Number of bins $B$; ties may leave some empty.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If `num_bins` is less than 1, the shapes do not fit, there is no example, a
        target is no class, or a probability is outside [0, 1] or NaN.

    Examples
    --------
    >>> prob = [[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]]
    >>> round(adaptive_calibration_error([0, 1, 1], prob, num_bins=2), 4)
    0.1333

    References
    ----------
    Nixon et al., "Measuring Calibration in Deep Learning", 2019.
    <https://arxiv.org/abs/1904.01685>
    """
    if num_bins < 1:
        raise ValueError(f"num_bins must be >= 1. Received: {num_bins}")
    true, prob = _checked(y_true, y_prob)
    right, sure = prob.argmax(axis=1) == true, prob.max(axis=1)
    ends = -(-np.arange(1, num_bins) * len(sure) // num_bins)
    edges = np.sort(sure)[np.maximum(ends - 1, 0)]
    gaps = np.bincount(edges.searchsorted(sure), sure - right, num_bins)
    return float(np.abs(gaps).sum() / len(sure))


def _checked(y_true, y_prob) -> tuple[np.ndarray, np.ndarray]:
    true, prob = np.asarray(y_true), np.asarray(y_prob).astype(float)
    if true.ndim != 1 or prob.ndim != 2 or len(true) != len(prob) or not len(true):
        raise ValueError(
            "y_true must have shape (N,), y_prob (N, C), and not be empty. "
            f"Received: {true.shape}, {prob.shape}"
        )
    if not np.isin(true, np.arange(prob.shape[1])).all():
        raise ValueError(
            f"y_true must be integers in [0, {prob.shape[1]}). "
            f"Received: {true.min()} to {true.max()}"
        )
    if not ((prob >= 0) & (prob <= 1)).all():
        raise ValueError(
            f"y_prob must be in [0, 1]. Received: {prob.min()} to {prob.max()}"
        )
    return true, prob
