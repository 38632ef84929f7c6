"""Softplus and log-sigmoid: smooth, and never exactly 0."""

import numpy as np

__all__ = ["log_sigmoid", "log_sigmoid_slope", "softplus", "softplus_slope"]


def softplus(x, *, beta=1.0):
    r"""$\log(1 + e^{\beta x}) / \beta$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    beta : float > 0
        Sharpness: the larger, the closer to ReLU.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> softplus([0.0], beta=2.0) / np.log(2.0)
    array([0.5])

    References
    ----------
    Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing", 2000.
    <https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing>
    """
    return np.logaddexp(0.0, beta * np.asarray(x, np.float64)) / beta


def softplus_slope(x, *, beta=1.0):
    r"""$\sigma(\beta x)$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    beta : float > 0
        Sharpness: the larger, the closer to ReLU.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> softplus_slope([0.0, np.log(3.0)])
    array([0.5 , 0.75])

    References
    ----------
    Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing", 2000.
    <https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing>
    """
    return np.exp(-np.logaddexp(0.0, -beta * np.asarray(x, np.float64)))


def log_sigmoid(x):
    r"""$\log \sigma(x)$, minus the softplus of $-x$.

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
    >>> log_sigmoid([0.0]) / np.log(2.0)
    array([-1.])

    References
    ----------
    Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing", 2000.
    <https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing>
    """
    return -np.logaddexp(0.0, -np.asarray(x, np.float64))


def log_sigmoid_slope(x):
    r"""$\sigma(-x)$.

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
    >>> log_sigmoid_slope([0.0])
    array([0.5])

    References
    ----------
    Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing", 2000.
    <https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing>
    """
    return np.exp(-np.logaddexp(0.0, np.asarray(x, np.float64)))
