"""Absolute percentage error: how far off, as a share of the truth."""

import numpy as np

__all__ = ["mape_loss"]


def mape_loss(predictions, targets):
    r"""$|\hat y - y| / |y|$ for every element.

    Parameters
    ----------
    predictions : ndarray, shape (...)
        Predicted values.
    targets : ndarray, shape (...)
        Observed values, none of them 0.

    Returns
    -------
    ndarray, shape (...)
        One loss per element, as a share, float64.

    Examples
    --------
    >>> mape_loss([110.0, 0.0], [100.0, 5.0])
    array([0.1, 1. ])

    References
    ----------
    Hyndman & Koehler, "Another Look at Measures of Forecast Accuracy", 2006, section
    2.2. <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    predictions = np.asarray(predictions, np.float64)
    targets = np.asarray(targets, np.float64)
    return np.abs(predictions - targets) / np.abs(targets)
