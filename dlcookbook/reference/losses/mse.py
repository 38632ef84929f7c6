"""Squared error: its best constant prediction is the mean."""

import numpy as np

__all__ = ["mse_loss"]


def mse_loss(outputs, targets):
    """$(y - t)^2$ for every element.

    Parameters
    ----------
    outputs : ndarray, shape (...)
        Predictions $y$.
    targets : ndarray, shape (...)
        Observations $t$.

    Returns
    -------
    ndarray, shape (...)
        One loss per element, in the squared unit of the targets, float64.

    Examples
    --------
    >>> mse_loss([3.0], [1.0])
    array([4.])

    References
    ----------
    Bishop, "Pattern Recognition and Machine Learning", 2006, section 1.5.5.
    <https://www.microsoft.com/en-us/research/publication/pattern-recognition-machine-learning/>
    """
    return (np.asarray(outputs, np.float64) - np.asarray(targets, np.float64)) ** 2
