"""Sparse plus and sparse sigmoid: smooth ReLU and sigmoid with exact zeros."""

import numpy as np

__all__ = ["sparse_plus", "sparse_plus_slope", "sparse_sigmoid", "sparse_sigmoid_slope"]


def sparse_plus(x):
    r"""0 up to -1, $x$ from 1 on, between them $(x + 1)^2 / 4$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> sparse_plus([-1.0, 0.0, 2.0])
    array([0.  , 0.25, 2.  ])

    References
    ----------
    Blondel et al., "Learning with Fenchel-Young Losses", 2020, sec. 6.2.
    <https://jmlr.org/papers/v21/19-021.html>
    """
    x = np.asarray(x, np.float64)
    return np.where(x >= 1, x, (np.clip(x, -1, 1) + 1) ** 2 / 4)


def sparse_plus_slope(x):
    r"""Slope of the sparse plus: the sparse sigmoid.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> sparse_plus_slope([-1.0, 0.0, 2.0])
    array([0. , 0.5, 1. ])

    References
    ----------
    Blondel et al., "Learning with Fenchel-Young Losses", 2020, sec. 6.2.
    <https://jmlr.org/papers/v21/19-021.html>
    """
    return sparse_sigmoid(x)


def sparse_sigmoid(x):
    r"""0 up to -1, 1 from 1 on, between them $(x + 1) / 2$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> sparse_sigmoid([-2.0, 0.0, 2.0])
    array([0. , 0.5, 1. ])

    References
    ----------
    Blondel et al., "Learning with Fenchel-Young Losses", 2020, sec. 6.2.
    <https://jmlr.org/papers/v21/19-021.html>
    """
    return (np.clip(np.asarray(x, np.float64), -1, 1) + 1) / 2


def sparse_sigmoid_slope(x):
    r"""1/2 between -1 and 1, else 0.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> sparse_sigmoid_slope([-2.0, 0.0])
    array([0. , 0.5])

    References
    ----------
    Blondel et al., "Learning with Fenchel-Young Losses", 2020, sec. 6.2.
    <https://jmlr.org/papers/v21/19-021.html>
    """
    return np.where(np.abs(np.asarray(x, np.float64)) < 1, 0.5, 0.0)
