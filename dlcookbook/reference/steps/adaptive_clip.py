"""Adaptive clipping: a unit's gradient may be so large, relative to its weights."""

import numpy as np

__all__ = ["adaptive_clip"]


def adaptive_clip(
    gradient: np.ndarray,
    weight: np.ndarray,
    *,
    clipping: float = 0.01,
    eps: float = 1e-3,
) -> np.ndarray:
    r"""$g_i \lambda \max(\|w_i\|, \epsilon) / \|g_i\|$ where shorter than $g_i$.

    Parameters
    ----------
    gradient : ndarray, shape (units, ...) or (n,) or ()
        Slope of the loss. A vector is one unit.
    weight : ndarray, of the same shape
        The weights.
    clipping : float > 0
        $\lambda$, the largest share.
    eps : float > 0
        Length that a unit has at least.

    Returns
    -------
    ndarray, of the same shape
        The gradient, clipped.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> adaptive_clip(np.array([[0.0, 10.0]]), np.array([[3.0, 4.0]]), clipping=0.1)
    array([[0. , 0.5]])

    References
    ----------
    Brock et al., "High-Performance Large-Scale Image Recognition Without
    Normalization", 2021, eq. 3. <https://arxiv.org/abs/2102.06171>
    """
    if gradient.shape != weight.shape:
        raise ValueError(
            f"gradient must have the weight's shape. Received: {gradient.shape}"
        )
    if gradient.ndim > 1:
        rows = [
            adaptive_clip(g.ravel(), w.ravel(), clipping=clipping, eps=eps)
            for g, w in zip(gradient, weight, strict=True)
        ]
        return np.stack(rows).reshape(gradient.shape)
    length = np.sqrt(np.sum(gradient**2))
    if not np.isfinite(length):
        return np.full_like(gradient, np.nan)
    longest = clipping * max(np.sqrt(np.sum(weight**2)), eps)
    return gradient * (longest / length) if length > longest else gradient.copy()
