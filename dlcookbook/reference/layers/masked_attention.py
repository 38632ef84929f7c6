"""Attention with a mask that says what to keep; a row that keeps nothing gives 0."""

import numpy as np

__all__ = ["masked_attention", "masked_attention_backward"]


def masked_attention(query, key, value, *, keep=None, scale=None):
    r"""$\mathrm{softmax}(q k^\top s) \, v$ over the keys that are kept.

    Parameters
    ----------
    query : ndarray, shape (..., L, D)
        What is asked.
    key : ndarray, shape (..., S, D)
        What is compared with it.
    value : ndarray, shape (..., S, E)
        What is averaged.
    keep : ndarray of bool, shape (..., L, S), optional
        True: attend. None keeps all.
    scale : float, optional
        $s$; None takes $1 / \sqrt D$.

    Returns
    -------
    ndarray, shape (..., L, E)
        Averages of values; 0 where nothing is kept.

    Examples
    --------
    >>> ones, value = np.ones((2, 1)), [[2.0], [4.0]]
    >>> masked_attention(ones, ones, value, keep=[[True, True], [False, False]])
    array([[3.],
           [0.]])

    References
    ----------
    Vaswani et al., "Attention is all you need", 2017, eq. 1.
    <https://arxiv.org/abs/1706.03762>
    """
    return _weights(query, key, keep, scale) @ np.asarray(value, float)


def masked_attention_backward(grad, query, key, value, *, keep=None, scale=None):
    """Gradients of `masked_attention`.

    Parameters
    ----------
    grad : ndarray, shape (..., L, E)
        Gradient of the loss for the outputs.
    query, key, value : ndarray, shapes as for `masked_attention`
        What the layer was given.
    keep : ndarray of bool, shape (..., L, S), optional
        As for `masked_attention`.
    scale : float, optional
        As for `masked_attention`.

    Returns
    -------
    tuple of ndarray, shapes of query, key and value
        Gradients.

    Examples
    --------
    >>> ones = np.ones((2, 1))
    >>> masked_attention_backward(ones, ones, ones, ones)[2]
    array([[1.],
           [1.]])

    References
    ----------
    Vaswani et al., 2017. <https://arxiv.org/abs/1706.03762>
    """
    grad, query, key, value = (np.asarray(a, float) for a in (grad, query, key, value))
    weights = _weights(query, key, keep, scale)
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    dweights = grad @ value.swapaxes(-1, -2)
    dscores = weights * (dweights - (weights * dweights).sum(-1, keepdims=True))
    return (
        scale * dscores @ key,
        scale * dscores.swapaxes(-1, -2) @ query,
        weights.swapaxes(-1, -2) @ grad,
    )


def _weights(query, key, keep, scale):
    query, key = np.asarray(query, float), np.asarray(key, float)
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    scores = scale * query @ key.swapaxes(-1, -2)
    keep = np.ones(scores.shape, bool) if keep is None else np.asarray(keep)
    powers = np.where(keep, np.exp(scores - scores.max(-1, keepdims=True)), 0.0)
    total = powers.sum(-1, keepdims=True)
    return powers / np.where(total > 0, total, 1.0)
