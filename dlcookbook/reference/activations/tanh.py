"""Tanh, hard tanh and softsign: between two ends, and 0 stays 0."""

import numpy as np

__all__ = [
    "hard_tanh",
    "hard_tanh_slope",
    "softsign",
    "softsign_slope",
    "tanh",
    "tanh_slope",
]


def tanh(x):
    r"""$(e^x - e^{-x}) / (e^x + e^{-x})$, which is $2\sigma(2x) - 1$.

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
    >>> tanh([0.0, np.log(3.0)])
    array([0. , 0.8])

    References
    ----------
    LeCun et al., "Efficient BackProp", 1998, sec. 4.4.
    <https://doi.org/10.1007/3-540-49430-8_2>
    """
    return np.tanh(np.asarray(x, np.float64))


def tanh_slope(x):
    r"""$1 - \tanh^2 x$, at most 1.

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
    >>> tanh_slope([0.0, np.log(3.0)]).round(12)
    array([1.  , 0.36])

    References
    ----------
    LeCun et al., "Efficient BackProp", 1998, sec. 4.4.
    <https://doi.org/10.1007/3-540-49430-8_2>
    """
    decay = np.exp(-2 * np.abs(np.asarray(x, np.float64)))
    return 4 * decay / (1 + decay) ** 2


def softsign(x):
    r"""$x / (1 + |x|)$.

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
    >>> softsign([-1.0, 3.0])
    array([-0.5 ,  0.75])

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward
    neural networks", 2010. <https://proceedings.mlr.press/v9/glorot10a.html>
    """
    x = np.asarray(x, np.float64)
    return x / (1 + np.abs(x))


def softsign_slope(x):
    r"""$1 / (1 + |x|)^2$.

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
    >>> softsign_slope([-1.0, 3.0])
    array([0.25  , 0.0625])

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward
    neural networks", 2010. <https://proceedings.mlr.press/v9/glorot10a.html>
    """
    return (1 + np.abs(np.asarray(x, np.float64))) ** -2


def hard_tanh(x, *, min_val=-1.0, max_val=1.0):
    r"""x, cut at both ends.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    min_val, max_val : float
        The ends.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> hard_tanh([-3.0, 0.5], min_val=-2.0)
    array([-2. ,  0.5])

    References
    ----------
    Collobert, "Large Scale Machine Learning", 2004, ch. 3.
    <https://ronan.collobert.com/pub/2004_phdthesis_lip6.pdf>
    """
    return np.clip(np.asarray(x, np.float64), min_val, max_val)


def hard_tanh_slope(x, *, min_val=-1.0, max_val=1.0):
    r"""1 between the ends, else 0; at the ends torch says 0.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    min_val, max_val : float
        The ends.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> hard_tanh_slope([-1.0, 0.5])
    array([0., 1.])

    References
    ----------
    Collobert, "Large Scale Machine Learning", 2004, ch. 3.
    <https://ronan.collobert.com/pub/2004_phdthesis_lip6.pdf>
    """
    x = np.asarray(x, np.float64)
    return np.where((x > min_val) & (x < max_val), 1.0, 0.0)
