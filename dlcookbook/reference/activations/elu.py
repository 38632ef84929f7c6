"""ELU, SELU and CELU: exponential left of 0, and precise next to it."""

import math

import numpy as np

__all__ = ["celu", "celu_slope", "elu", "elu_slope", "selu", "selu_slope"]


def elu(x, *, alpha=1.0):
    r"""$x$ right of 0, else $\alpha (e^x - 1)$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    alpha : float > 0
        Minus the value far left.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> elu([-np.log(2.0), 3.0])
    array([-0.5,  3. ])

    References
    ----------
    Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear
    Units", 2016. <https://arxiv.org/abs/1511.07289>
    """
    x = np.asarray(x, np.float64)
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def elu_slope(x, *, alpha=1.0):
    r"""1 right of 0, else $\alpha e^x$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    alpha : float > 0
        Minus the value far left.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> elu_slope([-np.log(2.0), 3.0])
    array([0.5, 1. ])

    References
    ----------
    Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear
    Units", 2016. <https://arxiv.org/abs/1511.07289>
    """
    x = np.asarray(x, np.float64)
    return np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0)))


def selu(x):
    r"""$\lambda x$ right of 0, else $\lambda \alpha (e^x - 1)$.

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
    >>> selu([-np.inf, 1.0]).round(4)
    array([-1.7581,  1.0507])

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", 2017, eq. 2 and 14.
    <https://arxiv.org/abs/1706.02515>
    """
    scale, alpha = fixed_point()
    return scale * elu(x, alpha=alpha)


def selu_slope(x):
    r"""$\lambda$ right of 0, else $\lambda \alpha e^x$.

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
    >>> selu_slope([0.0, 1.0]).round(4)
    array([1.7581, 1.0507])

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", 2017, eq. 2 and 14.
    <https://arxiv.org/abs/1706.02515>
    """
    scale, alpha = fixed_point()
    return scale * elu_slope(x, alpha=alpha)


def celu(x, *, alpha=1.0):
    r"""$x$ right of 0, else $\alpha (e^{x / \alpha} - 1)$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    alpha : float > 0
        Minus the value far left.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> celu([-2 * np.log(2.0), 3.0], alpha=2.0)
    array([-1.,  3.])

    References
    ----------
    Barron, "Continuously Differentiable Exponential Linear Units", 2017, eq. 2.
    <https://arxiv.org/abs/1704.07483>
    """
    return alpha * elu(np.asarray(x, np.float64) / alpha)


def celu_slope(x, *, alpha=1.0):
    r"""1 right of 0, else $e^{x / \alpha}$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    alpha : float > 0
        Minus the value far left.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> celu_slope([-2 * np.log(2.0), 0.0], alpha=2.0)
    array([0.5, 1. ])

    References
    ----------
    Barron, "Continuously Differentiable Exponential Linear Units", 2017, eq. 2.
    <https://arxiv.org/abs/1704.07483>
    """
    return elu_slope(np.asarray(x, np.float64) / alpha)


def fixed_point():
    """Return the scale and alpha that keep mean 0 and variance 1 of a normal number."""

    def tail(power):
        # E[exp(power z); z < 0] for a normal z
        return np.exp(power**2 / 2) * math.erfc(power / np.sqrt(2)) / 2

    alpha = 1 / np.sqrt(2 * np.pi) / (0.5 - tail(1))
    second = 0.5 + alpha**2 * (tail(2) - 2 * tail(1) + 0.5)
    return 1 / np.sqrt(second), alpha
