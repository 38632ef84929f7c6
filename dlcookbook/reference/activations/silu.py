"""SiLU (swish): x times its own sigmoid."""

import numpy as np

__all__ = ["hard_silu", "hard_silu_slope", "silu", "silu_slope"]


def silu(x, *, beta=1.0):
    r"""$x\,\sigma(\beta x)$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    beta : float
        Steepness of the gate: 0 gives x / 2, a large one ReLU.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> silu([0.0, np.log(3.0)]) / np.log(3.0)
    array([0.  , 0.75])

    References
    ----------
    Ramachandran et al., "Searching for Activation Functions", 2017, sec. 4.
    <https://arxiv.org/abs/1710.05941>
    """
    x = np.asarray(x, np.float64)
    return x * np.exp(-np.logaddexp(0.0, -beta * x))


def silu_slope(x, *, beta=1.0):
    r"""$\sigma(\beta x) + \beta x\,\sigma(\beta x)(1 - \sigma(\beta x))$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    beta : float
        Steepness of the gate: 0 gives x / 2, a large one ReLU.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> silu_slope([0.0])
    array([0.5])

    References
    ----------
    Ramachandran et al., "Searching for Activation Functions", 2017, sec. 4.
    <https://arxiv.org/abs/1710.05941>
    """
    x = np.asarray(x, np.float64)
    gate = np.exp(-np.logaddexp(0.0, -beta * x))
    shut = np.exp(-np.logaddexp(0.0, beta * x))
    return gate + beta * x * gate * shut


def hard_silu(x):
    r"""$x \min(\max(x + 3, 0), 6) / 6$.

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
    >>> hard_silu([-3.0, 0.0, 4.0]) + 0.0
    array([0., 0., 4.])

    References
    ----------
    Howard et al., "Searching for MobileNetV3", 2019, sec. 5.2.
    <https://arxiv.org/abs/1905.02244>
    """
    x = np.asarray(x, np.float64)
    return x * np.clip(x + 3, 0, 6) / 6


def hard_silu_slope(x):
    r"""0 left of -3, 1 right of 3, between them $(2x + 3) / 6$.

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
    >>> hard_silu_slope([-4.0, 0.0, 4.0])
    array([0. , 0.5, 1. ])

    References
    ----------
    Howard et al., "Searching for MobileNetV3", 2019, sec. 5.2.
    <https://arxiv.org/abs/1905.02244>
    """
    x = np.asarray(x, np.float64)
    return np.where(x >= 3, 1.0, np.where(x > -3, (2 * x + 3) / 6, 0.0))
