"""Asymmetric loss: multi-label loss that forgets the many easy negatives."""

import numpy as np

__all__ = ["asymmetric_loss"]


def asymmetric_loss(
    logits, targets, *, gamma_positive=0.0, gamma_negative=4.0, clip=0.05
):
    r"""$-(1 - p)^{\gamma_+} \log p$ or $-p_m^{\gamma_-} \log(1 - p_m)$.

    The first is the cost of label 1, the second of label 0; $p_m = \max(p - m, 0)$.

    Parameters
    ----------
    logits : ndarray, shape (...)
        Raw scores.
    targets : ndarray, shape (...)
        0 or 1.
    gamma_positive : float >= 0
        Focus $\gamma_+$ on label 1.
    gamma_negative : float >= 0
        Focus $\gamma_-$ on label 0.
    clip : float in [0, 1)
        Probability $m$ up to which label 0 costs nothing.

    Returns
    -------
    ndarray, shape (...)
        One loss per label, in nats, float64.

    Examples
    --------
    >>> asymmetric_loss([0.0, 0.0], [1, 0], gamma_negative=1.0, clip=0.0) / np.log(2)
    array([1. , 0.5])

    References
    ----------
    Ridnik et al., "Asymmetric Loss For Multi-Label Classification", 2021, section 2.
    <https://arxiv.org/abs/2009.14119>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    log_p, log_q = -np.logaddexp(0.0, -logits), -np.logaddexp(0.0, logits)
    positive = np.exp(log_q) ** gamma_positive * -log_p
    shifted = np.maximum(np.exp(log_p) - clip, 0.0)
    if clip:
        log_q = np.log(np.minimum(np.exp(log_q) + clip, 1.0))
    negative = shifted**gamma_negative * -log_q
    return np.where(targets == 1, positive, negative)
