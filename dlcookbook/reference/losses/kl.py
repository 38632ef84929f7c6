"""KL divergence: how far a predicted distribution is from a given one."""

import numpy as np

__all__ = ["kl_divergence_loss"]


def kl_divergence_loss(logits, target_probabilities):
    r"""Cross-entropy of the prediction minus entropy of the target.

    $\mathrm{KL}(t \Vert q) = -\sum_c t_c \ln q_c + \sum_c t_c \ln t_c$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second; $q$ is their softmax.
    target_probabilities : ndarray, shape (N, C, ...)
        What the prediction should be, $t$: >= 0, adding up to 1 over the classes.

    Returns
    -------
    ndarray, shape (N, ...)
        One divergence per example, in nats, float64.

    Examples
    --------
    >>> kl_divergence_loss(np.zeros((1, 4)), [[0.0, 0.0, 1.0, 0.0]]) / np.log(4)
    array([1.])

    References
    ----------
    Kullback, Leibler, "On Information and Sufficiency", 1951, eq. 2.4.
    <https://doi.org/10.1214/aoms/1177729694>
    """
    logits = np.asarray(logits, np.float64)
    target = np.asarray(target_probabilities, np.float64)
    log_q = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    # x ln x is 0 at 0, which its own formula does not say
    negative_entropy = (target * np.log(target, where=target > 0, out=0 * target)).sum(
        1
    )
    return negative_entropy - (target * log_q).sum(axis=1)
