"""LSTM: a memory that gates write, keep and read."""

import numpy as np

__all__ = ["lstm", "lstm_backward"]


def lstm(x, weight_ih, weight_hh, bias):
    r"""$c_t = f \odot c_{t-1} + i \odot g$, $h_t = o \odot \tanh c_t$, all $h$.

    $i, f, o$ are sigmoids and $g$ is a tanh of $W_{ih} x_t + W_{hh} h_{t-1} + b$.

    Parameters
    ----------
    x : ndarray, shape (N, T, I)
        Sequences.
    weight_ih : ndarray, shape (4 H, I)
        Weights of the input; gates i, f, g, o below each other, in both frameworks.
    weight_hh : ndarray, shape (4 H, H)
        Weights of the state.
    bias : ndarray, shape (4 H,)
        The bias; torch holds two and adds them.

    Returns
    -------
    ndarray, shape (N, T, H)
        The output of every step.

    Examples
    --------
    >>> lstm([[[1.0]]], np.zeros((4, 1)), np.zeros((4, 1)), [0, 0, 1, 0]).round(4)
    array([[[0.1817]]])

    References
    ----------
    Hochreiter, Schmidhuber, "Long short-term memory", 1997, with the forget gate of
    Gers et al., 2000. <https://doi.org/10.1162/neco.1997.9.8.1735>
    """
    return _steps(x, weight_ih, weight_hh, bias)[0]


def lstm_backward(grad, x, weight_ih, weight_hh, bias):
    """Gradients of `lstm`, through time.

    Parameters
    ----------
    grad : ndarray, shape (N, T, H)
        Gradient of the loss for the outputs.
    x, weight_ih, weight_hh, bias : ndarray, shapes as for `lstm`
        What the layer was given.

    Returns
    -------
    tuple of ndarray, shapes of x, weight_ih, weight_hh and bias
        Gradients.

    Examples
    --------
    >>> zero = np.zeros((4, 1))
    >>> lstm_backward([[[1.0]]], [[[1.0]]], zero, zero, [0, 0, 1, 0])[0]
    array([[[0.]]])

    References
    ----------
    Hochreiter, Schmidhuber, 1997. <https://doi.org/10.1162/neco.1997.9.8.1735>
    """
    x, grad = np.asarray(x, float), np.asarray(grad, float)
    weights = np.asarray(weight_ih, float), np.asarray(weight_hh, float)
    h, c, gates = _steps(x, *weights, bias)
    dx, dih, dhh, db = (np.zeros(np.shape(a)) for a in (x, *weights, bias))
    dh, dc = np.zeros_like(h[:, 0]), np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        i, f, g, o = gates[t]
        before = (h[:, t - 1], c[:, t - 1]) if t else (0 * dh, 0 * dc)
        height = np.tanh(c[:, t])
        dh = dh + grad[:, t]
        dc = dc + dh * o * (1 - height**2)
        inner = np.concatenate(
            [
                dc * g * i * (1 - i),
                dc * before[1] * f * (1 - f),
                dc * i * (1 - g**2),
                dh * height * o * (1 - o),
            ],
            1,
        )
        dx[:, t], dh, dc = inner @ weights[0], inner @ weights[1], dc * f
        dih += inner.T @ x[:, t]
        dhh += inner.T @ before[0]
        db += inner.sum(0)
    return dx, dih, dhh, db


def _steps(x, weight_ih, weight_hh, bias):
    x, weight_hh = np.asarray(x, float), np.asarray(weight_hh, float)
    h = c = np.zeros((len(x), weight_hh.shape[1]))
    outputs, memory, gates = [], [], []
    for t in range(x.shape[1]):
        z = x[:, t] @ np.asarray(weight_ih).T + h @ weight_hh.T + np.asarray(bias)
        i, f, g, o = np.split(z, 4, 1)
        i, f, o = (1 / (1 + np.exp(-part)) for part in (i, f, o))
        g = np.tanh(g)
        c = f * c + i * g
        h = o * np.tanh(c)
        outputs.append(h)
        memory.append(c)
        gates.append((i, f, g, o))
    return np.stack(outputs, 1), np.stack(memory, 1), gates
