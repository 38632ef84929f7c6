"""Calibration error of every class, or with bins of equal mass."""

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["adaptive_calibration_error", "classwise_calibration_error"]


def classwise_calibration_error(
    probabilities: ArrayLike, targets: ArrayLike, *, num_bins: int = 15
) -> float:
    r"""Mean calibration error of the probabilities of each class, bin after bin.

    Gap between the frequency of a class and its mean probability, weighted by how many
    examples a bin $(k/B, (k+1)/B]$ holds.

    Parameters
    ----------
    probabilities : array-like, shape (N, C)
        Probability of each class.
    targets : array-like of int, shape (N,)
        Classes, from 0 to C - 1.
    num_bins : int
        Number of bins between 0 and 1.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> prob = [[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]]
    >>> round(classwise_calibration_error(prob, [0, 1, 1], num_bins=2), 4)
    0.2667

    References
    ----------
    Kull et al., "Beyond Temperature Scaling: Obtaining Well-Calibrated Multi-Class
    Probabilities with Dirichlet Calibration", 2019. <https://arxiv.org/abs/1910.12656>
    """
    prob, true, errors = np.asarray(probabilities, float), np.asarray(targets), []
    for c in range(prob.shape[1]):
        error = 0.0
        for k in range(num_bins):
            low, high = k / num_bins, (k + 1) / num_bins
            inside = (low < prob[:, c]) & (prob[:, c] <= high)
            inside |= (prob[:, c] == 0) & (k == 0)
            if inside.any():
                gap = np.mean(true[inside] == c) - np.mean(prob[inside, c])
                error += abs(gap) * np.mean(inside)
        errors.append(error)
    return float(np.mean(errors))


def adaptive_calibration_error(
    probabilities: ArrayLike, targets: ArrayLike, *, num_bins: int = 15
) -> float:
    r"""Calibration error over bins that hold equally many examples.

    An example belongs to the first bin whose last confidence is not below its own.

    Parameters
    ----------
    probabilities : array-like, shape (N, C)
        Probability of each class.
    targets : array-like of int, shape (N,)
        Classes, from 0 to C - 1.
    num_bins : int
        Number of bins.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> prob = [[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]]
    >>> round(adaptive_calibration_error(prob, [0, 1, 1], num_bins=2), 4)
    0.1333

    References
    ----------
    Nixon et al., "Measuring Calibration in Deep Learning", 2019.
    <https://arxiv.org/abs/1904.01685>
    """
    prob, size = np.asarray(probabilities, float), len(np.asarray(targets))
    sure = sorted(max(row) for row in prob)
    lasts = [sure[math.ceil(b * size / num_bins) - 1] for b in range(1, num_bins + 1)]
    bins: list[list[float]] = [[] for _ in lasts]
    for row, true in zip(prob, np.asarray(targets), strict=True):
        place = next(b for b, last in enumerate(lasts) if max(row) <= last)
        bins[place].append(max(row) - (list(row).index(max(row)) == true))
    return float(sum(abs(sum(gaps)) for gaps in bins) / size)
