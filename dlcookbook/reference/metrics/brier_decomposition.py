"""Brier decomposition: reliability, resolution and uncertainty of a forecast."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["brier_decomposition"]


def brier_decomposition(
    probabilities: ArrayLike,
    targets: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
) -> dict[str, float]:
    r"""Three parts of a binary Brier score, group after group.

    "brier" is not their sum here, but the mean of $(p_i - y_i)^2$: that both are one
    number is Murphy's theorem.

    Parameters
    ----------
    probabilities : array-like, shape (N,)
        Probability of class 1.
    targets : array-like, shape (N,)
        0 or 1.
    sample_weight : array-like, shape (N,), optional
        What an example counts.

    Returns
    -------
    dict of float
        "reliability", "resolution", "uncertainty" and "brier".

    Examples
    --------
    >>> parts = brier_decomposition([0.25, 0.25, 0.75, 0.75], [0, 1, 1, 1])
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
    prob, true = np.asarray(probabilities, float), np.asarray(targets)
    weight = np.ones(len(true)) if sample_weight is None else np.asarray(sample_weight)
    base, size = np.average(true, weights=weight), weight.sum()
    reliability = resolution = 0.0
    for p in set(prob[weight > 0]):
        rate = np.average(true[prob == p], weights=weight[prob == p])
        share = weight[prob == p].sum() / size
        reliability += share * (p - rate) ** 2
        resolution += share * (rate - base) ** 2
    return {
        "reliability": float(reliability),
        "resolution": float(resolution),
        "uncertainty": float(base * (1 - base)),
        "brier": float(np.average((prob - true) ** 2, weights=weight)),
    }
