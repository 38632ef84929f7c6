"""Attention pooling: a weighted average over time whose weights are learned."""

import numpy as np

__all__ = ["attention_pooling"]


def attention_pooling(x, weights, *, keep=None):
    r"""Average a sequence, each step weighed by a score of its own.

    $\sum_t a_t x_t$ with $a = \mathrm{softmax}_t(w^\top \tanh(V x_t + b))$ over the
    steps that count. Equal scores give the mean of those steps.

    Parameters
    ----------
    x : ndarray, shape (N, T, dim)
        Sequences.
    weights : dict of ndarray, of these shapes
        `hidden.weight`, shape (hidden, dim), `hidden.bias`, shape (hidden,), and
        `score.weight`, shape (1, hidden).
    keep : ndarray of bool, shape (N, T), optional
        True for a real step, False for padding.

    Returns
    -------
    ndarray, shape (N, dim)
        Averages, float64; 0 where nothing is kept.

    Examples
    --------
    >>> x = np.array([[[1.0], [3.0], [9.0]]])
    >>> names = {"hidden.weight": (2, 1), "hidden.bias": 2, "score.weight": (1, 2)}
    >>> equal = {name: np.zeros(shape) for name, shape in names.items()}
    >>> attention_pooling(x, equal, keep=np.array([[True, True, False]]))
    array([[2.]])

    References
    ----------
    Ilse et al., "Attention-based Deep Multiple Instance Learning", 2018, eq. 8.
    <https://arxiv.org/abs/1802.04712>
    """
    x = np.asarray(x, np.float64)
    keep = np.ones(x.shape[:2], bool) if keep is None else keep
    hidden = np.tanh(x @ weights["hidden.weight"].T + weights["hidden.bias"])
    scores = hidden @ weights["score.weight"][0]
    out = np.zeros((x.shape[0], x.shape[2]))
    for n, real in enumerate(keep):
        if real.any():
            share = np.exp(scores[n, real] - scores[n, real].max())
            out[n] = share @ x[n, real] / share.sum()
    return out
