"""Jensen-Shannon divergence: a symmetric and bounded distance of two distributions."""

import numpy as np

__all__ = ["js_divergence_loss"]


def js_divergence_loss(logits, target_probabilities):
    r"""Entropy of the mixture minus the mean entropy of its two parts.

    $H(m) - \frac12 H(t) - \frac12 H(q)$ with $m = \frac12(t + q)$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second; $q$ is their softmax.
    target_probabilities : ndarray, shape (N, C, ...)
        What the prediction should be, $t$: >= 0, adding up to 1 over the classes.

    Returns
    -------
    ndarray, shape (N, ...)
        One divergence per example, from 0 to ln 2, in nats, float64.

    Examples
    --------
    >>> js_divergence_loss([[1e4, -1e4]], [[0.0, 1.0]]) / np.log(2)
    array([1.])

    References
    ----------
    Lin, "Divergence Measures Based on the Shannon Entropy", 1991, eq. 3.4 and 4.1.
    <https://doi.org/10.1109/18.61115>
    """
    logits = np.asarray(logits, np.float64)
    target = np.asarray(target_probabilities, np.float64)
    q = np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None])
    return entropy((target + q) / 2) - entropy(target) / 2 - entropy(q) / 2


def entropy(p):
    """Entropy over the classes, in which a class of probability 0 does not count."""
    return -(p * np.log(p, where=p > 0, out=np.zeros_like(p))).sum(axis=1)
