"""PReLU: a leaky ReLU that learns its slope."""

import numpy as np

__all__ = ["prelu", "prelu_slope"]


def prelu(x, weight):
    r"""x, left of 0 times a learnt weight.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Any numbers.
    weight : ndarray, shape (1,) or (C,)
        One slope for all, or one per channel.

    Returns
    -------
    ndarray, shape (N, C, ...)
        One value per element, float64.

    Examples
    --------
    >>> prelu([[-2.0, -2.0]], [0.5, 0.25])
    array([[-1. , -0.5]])

    References
    ----------
    He et al., "Delving Deep into Rectifiers", 2015.
    <https://arxiv.org/abs/1502.01852>
    """
    x = np.asarray(x, np.float64)
    along = np.reshape(weight, (-1,) + (1,) * (x.ndim - 2))
    return np.where(x > 0, x, along * x)


def prelu_slope(x, weight):
    r"""1 right of 0, else the weight.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Any numbers.
    weight : ndarray, shape (1,) or (C,)
        One slope for all, or one per channel.

    Returns
    -------
    ndarray, shape (N, C, ...)
        One slope per element, float64.

    Examples
    --------
    >>> prelu_slope([[-2.0, 2.0]], [0.5, 0.25])
    array([[0.5, 1. ]])

    References
    ----------
    He et al., "Delving Deep into Rectifiers", 2015.
    <https://arxiv.org/abs/1502.01852>
    """
    x = np.asarray(x, np.float64)
    along = np.reshape(weight, (-1,) + (1,) * (x.ndim - 2))
    return np.where(x > 0, 1.0, along)
