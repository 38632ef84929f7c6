"""RMS normalisation: divide by the root of the mean square, subtract nothing."""

import numpy as np

__all__ = ["rms_norm", "rms_norm_backward"]


def rms_norm(x, weight, *, eps=1e-6):
    r"""$y = \gamma x / \sqrt{\overline{x^2} + \epsilon}$ over the last axis.

    Parameters
    ----------
    x : ndarray, shape (..., D)
        Inputs.
    weight : ndarray, shape (D,)
        $\gamma$.
    eps : float
        $\epsilon$: the spacing of the dtype's numbers in torch, 1e-6 in Keras.

    Returns
    -------
    ndarray, shape (..., D)
        Outputs.

    Examples
    --------
    >>> rms_norm([[1.0, 7.0]], [1.0, 1.0], eps=0.0)
    array([[0.2, 1.4]])

    References
    ----------
    Zhang, Sennrich, "Root mean square layer normalization", 2019, eq. 4.
    <https://arxiv.org/abs/1910.07467>
    """
    x = np.asarray(x, float)
    return np.asarray(weight) * x / np.sqrt((x**2).mean(-1, keepdims=True) + eps)


def rms_norm_backward(grad, x, weight, *, eps=1e-6):
    """Gradients of `rms_norm`.

    Parameters
    ----------
    grad : ndarray, shape (..., D)
        Gradient of the loss for the outputs.
    x, weight : ndarray, shapes as for `rms_norm`
        What the layer was given.
    eps : float
        As for `rms_norm`.

    Returns
    -------
    tuple of ndarray, shapes of x and weight
        Gradients.

    Examples
    --------
    >>> rms_norm_backward([[1.0, 1.0]], [[1.0, 7.0]], [1.0, 1.0], eps=0.0)[1]
    array([0.2, 1.4])

    References
    ----------
    Zhang, Sennrich, 2019. <https://arxiv.org/abs/1910.07467>
    """
    grad, x = np.asarray(grad, float), np.asarray(x, float)
    root = np.sqrt((x**2).mean(-1, keepdims=True) + eps)
    scaled, g = x / root, grad * np.asarray(weight)
    dx = (g - scaled * (g * scaled).mean(-1, keepdims=True)) / root
    return dx, (grad * scaled).sum(tuple(range(x.ndim - 1)))
