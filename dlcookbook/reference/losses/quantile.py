"""Quantile (pinball) loss: the best prediction is a quantile, not the mean."""

import numpy as np

__all__ = ["quantile_loss"]


def quantile_loss(predictions, targets, *, quantile):
    r"""$q\,[e]_+ + (1 - q)\,[-e]_+$ with $e$ = target - prediction.

    Parameters
    ----------
    predictions : ndarray, shape (...) or (..., Q)
        Predicted quantiles; with Q quantiles one column for each.
    targets : ndarray, shape (...)
        Observed values, without the column axis.
    quantile : float in (0, 1) or sequence of Q such floats
        The share of targets that should lie below the prediction.

    Returns
    -------
    ndarray, shape of `predictions`
        One loss per prediction, in the unit of the targets, float64.

    Examples
    --------
    >>> quantile_loss([1.0, 6.0], [2.0, 2.0], quantile=0.75)
    array([0.75, 1.  ])

    References
    ----------
    Koenker, Bassett, "Regression Quantiles", 1978. <https://doi.org/10.2307/1913643>
    """
    predictions = np.asarray(predictions, np.float64)
    targets, level = np.asarray(targets, np.float64), np.asarray(quantile)
    if level.ndim:
        targets = targets[..., None]
    too_low = np.maximum(targets - predictions, 0)
    too_high = np.maximum(predictions - targets, 0)
    return level * too_low + (1 - level) * too_high
