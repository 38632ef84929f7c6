"""Absolute error: its best constant prediction is the median."""

import numpy as np

__all__ = ["mae_loss"]


def mae_loss(outputs, targets):
    """$|y - t|$ for every element.

    Parameters
    ----------
    outputs : ndarray, shape (...)
        Predictions $y$.
    targets : ndarray, shape (...)
        Observations $t$.

    Returns
    -------
    ndarray, shape (...)
        One loss per element, in the unit of the targets, float64.

    Examples
    --------
    >>> mae_loss([3.0], [1.0])
    array([2.])

    References
    ----------
    Koenker, Bassett, "Regression Quantiles", 1978, the case of the median.
    <https://doi.org/10.2307/1913643>
    """
    return np.abs(np.asarray(outputs, np.float64) - np.asarray(targets, np.float64))
