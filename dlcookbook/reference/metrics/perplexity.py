"""Perplexity: among how many equally likely tokens a language model hesitates."""

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["perplexity"]


def perplexity(
    logits: ArrayLike,
    targets: ArrayLike,
    *,
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Perplexity, one token after another.

    The geometric mean of $1 / p(y)$: $\exp(-\operatorname{mean} \ln p(y))$.

    Parameters
    ----------
    logits : array-like, shape (..., tokens of the vocabulary)
        Logits of each position.
    targets : array-like of int, shape (...)
        The token that came next, or `ignore_index`.
    ignore_index : int, optional
        Target to leave out.
    sample_weight : array-like, shape of the first axes of `targets`, optional
        What a text or a token counts.

    Returns
    -------
    float
        From 1.

    Examples
    --------
    >>> round(perplexity([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [0, 1]), 6)
    3.0

    References
    ----------
    Jelinek et al., "Perplexity: a measure of the difficulty of speech recognition
    tasks", 1977. <https://doi.org/10.1121/1.2016299>
    """
    logits, targets = np.asarray(logits, float), np.asarray(targets)
    weights = np.ones(()) if sample_weight is None else np.asarray(sample_weight)
    losses, total = [], 0.0
    for i in np.ndindex(targets.shape):
        if targets[i] != ignore_index:
            own, weight = logits[i][targets[i]], float(weights[i[: weights.ndim]])
            # 1 / p as the sum of what the others have over the own one
            odds = math.fsum(math.exp(x - own) for x in logits[i])
            losses.append(weight * math.log(odds))
            total += weight
    return math.exp(math.fsum(losses) / total)
