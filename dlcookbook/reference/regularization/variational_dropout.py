"""Dropout of sequences: the same numbers are dropped at every step of time."""

import numpy as np

__all__ = ["variational_dropout", "variational_lstm"]


def variational_dropout(x, keep, *, rate):
    r"""$y_{nt} = x_{nt} \cdot \mathrm{keep}_n / (1 - r)$ for all t.

    Parameters
    ----------
    x : ndarray, shape (N, T, C)
        Sequences.
    keep : ndarray of bool, shape (N, C)
        One draw for a sequence and a feature, false with probability `rate`.
    rate : float in [0, 1)
        Share of features that are dropped.

    Returns
    -------
    ndarray, shape (N, T, C)
        Outputs.

    Examples
    --------
    >>> variational_dropout([[[1.0, 2.0], [3.0, 4.0]]], [[True, False]], rate=0.5)
    array([[[2., 0.],
            [6., 0.]]])

    References
    ----------
    Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent
    Neural Networks", 2016. <https://arxiv.org/abs/1512.05287>
    """
    keep = np.asarray(keep)[:, None, :]
    return np.where(keep, np.asarray(x, np.float64) / (1 - rate), 0.0)


def variational_lstm(x, weights, keep, keep_state, *, dropout, recurrent_dropout):
    r"""Run an LSTM of which every gate has one mask for $x_t$ and one for $h_{t-1}$.

    The masks of a gate stay the same for all t.

    Parameters
    ----------
    x : ndarray, shape (N, T, C)
        Sequences.
    weights : tuple of ndarray, shapes (4K, C), (4K, K), (4K,)
        For the input, for the state, biases; gates in the order i, f, g, o.
    keep : ndarray of bool, shape (4, N, C)
        What each gate keeps of the inputs.
    keep_state : ndarray of bool, shape (4, N, K)
        What each gate keeps of the state.
    dropout, recurrent_dropout : float in [0, 1)
        The share that is dropped of each.

    Returns
    -------
    ndarray, shape (N, T, K)
        The state after every step.

    Examples
    --------
    >>> w = np.ones((4, 1)), np.zeros((4, 1)), np.zeros(4)
    >>> one = np.ones((4, 1, 1), bool)
    >>> h = variational_lstm([[[0.0]]], w, one, one, dropout=0, recurrent_dropout=0)
    >>> h.tolist()
    [[[0.0]]]

    References
    ----------
    Gal and Ghahramani, 2016, section 4, untied. <https://arxiv.org/abs/1512.05287>
    """
    of_input, of_state, bias = (np.split(np.asarray(w), 4) for w in weights)
    inputs = [variational_dropout(x, mask, rate=dropout) for mask in keep]
    h = c = np.zeros((len(x), len(bias[0])))
    states = []
    for t in range(inputs[0].shape[1]):
        seen = [np.where(mask, h / (1 - recurrent_dropout), 0.0) for mask in keep_state]
        gates = [
            inputs[k][:, t] @ of_input[k].T + seen[k] @ of_state[k].T + bias[k]
            for k in range(4)
        ]
        i, f, o = (1 / (1 + np.exp(-gates[k])) for k in (0, 1, 3))
        c = f * c + i * np.tanh(gates[2])
        h = o * np.tanh(c)
        states.append(h)
    return np.stack(states, axis=1)
