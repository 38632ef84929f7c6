"""Gaussian negative log-likelihood: a prediction that says how sure it is."""

import numpy as np

__all__ = ["gaussian_nll_loss"]


def gaussian_nll_loss(outputs, targets):
    r"""$\ln(\sigma \sqrt{2\pi}) + \frac12 (\frac{y - \mu}{\sigma})^2$ for every target.

    Parameters
    ----------
    outputs : ndarray, shape (..., 2)
        Mean $\mu$ and natural logarithm of the variance $\sigma^2$.
    targets : ndarray, shape (...)
        Observed values $y$.

    Returns
    -------
    ndarray, shape (...)
        Minus the log-density of each target, in nats, float64.

    Examples
    --------
    >>> np.exp(-gaussian_nll_loss([[3.0, 0.0]], [3.0])) * np.sqrt(2 * np.pi)
    array([1.])

    References
    ----------
    Nix, Weigend, "Estimating the Mean and Variance of the Target Probability
    Distribution", 1994. <https://doi.org/10.1109/ICNN.1994.374138>
    """
    outputs, targets = np.asarray(outputs, np.float64), np.asarray(targets)
    mean, log_sigma = outputs[..., 0], outputs[..., 1] / 2
    deviations = (targets - mean) / np.exp(log_sigma)
    return log_sigma + np.log(np.sqrt(2 * np.pi)) + deviations**2 / 2
