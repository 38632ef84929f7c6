"""Absolute percentage error: the error as a share of the target."""

import numpy as np

__all__ = ["mape_loss"]


def mape_loss(predictions, targets, *, epsilon):
    r"""$\frac{|e|}{|y|}$, and $\frac{|e|}{\epsilon}$ for targets $|y| \le \epsilon$.

    Parameters
    ----------
    predictions : ndarray, shape (...)
        Predicted values.
    targets : ndarray, shape (...)
        Observed values.
    epsilon : float > 0
        The smallest size of a target to divide by, in its unit.

    Returns
    -------
    ndarray, shape (...)
        One loss per element, a fraction and not a percentage, float64.

    Examples
    --------
    >>> mape_loss([3.0, 3.0], [4.0, 0.0], epsilon=1.0)
    array([0.25, 3.  ])

    References
    ----------
    de Myttenaere et al., "Mean Absolute Percentage Error for Regression Models", 2016.
    <https://arxiv.org/abs/1605.02541>
    """
    predictions = np.asarray(predictions, np.float64)
    targets = np.asarray(targets, np.float64)
    error = np.abs(targets - predictions)
    share = error / epsilon
    large = np.abs(targets) > epsilon
    share[large] = error[large] / np.abs(targets)[large]
    return share
