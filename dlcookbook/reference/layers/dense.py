"""Dense layer: every output sees every input."""

import numpy as np

__all__ = ["dense", "dense_backward"]


def dense(x, weight, bias=None):
    r"""$y = x W^\top + b$ over the last axis.

    Parameters
    ----------
    x : ndarray, shape (..., I)
        Inputs.
    weight : ndarray, shape (O, I)
        Weights, one row per output. Keras holds the transpose.
    bias : ndarray, shape (O,), optional
        Added to every output.

    Returns
    -------
    ndarray, shape (..., O)
        Outputs.

    Examples
    --------
    >>> dense([[1.0, 2.0]], [[1.0, 1.0], [0.0, 3.0]], [0.5, 0.0])
    array([[3.5, 6. ]])

    References
    ----------
    Rosenblatt, "The Perceptron", 1958. <https://doi.org/10.1037/h0042519>
    """
    y = np.einsum("...i,oi->...o", np.asarray(x, float), np.asarray(weight, float))
    return y if bias is None else y + np.asarray(bias)


def dense_backward(grad, x, weight, bias=None):
    r"""Gradients of `dense`: $dx = g W$, $dW = g^\top x$, $db = \sum g$.

    Parameters
    ----------
    grad : ndarray, shape (..., O)
        Gradient of the loss for the outputs.
    x, weight, bias : ndarray, shapes as for `dense`
        What the layer was given.

    Returns
    -------
    tuple of ndarray, shapes of x, weight and bias
        Gradients; without a bias, two.

    Examples
    --------
    >>> dense_backward(np.ones((1, 2)), [[1.0, 2.0]], [[1.0, 1.0], [0.0, 3.0]])[0]
    array([[1., 4.]])

    References
    ----------
    Rumelhart, Hinton, Williams, 1986. <https://doi.org/10.1038/323533a0>
    """
    grad, x, weight = (np.asarray(a, float) for a in (grad, x, weight))
    rows, inputs = grad.reshape(-1, grad.shape[-1]), x.reshape(-1, x.shape[-1])
    found = grad @ weight, rows.T @ inputs
    return found if bias is None else (*found, rows.sum(0))
