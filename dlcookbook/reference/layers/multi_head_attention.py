"""Multi-head attention: several attentions beside each other, their results mixed."""

import numpy as np

__all__ = ["multi_head_attention", "multi_head_attention_backward"]


def multi_head_attention(
    query, key, value, weight_in, bias_in, weight_out, bias_out, *, heads, keep=None
):
    r"""$W_o \, \mathrm{concat}_h(\mathrm{softmax}(q_h k_h^\top / \sqrt{d}) v_h) + b_o$.

    Parameters
    ----------
    query : ndarray, shape (N, L, E)
        What is asked.
    key, value : ndarray, shape (N, S, E)
        What is compared with it, what is averaged.
    weight_in : ndarray, shape (3 E, E)
        Weights of the queries, keys and values, below each other.
    bias_in : ndarray, shape (3 E,)
        Their biases.
    weight_out : ndarray, shape (E, E)
        Weights that mix the heads.
    bias_out : ndarray, shape (E,)
        Their biases.
    heads : int
        Number of heads; it divides E.
    keep : ndarray of bool, shape (N, L, S), optional
        True: attend. None keeps all; every row must keep something.

    Returns
    -------
    ndarray, shape (N, L, E)
        Outputs.

    Examples
    --------
    >>> x, one = np.ones((1, 2, 1)), np.ones((1, 1))
    >>> multi_head_attention(x, x, x, np.ones((3, 1)), np.zeros(3), one, [0.5], heads=1)
    array([[[1.5],
            [1.5]]])

    References
    ----------
    Vaswani et al., 2017, section 3.2.2. <https://arxiv.org/abs/1706.03762>
    """
    parts, weights = _attend(query, key, value, weight_in, bias_in, heads, keep)
    mixed = _merged(weights @ parts[2])
    return mixed @ np.asarray(weight_out, float).T + np.asarray(bias_out)


def multi_head_attention_backward(
    grad,
    query,
    key,
    value,
    weight_in,
    bias_in,
    weight_out,
    bias_out,
    *,
    heads,
    keep=None,
):
    """Gradients of `multi_head_attention`.

    Parameters
    ----------
    grad : ndarray, shape (N, L, E)
        Gradient of the loss for the outputs.
    query, key, value : ndarray, shapes as for `multi_head_attention`
        What the layer was given.
    weight_in, bias_in, weight_out, bias_out : ndarray, shapes as above
        Weights.
    heads : int
        As for `multi_head_attention`.
    keep : ndarray of bool, shape (N, L, S), optional
        As for `multi_head_attention`.

    Returns
    -------
    tuple of ndarray, shapes of the seven arrays
        Gradients.

    Examples
    --------
    >>> x, one = np.ones((1, 2, 1)), np.ones((1, 1))
    >>> weights = np.ones((3, 1)), np.zeros(3), one, np.zeros(1)
    >>> multi_head_attention_backward(x, x, x, x, *weights, heads=1)[-1]
    array([2.])

    References
    ----------
    Vaswani et al., 2017, section 3.2.2. <https://arxiv.org/abs/1706.03762>
    """
    grad, weight_in = np.asarray(grad, float), np.asarray(weight_in, float)
    (q, k, v), weights = _attend(query, key, value, weight_in, bias_in, heads, keep)
    mixed = _merged(weights @ v)
    dmixed = _split(grad @ np.asarray(weight_out, float), heads)
    dweights = dmixed @ v.swapaxes(-1, -2)
    dscores = weights * (dweights - (weights * dweights).sum(-1, keepdims=True))
    dscores = dscores / np.sqrt(q.shape[-1])
    inner = [
        _merged(part)
        for part in (
            dscores @ k,
            dscores.swapaxes(-1, -2) @ q,
            weights.swapaxes(-1, -2) @ dmixed,
        )
    ]
    rows = np.split(weight_in, 3)
    given = [np.asarray(a, float) for a in (query, key, value)]
    return (
        *(d @ w for d, w in zip(inner, rows, strict=True)),
        np.concatenate(
            [np.einsum("nto,nti->oi", d, x) for d, x in zip(inner, given, strict=True)]
        ),
        np.concatenate([d.sum((0, 1)) for d in inner]),
        np.einsum("nto,nti->oi", grad, mixed),
        grad.sum((0, 1)),
    )


def _attend(query, key, value, weight_in, bias_in, heads, keep):
    weights, biases = np.split(np.asarray(weight_in, float), 3), np.split(bias_in, 3)
    parts = [
        _split(np.asarray(x, float) @ w.T + b, heads)
        for x, w, b in zip((query, key, value), weights, biases, strict=True)
    ]
    scores = parts[0] @ parts[1].swapaxes(-1, -2) / np.sqrt(parts[0].shape[-1])
    if keep is not None:
        scores = np.where(np.asarray(keep)[:, None], scores, -np.inf)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return parts, powers / powers.sum(-1, keepdims=True)


def _split(x, heads):
    batch, length, width = x.shape
    return x.reshape(batch, length, heads, width // heads).swapaxes(1, 2)


def _merged(x):
    batch, heads, length, width = x.shape
    return x.swapaxes(1, 2).reshape(batch, length, heads * width)
