"""GRU: a state that gates reset and update."""

import numpy as np

__all__ = ["gru", "gru_backward"]


def gru(x, weight_ih, weight_hh, bias_ih, bias_hh):
    r"""$h_t = (1 - z) \odot n + z \odot h_{t-1}$, all states.

    $r, z = \sigma(\ldots)$ and $n = \tanh(W_{in} x_t + b_{in} + r \odot (W_{hn} h_{t-1}
    + b_{hn}))$: the reset gate acts after the product. The paper resets before it.

    Parameters
    ----------
    x : ndarray, shape (N, T, I)
        Sequences.
    weight_ih : ndarray, shape (3 H, I)
        Weights of the input; gates r, z, n below each other. Keras' order is z, r, n.
    weight_hh : ndarray, shape (3 H, H)
        Weights of the state.
    bias_ih, bias_hh : ndarray, shape (3 H,)
        Two biases: that of the state is reset, that of the input is not.

    Returns
    -------
    ndarray, shape (N, T, H)
        The state after every step.

    Examples
    --------
    >>> zero = np.zeros((3, 1))
    >>> gru([[[1.0]]], [[0.0], [0.0], [1.0]], zero, zero[:, 0], zero[:, 0]).round(4)
    array([[[0.3808]]])

    References
    ----------
    Cho et al., 2014. <https://arxiv.org/abs/1406.1078>
    """
    return _steps(x, weight_ih, weight_hh, bias_ih, bias_hh)[0]


def gru_backward(grad, x, weight_ih, weight_hh, bias_ih, bias_hh):
    """Gradients of `gru`, through time.

    Parameters
    ----------
    grad : ndarray, shape (N, T, H)
        Gradient of the loss for the states.
    x, weight_ih, weight_hh, bias_ih, bias_hh : ndarray, shapes as for `gru`
        What the layer was given.

    Returns
    -------
    tuple of ndarray, shapes of x, weight_ih, weight_hh, bias_ih and bias_hh
        Gradients.

    Examples
    --------
    >>> zero = np.zeros((3, 1))
    >>> gru_backward([[[1.0]]], [[[0.0]]], zero, zero, zero[:, 0], zero[:, 0])[3]
    array([0. , 0. , 0.5])

    References
    ----------
    Cho et al., 2014. <https://arxiv.org/abs/1406.1078>
    """
    x, grad = np.asarray(x, float), np.asarray(grad, float)
    weights = np.asarray(weight_ih, float), np.asarray(weight_hh, float)
    h, gates = _steps(x, *weights, bias_ih, bias_hh)
    dx, dih, dhh, db_ih, db_hh = (
        np.zeros(np.shape(a)) for a in (x, *weights, bias_ih, bias_hh)
    )
    carry = np.zeros_like(h[:, 0])
    for t in reversed(range(x.shape[1])):
        r, z, n, inner_n = gates[t]
        before = h[:, t - 1] if t else np.zeros_like(carry)
        dh = grad[:, t] + carry
        dn = dh * (1 - z) * (1 - n**2)
        dr = dn * inner_n * r * (1 - r)
        dz = dh * (before - n) * z * (1 - z)
        by_x = np.concatenate([dr, dz, dn], 1)
        by_h = np.concatenate([dr, dz, dn * r], 1)
        dx[:, t] = by_x @ weights[0]
        carry = dh * z + by_h @ weights[1]
        dih += by_x.T @ x[:, t]
        dhh += by_h.T @ before
        db_ih += by_x.sum(0)
        db_hh += by_h.sum(0)
    return dx, dih, dhh, db_ih, db_hh


def _steps(x, weight_ih, weight_hh, bias_ih, bias_hh):
    x, weight_hh = np.asarray(x, float), np.asarray(weight_hh, float)
    h = np.zeros((len(x), weight_hh.shape[1]))
    states, gates = [], []
    for t in range(x.shape[1]):
        by_x = np.split(x[:, t] @ np.asarray(weight_ih).T + np.asarray(bias_ih), 3, 1)
        by_h = np.split(h @ weight_hh.T + np.asarray(bias_hh), 3, 1)
        r, z = (1 / (1 + np.exp(-by_x[i] - by_h[i])) for i in range(2))
        n = np.tanh(by_x[2] + r * by_h[2])
        h = (1 - z) * n + z * h
        states.append(h)
        gates.append((r, z, n, by_h[2]))
    return np.stack(states, 1), gates
