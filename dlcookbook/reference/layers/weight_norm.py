"""Weight normalisation: the length of each kernel apart from its direction."""

import numpy as np

__all__ = ["weight_norm", "weight_norm_backward"]


def weight_norm(direction, length):
    r"""$w_o = g_o \, v_o / \lVert v_o \rVert$ for each output o.

    Parameters
    ----------
    direction : ndarray, shape (K, ...)
        Weights of any length, $v$, the outputs first.
    length : ndarray, shape (K,)
        Their lengths, $g$.

    Returns
    -------
    ndarray, shape (K, ...)
        The weights that the layer uses.

    Examples
    --------
    >>> weight_norm([[3.0, 4.0]], [10.0])
    array([[6., 8.]])

    References
    ----------
    Salimans, Kingma, "Weight normalization", 2016, eq. 2.
    <https://arxiv.org/abs/1602.07868>
    """
    v, g = np.asarray(direction, float), np.asarray(length, float)
    flat = v.reshape(len(v), -1)
    unit = flat / np.sqrt((flat**2).sum(1, keepdims=True))
    return (g[:, None] * unit).reshape(v.shape)


def weight_norm_backward(grad, direction, length):
    r"""Gradients of `weight_norm`; that of $v$ is at right angles to $v$.

    Parameters
    ----------
    grad : ndarray, shape (K, ...)
        Gradient of the loss for the weights.
    direction : ndarray, shape (K, ...)
        As for `weight_norm`.
    length : ndarray, shape (K,)
        As for `weight_norm`.

    Returns
    -------
    tuple of ndarray, shapes of direction and length
        The two gradients.

    Examples
    --------
    >>> weight_norm_backward([[1.0, 0.0]], [[3.0, 4.0]], [10.0])
    (array([[ 1.28, -0.96]]), array([0.6]))

    References
    ----------
    Salimans, Kingma, 2016, eq. 3. <https://arxiv.org/abs/1602.07868>
    """
    v, g = np.asarray(direction, float), np.asarray(length, float)
    flat, down = v.reshape(len(v), -1), np.reshape(grad, (len(v), -1))
    size = np.sqrt((flat**2).sum(1))
    along = (down * flat).sum(1) / size
    across = down - (along / size)[:, None] * flat
    return ((g / size)[:, None] * across).reshape(v.shape), along
