"""GRU and LSTM cells by hand: one step, every gate in sight."""

import numpy as np

__all__ = ["gru_cell", "lstm_cell"]


def lstm_cell(x, state, weights, *, keep=None):
    r"""One step of a long short-term memory.

    $c' = f \odot c + i \odot g$ and $h' = o \odot \tanh c'$; input, forget and output
    gate are sigmoids, $g$ is a tanh, of $W_x x + b_x + W_h h + b_h$. With the forget
    gate at 1 and the input gate at 0 the memory stays for ever.

    Parameters
    ----------
    x : ndarray, shape (N, in_channels)
        What comes in.
    state : tuple of two ndarrays, each of shape (N, hidden)
        What the cell said, and what it remembers: (h, c).
    weights : dict of ndarray, of these shapes
        `weight_ih`, shape (4 hidden, in_channels), `weight_hh`, shape (4 hidden,
        hidden), `bias_ih` and `bias_hh`, shape (4 hidden,), gates in the order i, f,
        g, o.
    keep : ndarray of bool, shape (N,), optional
        False leaves the state of a padded example as it is.

    Returns
    -------
    tuple of two ndarrays, each of shape (N, hidden)
        (h', c'), float64.

    Examples
    --------
    >>> names = {"weight_ih": (4, 1), "weight_hh": (4, 1), "bias_ih": 4, "bias_hh": 4}
    >>> nothing = {name: np.zeros(shape) for name, shape in names.items()}
    >>> lstm_cell(np.ones((1, 1)), (np.zeros((1, 1)), np.ones((1, 1))), nothing)[1]
    array([[0.5]])

    References
    ----------
    Gers et al., "Learning to Forget: Continual Prediction with LSTM", 2000, section 3.
    <https://doi.org/10.1162/089976600300015015>
    """
    h, c = (np.asarray(s, np.float64) for s in state)
    gates = x @ weights["weight_ih"].T + weights["bias_ih"]
    gates = gates + h @ weights["weight_hh"].T + weights["bias_hh"]
    i, f, g, o = np.split(gates, 4, axis=-1)
    new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    new_h = sigmoid(o) * np.tanh(new_c)
    if keep is None:
        return new_h, new_c
    kept = np.asarray(keep)[:, None]
    return np.where(kept, new_h, h), np.where(kept, new_c, c)


def gru_cell(x, state, weights, *, keep=None):
    r"""One step of a gated recurrent unit, the form that cuDNN computes.

    $h' = (1 - z) \odot n + z \odot h$ with
    $n = \tanh(W_n x + b_n + r \odot (U_n h + d_n))$; reset gate $r$ and update gate
    $z$ are sigmoids. The paper resets $h$ before it is multiplied by $U_n$; Keras
    calls the form here `reset_after=True`. With the update gate at 1 nothing changes.

    Parameters
    ----------
    x : ndarray, shape (N, in_channels)
        What comes in.
    state : ndarray, shape (N, hidden)
        What the cell said.
    weights : dict of ndarray, of these shapes
        `weight_ih`, shape (3 hidden, in_channels), `weight_hh`, shape (3 hidden,
        hidden), `bias_ih` and `bias_hh`, shape (3 hidden,), gates in the order r, z,
        n.
    keep : ndarray of bool, shape (N,), optional
        False leaves the state of a padded example as it is.

    Returns
    -------
    ndarray, shape (N, hidden)
        The new state, float64.

    Examples
    --------
    >>> names = {"weight_ih": (3, 1), "weight_hh": (3, 1), "bias_ih": 3, "bias_hh": 3}
    >>> nothing = {name: np.zeros(shape) for name, shape in names.items()}
    >>> gru_cell(np.ones((1, 1)), np.ones((1, 1)), nothing)
    array([[0.5]])

    References
    ----------
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for
    Statistical Machine Translation", 2014, eq. 5 to 8.
    <https://arxiv.org/abs/1406.1078>
    """
    h = np.asarray(state, np.float64)
    from_x = x @ weights["weight_ih"].T + weights["bias_ih"]
    from_h = h @ weights["weight_hh"].T + weights["bias_hh"]
    (r_x, z_x, n_x), (r_h, z_h, n_h) = (
        np.split(part, 3, axis=-1) for part in (from_x, from_h)
    )
    z = sigmoid(z_x + z_h)
    n = np.tanh(n_x + sigmoid(r_x + r_h) * n_h)
    new = (1 - z) * n + z * h
    return new if keep is None else np.where(np.asarray(keep)[:, None], new, h)


def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0, -x))
