"""Simple recurrent layer: the state is a dense layer of the input and of itself."""

import numpy as np

__all__ = ["rnn", "rnn_backward"]


def rnn(x, weight_ih, weight_hh, bias, h0=None):
    r"""$h_t = \tanh(W_{ih} x_t + W_{hh} h_{t-1} + b)$, all states.

    Parameters
    ----------
    x : ndarray, shape (N, T, I)
        Sequences.
    weight_ih : ndarray, shape (H, I)
        Weights of the input.
    weight_hh : ndarray, shape (H, H)
        Weights of the state.
    bias : ndarray, shape (H,)
        The bias; torch holds two and adds them.
    h0 : ndarray, shape (N, H), optional
        State before the first step. None is 0.

    Returns
    -------
    ndarray, shape (N, T, H)
        The state after every step.

    Examples
    --------
    >>> rnn([[[1.0], [0.0]]], [[1.0]], [[1.0]], [0.0]).round(4)
    array([[[0.7616],
            [0.642 ]]])

    References
    ----------
    Elman, "Finding structure in time", 1990.
    <https://doi.org/10.1207/s15516709cog1402_1>
    """
    x, weight_hh = np.asarray(x, float), np.asarray(weight_hh, float)
    h = np.zeros((len(x), len(weight_hh))) if h0 is None else np.asarray(h0, float)
    states = []
    for t in range(x.shape[1]):
        h = np.tanh(
            x[:, t] @ np.asarray(weight_ih).T + h @ weight_hh.T + np.asarray(bias)
        )
        states.append(h)
    return np.stack(states, 1)


def rnn_backward(grad, x, weight_ih, weight_hh, bias):
    """Gradients of `rnn`, through time: every step hands on what it is not.

    Parameters
    ----------
    grad : ndarray, shape (N, T, H)
        Gradient of the loss for the states.
    x, weight_ih, weight_hh, bias : ndarray, shapes as for `rnn`
        What the layer was given; the first state is 0.

    Returns
    -------
    tuple of ndarray, shapes of x, weight_ih, weight_hh and bias
        Gradients.

    Examples
    --------
    >>> rnn_backward([[[1.0]]], [[[0.0]]], [[2.0]], [[1.0]], [0.0])[0]
    array([[[2.]]])

    References
    ----------
    Werbos, "Backpropagation through time", 1990. <https://doi.org/10.1109/5.58337>
    """
    x, grad = np.asarray(x, float), np.asarray(grad, float)
    weights = np.asarray(weight_ih, float), np.asarray(weight_hh, float)
    h = rnn(x, *weights, bias)
    before = np.concatenate([np.zeros_like(h[:, :1]), h[:, :-1]], 1)
    dx, dih, dhh, db = (np.zeros(np.shape(a)) for a in (x, *weights, bias))
    carry = np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        inner = (grad[:, t] + carry) * (1 - h[:, t] ** 2)
        dx[:, t] = inner @ weights[0]
        carry = inner @ weights[1]
        dih += inner.T @ x[:, t]
        dhh += inner.T @ before[:, t]
        db += inner.sum(0)
    return dx, dih, dhh, db
