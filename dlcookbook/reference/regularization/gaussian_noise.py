"""Gaussian noise in training: added to the values, or multiplied as a soft dropout."""

import numpy as np

__all__ = ["gaussian_dropout", "gaussian_noise"]


def gaussian_noise(x, draws, *, stddev):
    r"""$y = x + \sigma z$ with $z \sim N(0, 1)$: the mean stays.

    Parameters
    ----------
    x : ndarray, shape (...)
        Inputs.
    draws : ndarray, shape (...)
        z, one for every value.
    stddev : float >= 0
        $\sigma$, in the unit of x.

    Returns
    -------
    ndarray, shape (...)
        Outputs.

    Examples
    --------
    >>> gaussian_noise([1.0, 2.0], [1.0, -1.0], stddev=0.25)
    array([1.25, 1.75])

    References
    ----------
    Bishop, "Training with Noise is Equivalent to Tikhonov Regularization", 1995.
    <https://doi.org/10.1162/neco.1995.7.1.108>
    """
    return np.asarray(x, np.float64) + stddev * np.asarray(draws, np.float64)


def gaussian_dropout(x, draws, *, rate):
    r"""$y = x (1 + \sigma z)$, $\sigma^2 = r / (1 - r)$: mean and variance of dropout.

    Parameters
    ----------
    x : ndarray, shape (...)
        Inputs.
    draws : ndarray, shape (...)
        z, one for every value.
    rate : float in [0, 1)
        The rate of the dropout that has the same variance.

    Returns
    -------
    ndarray, shape (...)
        Outputs.

    Examples
    --------
    >>> gaussian_dropout([1.0, 2.0], [1.0, -1.0], rate=0.5)
    array([2., 0.])

    References
    ----------
    Srivastava et al., "Dropout", 2014, section 10.
    <https://jmlr.org/papers/v15/srivastava14a.html>
    """
    x = np.asarray(x, np.float64)
    return x * (1 + np.sqrt(rate / (1 - rate)) * np.asarray(draws, np.float64))
