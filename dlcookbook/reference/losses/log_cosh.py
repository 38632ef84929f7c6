"""Log-cosh loss: squared near the target, absolute far from it, smooth everywhere."""

import numpy as np

__all__ = ["log_cosh_loss"]


def log_cosh_loss(predictions, targets):
    r"""$\ln \cosh e$ for the error $e$ of every prediction.

    Near 0 it is evaluated as $-\frac12 \ln(1 - \tanh^2 e)$, the same number without
    a difference of two almost equal ones.

    Parameters
    ----------
    predictions : ndarray, shape (...)
        Predicted values.
    targets : ndarray, shape (...)
        Observed values.

    Returns
    -------
    ndarray, shape (...)
        One loss per element, float64.

    Examples
    --------
    >>> log_cosh_loss([1e-8, 1e4], [0.0, 0.0]) + [0.0, np.log(2)]
    array([5.e-17, 1.e+04])

    References
    ----------
    Saleh, Saleh, "Statistical Properties of the log-cosh Loss Function Used in Machine
    Learning", 2022. <https://arxiv.org/abs/2208.04564>
    """
    error = np.asarray(predictions, np.float64) - np.asarray(targets, np.float64)
    near = -np.log1p(-(np.tanh(np.clip(error, -1, 1)) ** 2)) / 2
    far = np.logaddexp(error, -error) - np.log(2)
    return np.where(np.abs(error) < 1, near, far)
