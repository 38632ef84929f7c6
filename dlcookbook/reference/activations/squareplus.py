"""Squareplus: a smooth ReLU from one square root."""

import numpy as np

__all__ = ["squareplus", "squareplus_slope"]


def squareplus(x, *, b=4.0):
    r"""$(x + \sqrt{x^2 + b}) / 2$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    b : float > 0
        Size of the bend; 4 gives the slope of softplus at 0 and the value 1.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> squareplus([-1.5, 0.0, 1.5])
    array([0.5, 1. , 2. ])

    References
    ----------
    Barron, "Squareplus: A Softplus-Like Algebraic Rectifier", 2021.
    <https://arxiv.org/abs/2112.11687>
    """
    x = np.asarray(x, np.float64)
    far = (np.abs(x) + np.sqrt(x**2 + b)) / 2
    # left of 0 the sum cancels; its product with the other root is b / 4
    return np.where(x < 0, b / 4 / far, far)


def squareplus_slope(x, *, b=4.0):
    r"""$(1 + x / \sqrt{x^2 + b}) / 2$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    b : float > 0
        Size of the bend; 4 gives the slope of softplus at 0 and the value 1.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> squareplus_slope([-1.5, 0.0, 1.5])
    array([0.2, 0.5, 0.8])

    References
    ----------
    Barron, "Squareplus: A Softplus-Like Algebraic Rectifier", 2021.
    <https://arxiv.org/abs/2112.11687>
    """
    x = np.asarray(x, np.float64)
    return squareplus(x, b=b) / np.sqrt(x**2 + b)
