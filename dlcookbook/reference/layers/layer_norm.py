"""Layer normalisation: every example by itself, over its features."""

import numpy as np

__all__ = ["layer_norm", "layer_norm_backward"]


def layer_norm(x, weight, bias, *, eps=1e-5):
    r"""$y = \gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$ over the last axis.

    Parameters
    ----------
    x : ndarray, shape (..., D)
        Inputs.
    weight, bias : ndarray, shape (D,)
        $\gamma$ and $\beta$.
    eps : float
        $\epsilon$: 1e-5 in torch, 1e-3 in Keras.

    Returns
    -------
    ndarray, shape (..., D)
        Outputs.

    Examples
    --------
    >>> layer_norm([[1.0, 3.0]], [1.0, 2.0], [0.0, 0.0], eps=0.0)
    array([[-1.,  2.]])

    References
    ----------
    Ba, Kiros, Hinton, "Layer normalization", 2016. <https://arxiv.org/abs/1607.06450>
    """
    x = np.asarray(x, float)
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return np.asarray(weight) * (x - mean) / np.sqrt(var + eps) + np.asarray(bias)


def layer_norm_backward(grad, x, weight, bias, *, eps=1e-5):
    """Gradients of `layer_norm`.

    Parameters
    ----------
    grad : ndarray, shape (..., D)
        Gradient of the loss for the outputs.
    x, weight, bias : ndarray, shapes as for `layer_norm`
        What the layer was given.
    eps : float
        As for `layer_norm`.

    Returns
    -------
    tuple of ndarray, shapes of x, weight and bias
        Gradients. Those for x add up to 0 in each example.

    Examples
    --------
    >>> dx, *_ = layer_norm_backward([[1.0, 0.0]], [[1.0, 3.0]], [1.0, 1.0], [0.0, 0.0])
    >>> bool(abs(dx.sum()) < 1e-12)
    True

    References
    ----------
    Ba, Kiros, Hinton, 2016. <https://arxiv.org/abs/1607.06450>
    """
    grad, x = np.asarray(grad, float), np.asarray(x, float)
    root = np.sqrt(x.var(-1, keepdims=True) + eps)
    scaled = (x - x.mean(-1, keepdims=True)) / root
    g = grad * np.asarray(weight)
    dx = g - g.mean(-1, keepdims=True) - scaled * (g * scaled).mean(-1, keepdims=True)
    axes = tuple(range(x.ndim - 1))
    return dx / root, (grad * scaled).sum(axes), grad.sum(axes)
