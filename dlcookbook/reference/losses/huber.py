"""Huber: squared near the target, absolute far from it."""

import numpy as np

__all__ = ["huber_loss"]


def huber_loss(outputs, targets, *, delta=1.0):
    r"""$\frac12 e^2$ where $|e| \le \delta$, else $\delta(|e| - \frac12\delta)$.

    Parameters
    ----------
    outputs : ndarray, shape (...)
        Predictions; $e$ is their distance from the targets.
    targets : ndarray, shape (...)
        Observations.
    delta : float > 0
        Errors beyond it count linearly. In the unit of the targets.

    Returns
    -------
    ndarray, shape (...)
        One loss per element, in the squared unit of the targets, float64.

    Examples
    --------
    >>> huber_loss([0.5, 3.0], [0.0, 0.0], delta=2.0)
    array([0.125, 4.   ])

    References
    ----------
    Huber, "Robust Estimation of a Location Parameter", 1964.
    <https://doi.org/10.1214/aoms/1177703732>
    """
    error = np.abs(np.asarray(outputs, np.float64) - np.asarray(targets, np.float64))
    # the part inside delta counts squared, what sticks out counts delta times
    inside = np.minimum(error, delta)
    return inside**2 / 2 + delta * (error - inside)
