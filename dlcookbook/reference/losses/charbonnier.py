"""Charbonnier loss: the absolute error with a rounded corner."""

import numpy as np

__all__ = ["charbonnier_loss"]


def charbonnier_loss(predictions, targets, *, epsilon=1e-3):
    r"""Hypotenuse over the error and $\epsilon$: $\sqrt{e^2 + \epsilon^2}$.

    Parameters
    ----------
    predictions : ndarray, shape (...)
        Predicted values.
    targets : ndarray, shape (...)
        Observed values.
    epsilon : float > 0
        Width of the rounded corner, in the unit of the targets.

    Returns
    -------
    ndarray, shape (...)
        One loss per element, in the unit of the targets, float64.

    Examples
    --------
    >>> charbonnier_loss([12.0], [0.0], epsilon=5.0)
    array([13.])

    References
    ----------
    Charbonnier et al., "Two Deterministic Half-Quadratic Regularization Algorithms for
    Computed Imaging", 1994. <https://doi.org/10.1109/ICIP.1994.413553>
    """
    error = np.asarray(predictions, np.float64) - np.asarray(targets, np.float64)
    return np.hypot(error, epsilon)
