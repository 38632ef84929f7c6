"""Attention with explicit masks: True means that a query may look at a key."""

import numpy as np

__all__ = ["masked_attention", "multi_head_attention"]


def masked_attention(query, key, value, *, keep=None, causal=False):
    r"""Average the values, weighed by how well each key answers the query.

    $\mathrm{softmax}(Q K^\top / \sqrt D)\, V$, the softmax over the keys that a query
    may look at. Without any such key the result is 0.

    Parameters
    ----------
    query : ndarray, shape (..., T, D)
        What is asked.
    key : ndarray, shape (..., S, D)
        What it is compared with.
    value : ndarray, shape (..., S, E)
        What is averaged.
    keep : ndarray of bool, of a shape that broadcasts to (..., T, S), optional
        True where a query may look at a key.
    causal : bool
        Query t may look at keys 0 to t.

    Returns
    -------
    ndarray, shape (..., T, E)
        Averages, float64.

    Examples
    --------
    >>> x = np.eye(2)
    >>> masked_attention(x, x, x, causal=True).round(4)
    array([[1.    , 0.    ],
           [0.3302, 0.6698]])

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, eq. 1.
    <https://arxiv.org/abs/1706.03762>
    """
    query, key, value = (np.asarray(x, np.float64) for x in (query, key, value))
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(query.shape[-1])
    allowed = np.ones(scores.shape, bool)
    if keep is not None:
        allowed &= keep
    if causal:
        allowed &= np.tri(*scores.shape[-2:]) == 1
    top = np.max(scores, axis=-1, keepdims=True, where=allowed, initial=-1e300)
    weights = np.where(allowed, np.exp(np.minimum(scores - top, 0)), 0)
    total = weights.sum(axis=-1, keepdims=True)
    return weights @ value / np.where(total == 0, 1, total)


def multi_head_attention(query, key, value, weights, *, heads, keep=None, causal=False):
    r"""Attend in several subspaces at once and mix what they found.

    $\mathrm{concat}(h_1, \dots, h_n) W_o$ with
    $h_i = \mathrm{attention}(Q W_q^i, K W_k^i, V W_v^i)$.

    Parameters
    ----------
    query : ndarray, shape (N, T, dim)
        What is asked.
    key, value : ndarray, shape (N, S, dim)
        What it is compared with, and what is averaged.
    weights : dict of ndarray, of these shapes
        `weight`, shape (dim, dim), and `bias`, shape (dim,), of `query`, `key`,
        `value` and `out`, called like `query.weight`.
    heads : int
        How many subspaces; divides `dim`.
    keep : ndarray of bool, shape (N, S), (N, T, S) or (N, heads or 1, T, S), optional
        True where a query may look at a key.
    causal : bool
        Query t may look at keys 0 to t.

    Returns
    -------
    ndarray, shape (N, T, dim)
        What was found, float64.

    Examples
    --------
    >>> names = [f"{part}.weight" for part in ("query", "key", "value", "out")]
    >>> x = np.eye(2)[None]
    >>> weights = dict.fromkeys(names, np.eye(2))
    >>> multi_head_attention(x, x, x, weights, heads=2).round(4)
    array([[[0.7311, 0.5   ],
            [0.5   , 0.7311]]])

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2.
    <https://arxiv.org/abs/1706.03762>
    """
    if keep is not None:
        keep = np.asarray(keep)
        keep = keep.reshape(len(keep), *(1,) * (4 - keep.ndim), *keep.shape[1:])

    def project(x, part):
        return x @ weights[f"{part}.weight"].T + weights.get(f"{part}.bias", 0)

    def split(x):
        return np.stack(np.split(x, heads, axis=-1), axis=1)

    parts = {"query": query, "key": key, "value": value}
    q, k, v = (split(project(x, part)) for part, x in parts.items())
    found = masked_attention(q, k, v, keep=keep, causal=causal)
    return project(np.concatenate(list(np.moveaxis(found, 1, 0)), axis=-1), "out")
