"""Brier score: the mean squared distance of probabilities from the truth."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["brier"]


def brier(
    probabilities: ArrayLike,
    targets: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Brier score, one example after another.

    $\frac1n \sum_i (p_i - y_i)^2$ for probabilities of class 1; for C classes the sum
    $\frac1n \sum_i \sum_k (p_{ik} - [y_i = k])^2$, twice as much when C is 2.

    Parameters
    ----------
    probabilities : array-like, shape (N,) or (N, C)
        Probability of class 1, or of each class. Not logits.
    targets : array-like, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    sample_weight : array-like, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to 1, or to 2 for several classes.

    Examples
    --------
    >>> round(brier([0.25, 0.5, 1.0], [0, 1, 1]), 4)
    0.1042

    References
    ----------
    Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.
    <https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2>
    """
    targets = np.asarray(targets)
    weights = (
        np.ones(len(targets)) if sample_weight is None else np.asarray(sample_weight)
    )
    total = 0.0
    for row, true, weight in zip(
        np.asarray(probabilities, float), targets, weights, strict=True
    ):
        truth = np.zeros(row.shape)
        truth[true if row.ndim else ()] = 1 if row.ndim else true
        total += weight * ((row - truth) ** 2).sum()
    return float(total / np.sum(weights))
