"""Calibration: maps from scores to probabilities that hold, by three methods."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["fit_isotonic", "fit_platt", "fit_temperature"]


def fit_temperature(y_logit: ArrayLike, y_true: ArrayLike) -> float:
    r"""Temperature of the least log loss, by halving an interval.

    The slope of the loss in $1/T$ is the mean of $E_p[z] - z_y$, and it grows.

    Parameters
    ----------
    y_logit : array-like, shape (N,) or (N, C)
        Logit of class 1, or of each class.
    y_true : array-like of int, shape (N,)
        0 or 1, or classes from 0 to C - 1.

    Returns
    -------
    float
        The temperature.

    Examples
    --------
    >>> round(fit_temperature([4.0, 4.0, 4.0, 4.0], [1, 1, 1, 0]), 4)
    3.641

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", 2017.
    <https://arxiv.org/abs/1706.04599>
    """
    low, high = 1e-6, 1e6
    for _ in range(200):
        inverse, slope = (low * high) ** 0.5, 0.0
        for row, true in zip(np.asarray(y_logit), np.asarray(y_true), strict=True):
            z = np.asarray(row if row.ndim else [0.0, row], float)
            p = np.exp(inverse * z - np.logaddexp.reduce(inverse * z))
            slope += p @ z - z[int(true)]
        low, high = (inverse, high) if slope < 0 else (low, inverse)
    return float(1 / inverse)


def fit_platt(y_score: ArrayLike, y_true: ArrayLike) -> tuple[float, float]:
    r"""Slope and intercept of Platt's sigmoid, by repeated weighted least squares.

    $p = \sigma(a s + b)$ against $(N_+ + 1) / (N_+ + 2)$ and $1 / (N_- + 2)$.

    Parameters
    ----------
    y_score : array-like, shape (N,)
        Higher for what looks positive.
    y_true : array-like, shape (N,)
        1 for a positive, 0 for a negative.

    Returns
    -------
    tuple of float
        `a` and `b`.

    Examples
    --------
    >>> a, b = fit_platt([-2.0, 0.5, 0.0, 3.0], [0, 0, 1, 1])
    >>> round(a, 4), round(b, 4)
    (0.3811, -0.1378)

    References
    ----------
    Lin, Lin and Weng, "A Note on Platt's Probabilistic Outputs for Support Vector
    Machines", 2007. <https://doi.org/10.1007/s10994-007-5018-6>
    """
    true, score = np.asarray(y_true), np.asarray(y_score, float)
    positives = np.sum(true)
    negatives = len(true) - positives
    target = np.where(true, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    a = b = 0.0
    for _ in range(100):
        p = 1 / (1 + np.exp(-(a * score + b)))
        root = np.sqrt(p * (1 - p))
        wanted = a * score + b + (target - p) / root**2
        design = np.stack([score, np.ones(len(score))], axis=1)
        a, b = np.linalg.lstsq(design * root[:, None], wanted * root, rcond=None)[0]
    return float(a), float(b)


def fit_isotonic(
    y_score: ArrayLike, y_true: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray]:
    r"""Probabilities that never fall, by the formula of maxima of minima.

    $f_i = \max_{j \le i} \min_{k \ge i}$ of the mean of $y_j \dots y_k$.

    Parameters
    ----------
    y_score : array-like, shape (N,)
        Scores; equal ones get one value.
    y_true : array-like, shape (N,)
        0 or 1, or any target.
    sample_weight : array-like, shape (N,), optional
        What an example counts.

    Returns
    -------
    tuple of ndarray, shape (K,)
        The distinct scores in order, and their values.

    Examples
    --------
    >>> scores, values = fit_isotonic([0.1, 0.4, 0.6, 0.9], [0, 1, 0, 1])
    >>> print(scores, values)
    [0.1 0.4 0.6 0.9] [0.  0.5 0.5 1. ]

    References
    ----------
    Barlow and Brunk, "The Isotonic Regression Problem and Its Dual", 1972.
    <https://doi.org/10.1080/01621459.1972.10481216>
    """
    true, score = np.asarray(y_true, float), np.asarray(y_score, float)
    weight = np.ones(len(true)) if sample_weight is None else np.asarray(sample_weight)
    distinct = np.array(sorted(set(score[weight > 0])))
    w = np.array([weight[score == s].sum() for s in distinct])
    y = np.array([(weight * true)[score == s].sum() for s in distinct])
    size = len(distinct)
    mean = [
        [y[j : k + 1].sum() / w[j : k + 1].sum() if k >= j else 0 for k in range(size)]
        for j in range(size)
    ]
    values = [
        max(min(mean[j][k] for k in range(i, size)) for j in range(i + 1))
        for i in range(size)
    ]
    return distinct, np.array(values)
