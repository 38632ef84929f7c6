"""Mish: x times the tanh of its softplus."""

import numpy as np

__all__ = ["mish", "mish_slope"]


def mish(x):
    r"""$x \tanh(\log(1 + e^x))$.

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
    >>> mish([0.0, 1.0]).round(4)
    array([0.    , 0.8651])

    References
    ----------
    Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019.
    <https://arxiv.org/abs/1908.08681>
    """
    x = np.asarray(x, np.float64)
    return x * np.tanh(np.logaddexp(0.0, x))


def mish_slope(x):
    r"""$\tanh s + x\,\sigma(x)(1 - \tanh^2 s)$, $s = \log(1 + e^x)$.

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
    >>> mish_slope([0.0])
    array([0.6])

    References
    ----------
    Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019.
    <https://arxiv.org/abs/1908.08681>
    """
    x = np.asarray(x, np.float64)
    s = np.logaddexp(0.0, x)
    return np.tanh(s) + x * np.exp(x - s) / np.cosh(np.minimum(s, 350)) ** 2
