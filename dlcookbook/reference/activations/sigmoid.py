"""Sigmoid, and its straight twin that costs no exponential."""

import numpy as np

__all__ = ["hard_sigmoid", "hard_sigmoid_slope", "sigmoid", "sigmoid_slope"]


def sigmoid(x):
    r"""$1 / (1 + e^{-x})$.

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
    >>> sigmoid([0.0, np.log(3.0)])
    array([0.5 , 0.75])

    References
    ----------
    Han and Moraga, "The Influence of the Sigmoid Function Parameters on the Speed of
    Backpropagation Learning", 1995. <https://doi.org/10.1007/3-540-59497-3_175>
    """
    return np.exp(-np.logaddexp(0.0, -np.asarray(x, np.float64)))


def sigmoid_slope(x):
    r"""$\sigma(x) (1 - \sigma(x))$, at most 1/4.

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
    >>> sigmoid_slope([0.0])
    array([0.25])

    References
    ----------
    Han and Moraga, "The Influence of the Sigmoid Function Parameters on the Speed of
    Backpropagation Learning", 1995. <https://doi.org/10.1007/3-540-59497-3_175>
    """
    return sigmoid(x) * sigmoid(-np.asarray(x, np.float64))


def hard_sigmoid(x):
    r"""$\min(\max(x + 3, 0), 6) / 6$.

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
    >>> hard_sigmoid([-3.0, 0.0, 3.0])
    array([0. , 0.5, 1. ])

    References
    ----------
    Howard et al., "Searching for MobileNetV3", 2019, sec. 5.2.
    <https://arxiv.org/abs/1905.02244>
    """
    return np.clip(np.asarray(x, np.float64) + 3, 0, 6) / 6


def hard_sigmoid_slope(x):
    r"""1/6 between -3 and 3, else 0.

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
    >>> hard_sigmoid_slope([-4.0, 0.0]) * 6
    array([0., 1.])

    References
    ----------
    Howard et al., "Searching for MobileNetV3", 2019, sec. 5.2.
    <https://arxiv.org/abs/1905.02244>
    """
    return np.where(np.abs(np.asarray(x, np.float64)) < 3, 1 / 6, 0.0)
