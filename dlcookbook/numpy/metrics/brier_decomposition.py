"""Brier decomposition: reliability, resolution and uncertainty of a forecast."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["brier_decomposition"]


def brier_decomposition(
    y_true: ArrayLike, y_prob: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> dict[str, float]:
    r"""Split a binary Brier score into three parts that add up to it.

    $\mathrm{Brier} = \frac1n \sum_k n_k (p_k - \bar y_k)^2 - \frac1n \sum_k n_k
    (\bar y_k - \bar y)^2 + \bar y (1 - \bar y)$ over the distinct probabilities $p_k$.
    The first is what calibration can mend. Round the probabilities before: if no two
    are the same, each is a group of its own.

    Parameters
    ----------
    y_true : array-like, shape (N,)
        0 or 1.
    y_prob : array-like, shape (N,)
        Probability of class 1. Not logits.
    sample_weight : array-like, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of float
        "reliability" (0 is best), "resolution" (high is good), "uncertainty" (of the
        targets alone), and their "brier": the first minus the second plus the third.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 0 nor 1, a probability is outside
        [0, 1] or NaN, a weight is negative or not finite, or nothing has weight.

    Examples
    --------
    >>> parts = brier_decomposition([0, 1, 1, 1], [0.25, 0.25, 0.75, 0.75])
    >>> print(*(f"{name} {value:.4f}" for name, value in parts.items()), sep="\n")
    reliability 0.0625
    resolution 0.0625
    uncertainty 0.1875
    brier 0.1875

    References
    ----------
    Murphy, "A New Vector Partition of the Probability Score", 1973.
    <https://doi.org/10.1175/1520-0450(1973)012%3C0595:ANVPOT%3E2.0.CO;2>
    """
    true, prob = np.asarray(y_true), np.asarray(y_prob).astype(float)
    weight = np.ones(true.shape) if sample_weight is None else np.asarray(sample_weight)
    if true.ndim != 1 or not true.shape == prob.shape == weight.shape:
        raise ValueError(
            "y_true, y_prob and sample_weight must have one shape, (N,). "
            f"Received: {true.shape}, {prob.shape}, {weight.shape}"
        )
    if not ((true == 0) | (true == 1)).all():
        raise ValueError(
            f"y_true must be 0 or 1. Received: {true.min()} to {true.max()}"
        )
    if not ((prob >= 0) & (prob <= 1)).all():
        raise ValueError(
            f"y_prob must be in [0, 1]. Received: {prob.min()} to {prob.max()}"
        )
    if not (((weight >= 0) & (weight < np.inf)).all() and weight.any()):
        raise ValueError(
            "sample_weight must be finite and >= 0, not all 0. "
            f"Received: {weight.min()} to {weight.max()}"
        )
    distinct, group = np.unique(prob, return_inverse=True)
    share = np.bincount(group, weight) / weight.sum()
    rate = np.bincount(group, weight * true) / weight.sum()
    rate /= np.where(share > 0, share, 1)
    base = share @ rate
    reliability = float(share @ (distinct - rate) ** 2)
    resolution = float(share @ (rate - base) ** 2)
    uncertainty = float(base * (1 - base))
    return {
        "reliability": reliability,
        "resolution": resolution,
        "uncertainty": uncertainty,
        "brier": reliability - resolution + uncertainty,
    }
