"""Step and linear: the two that teach a stack nothing."""

import numpy as np

__all__ = ["linear", "linear_slope", "step", "step_slope"]


def step(x):
    r"""1 from 0 on, else 0.

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
    >>> step([-2.0, 0.0, 3.0])
    array([0., 1., 1.])

    References
    ----------
    Rosenblatt, "The Perceptron", 1958. <https://doi.org/10.1037/h0042519>
    """
    return np.heaviside(np.asarray(x, np.float64), 1.0)


def step_slope(x):
    r"""0 wherever there is a slope.

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
    >>> step_slope([-2.0, 3.0])
    array([0., 0.])

    References
    ----------
    Rosenblatt, "The Perceptron", 1958. <https://doi.org/10.1037/h0042519>
    """
    return np.zeros_like(np.asarray(x, np.float64))


def linear(x):
    r"""$x$.

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
    >>> linear([-2.0])
    array([-2.])

    References
    ----------
    Rosenblatt, "The Perceptron", 1958. <https://doi.org/10.1037/h0042519>
    """
    return np.asarray(x, np.float64)


def linear_slope(x):
    r"""1.

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
    >>> linear_slope([-2.0])
    array([1.])

    References
    ----------
    Rosenblatt, "The Perceptron", 1958. <https://doi.org/10.1037/h0042519>
    """
    return np.ones_like(np.asarray(x, np.float64))
