"""Transformer block, pre-norm: attention, then an MLP, each added to what came in."""

import math

import numpy as np

__all__ = ["transformer_block"]


def transformer_block(x, weights, *, heads, keep=None, causal=False, eps=1e-5):
    r"""Let tokens exchange what they know, then change each by itself.

    $y = x + \mathrm{attention}(\mathrm{norm}_1(x))$, then
    $y + W_d\,\mathrm{GELU}(W_u\,\mathrm{norm}_2(y))$. With $W_o = W_d = 0$ it changes
    nothing.

    Parameters
    ----------
    x : ndarray, shape (N, T, dim)
        Tokens.
    weights : dict of ndarray, of these shapes
        `weight` and `bias` of `norm1`, `query`, `key`, `value`, `out`, `norm2`, `up`
        and `down`, called like `norm1.weight`.
    heads : int
        Number of attention heads; divides `dim`.
    keep : ndarray of bool, shape (N, T), (N, T, T) or (N, heads or 1, T, T), optional
        True where a token may look at another.
    causal : bool
        Token t may look at tokens 0 to t.
    eps : float
        Added to the variance in both norms.

    Returns
    -------
    ndarray, shape (N, T, dim)
        Tokens after the block, float64.

    Examples
    --------
    >>> parts = ("norm1", "query", "key", "value", "out", "norm2", "up", "down")
    >>> names = [f"{part}.{kind}" for part in parts for kind in ("weight", "bias")]
    >>> nothing = dict.fromkeys(names, np.zeros((1, 1)))
    >>> transformer_block(np.array([[[3.0], [7.0]]]), nothing, heads=1)
    array([[[3.],
            [7.]]])

    References
    ----------
    Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020,
    table 1. <https://arxiv.org/abs/2002.04745>
    """
    x = np.asarray(x, np.float64)
    allowed = np.ones((x.shape[0], 1, x.shape[1], x.shape[1]), bool)
    if keep is not None:
        keep = np.asarray(keep)
        allowed &= keep.reshape(len(keep), *(1,) * (4 - keep.ndim), *keep.shape[1:])
    if causal:
        allowed &= np.tri(x.shape[1]) == 1

    def project(x, part):
        return x @ weights[f"{part}.weight"].T + weights[f"{part}.bias"]

    def norm(x, part):
        centred = x - x.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)
        return centred / scale * weights[f"{part}.weight"] + weights[f"{part}.bias"]

    def split(x):
        return np.stack(np.split(x, heads, axis=-1), axis=1)

    normed = norm(x, "norm1")
    query, key, value = (split(project(normed, p)) for p in ("query", "key", "value"))
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(query.shape[-1])
    top = np.max(scores, axis=-1, keepdims=True, where=allowed, initial=-1e300)
    share = np.where(allowed, np.exp(np.minimum(scores - top, 0)), 0)
    total = share.sum(axis=-1, keepdims=True)
    found = share @ value / np.where(total == 0, 1, total)
    found = np.concatenate(list(np.moveaxis(found, 1, 0)), axis=-1)
    y = x + project(found, "out")
    up = project(norm(y, "norm2"), "up")
    return y + project(up * (1 + np.vectorize(math.erf)(up / np.sqrt(2))) / 2, "down")
