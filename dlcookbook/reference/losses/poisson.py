"""Poisson negative log-likelihood: for counts, from the log of the rate."""

import numpy as np

__all__ = ["poisson_loss"]


def poisson_loss(log_rates, counts):
    r"""$e^s - n s$ for a count $n$ and a predicted log rate $s$.

    It is $-\log P(n)$ without $\log n!$, which no prediction can change. The best
    $s$ is $\log n$.

    Parameters
    ----------
    log_rates : ndarray, shape (...)
        Logarithms $s$ of the expected counts.
    counts : ndarray, shape (...)
        Observed counts $n$, >= 0.

    Returns
    -------
    ndarray, shape (...)
        One loss per element, in nats, float64.

    Examples
    --------
    >>> poisson_loss([0.0], [3])
    array([1.])

    References
    ----------
    Cameron, Trivedi, "Regression Analysis of Count Data", 2013, section 3.2.
    <https://doi.org/10.1017/CBO9781139013567>
    """
    log_rates, counts = np.asarray(log_rates, np.float64), np.asarray(counts)
    return np.exp(log_rates) - counts * log_rates
