"""Flatten: all axes but the first in one row."""

import numpy as np

__all__ = ["flatten", "flatten_backward"]


def flatten(x):
    """Row by row in memory: the last axis runs fastest.

    With channels first a row is (channel, row, column); with channels last it is
    (row, column, channel). The same numbers stand in another order.

    Parameters
    ----------
    x : ndarray, shape (N, ...)
        Inputs.

    Returns
    -------
    ndarray, shape (N, D)
        The same values.

    Examples
    --------
    >>> flatten([[[1.0, 2.0], [3.0, 4.0]]])
    array([[1., 2., 3., 4.]])

    References
    ----------
    LeCun et al., 1998. <https://doi.org/10.1109/5.726791>
    """
    x = np.asarray(x, float)
    return x.reshape(len(x), -1)


def flatten_backward(grad, x):
    """Gradient of `flatten`: the same values in the shape of the input.

    Parameters
    ----------
    grad : ndarray, shape (N, D)
        Gradient of the loss for the outputs.
    x : ndarray, shape (N, ...)
        What the layer was given.

    Returns
    -------
    tuple of ndarray, shape of x
        The gradient for x.

    Examples
    --------
    >>> flatten_backward([[1.0, 2.0]], np.zeros((1, 2, 1)))[0].shape
    (1, 2, 1)

    References
    ----------
    LeCun et al., 1998. <https://doi.org/10.1109/5.726791>
    """
    return (np.asarray(grad, float).reshape(np.shape(x)),)
