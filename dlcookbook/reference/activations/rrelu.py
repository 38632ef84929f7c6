"""RReLU: a leaky ReLU that draws its slopes anew in training."""

import numpy as np

__all__ = ["rrelu", "rrelu_slope"]


def rrelu(x, *, lower=1 / 8, upper=1 / 3, slope=None):
    r"""$x$ right of 0, else a drawn slope times $x$.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    lower, upper : float
        Ends of the interval that a slope is drawn from in training.
    slope : ndarray, shape (...), optional
        What was drawn. None takes the mean of the ends, as in inference.

    Returns
    -------
    ndarray, shape (...)
        One value per element, float64.

    Examples
    --------
    >>> rrelu([-48.0, 3.0])
    array([-11.,   3.])

    References
    ----------
    Xu et al., "Empirical Evaluation of Rectified Activations in Convolutional
    Network", 2015. <https://arxiv.org/abs/1505.00853>
    """
    x = np.asarray(x, np.float64)
    return np.where(x > 0, x, x * ((lower + upper) / 2 if slope is None else slope))


def rrelu_slope(x, *, lower=1 / 8, upper=1 / 3, slope=None):
    r"""1 right of 0, else the drawn slope.

    Parameters
    ----------
    x : ndarray, shape (...)
        Any numbers.
    lower, upper : float
        Ends of the interval that a slope is drawn from in training.
    slope : ndarray, shape (...), optional
        What was drawn. None takes the mean of the ends, as in inference.

    Returns
    -------
    ndarray, shape (...)
        One slope per element, float64.

    Examples
    --------
    >>> rrelu_slope([-48.0, 3.0]) * 48
    array([11., 48.])

    References
    ----------
    Xu et al., "Empirical Evaluation of Rectified Activations in Convolutional
    Network", 2015. <https://arxiv.org/abs/1505.00853>
    """
    left = (lower + upper) / 2 if slope is None else slope
    return np.where(np.asarray(x, np.float64) > 0, 1.0, left)
