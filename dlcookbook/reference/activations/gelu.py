"""GELU: x times the chance that a normal number is smaller."""

import math

import numpy as np

__all__ = ["gelu", "gelu_slope"]


def gelu(x, *, approximate=False):
    r"""$x\,\Phi(x)$, or $x\,\sigma(2u)$, $u = \sqrt{2/\pi}\,(x + 0.044715\,x^3)$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    approximate : bool
        Use the tanh formula in place of the normal distribution function.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> gelu([-1.0, 1.0]).round(4)
    array([-0.1587,  0.8413])

    References
    ----------
    Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.
    <https://arxiv.org/abs/1606.08415>
    """
    x = np.asarray(x, np.float64)
    if approximate:
        return x * np.exp(-np.logaddexp(0.0, -2 * inner(x)))
    return x * below(x)


def gelu_slope(x, *, approximate=False):
    r"""$\Phi(x) + x\,\varphi(x)$, or the slope of the tanh formula.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    approximate : bool
        Use the tanh formula in place of the normal distribution function.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> gelu_slope([0.0, 1.0]).round(4)
    array([0.5   , 1.0833])

    References
    ----------
    Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.
    <https://arxiv.org/abs/1606.08415>
    """
    x = np.asarray(x, np.float64)
    if not approximate:
        return below(x) + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    p = np.exp(-np.logaddexp(0.0, -2 * inner(x)))
    rest = np.exp(-np.logaddexp(0.0, 2 * inner(x)))
    return p + 2 * x * p * rest * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2)


def below(x):
    """Return the chance that a normal number is below x, precise in the tail."""
    return np.vectorize(math.erfc, otypes=[float])(-x / np.sqrt(2)) / 2


def inner(x):
    """Return what the tanh is taken of."""
    return np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
