"""Smooth L1: absolute error with a rounded corner; Huber divided by beta."""

import numpy as np

__all__ = ["smooth_l1_loss"]


def smooth_l1_loss(outputs, targets, *, beta=1.0):
    r"""$\frac{e^2}{2\beta}$ where $|e| < \beta$, else $|e| - \frac12\beta$.

    Far from the target its slope is 1 for every `beta`; Huber's is `delta`. With
    `beta=0` it is the absolute error.

    Parameters
    ----------
    outputs : ndarray, shape (...)
        Predictions; $e$ is their distance from the targets.
    targets : ndarray, shape (...)
        Observations.
    beta : float >= 0
        Width of the rounded corner. In the unit of the targets.

    Returns
    -------
    ndarray, shape (...)
        One loss per element, in the unit of the targets, float64.

    Examples
    --------
    >>> smooth_l1_loss([0.5, 3.0], [0.0, 0.0], beta=2.0)
    array([0.0625, 2.    ])

    References
    ----------
    Girshick, "Fast R-CNN", 2015, eq. 3, where beta is 1.
    <https://arxiv.org/abs/1504.08083>
    """
    error = np.abs(np.asarray(outputs, np.float64) - np.asarray(targets, np.float64))
    if beta == 0:
        return error
    return np.where(error < beta, error**2 / (2 * beta), error - beta / 2)
