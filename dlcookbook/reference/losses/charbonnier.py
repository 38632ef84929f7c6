"""Charbonnier loss: absolute error with a rounded corner."""

import numpy as np

__all__ = ["charbonnier_loss"]


def charbonnier_loss(predictions, targets, *, epsilon=1e-3):
    r"""$\sqrt{e^2 + \epsilon^2}$ for the error $e$ of every prediction.

    Parameters
    ----------
    predictions : ndarray, shape (...)
        Predicted values.
    targets : ndarray, shape (...)
        Observed values.
    epsilon : float > 0
        Width of the rounded corner.

    Returns
    -------
    ndarray, shape (...)
        One loss per element, float64.

    Examples
    --------
    >>> charbonnier_loss([0.0, 3.0], [0.0, 0.0], epsilon=4.0)
    array([4., 5.])

    References
    ----------
    Charbonnier et al., "Two Deterministic Half-Quadratic Regularization Algorithms for
    Computed Imaging", 1994. <https://doi.org/10.1109/ICIP.1994.413553>
    """
    error = np.asarray(predictions, np.float64) - np.asarray(targets, np.float64)
    return abs(error + 1j * epsilon)
