"""Binary cross-entropy with a weight for the positives and label smoothing."""

import numpy as np

__all__ = ["weighted_bce_loss"]


def weighted_bce_loss(logits, targets, *, pos_weight=None, label_smoothing=0.0):
    r"""$-w q \log p - (1 - q) \log(1 - p)$ with $q = (1 - \epsilon) y + \epsilon / 2$.

    Parameters
    ----------
    logits : ndarray, shape (...)
        Raw scores.
    targets : ndarray, shape (...)
        Labels $y$ from 0 to 1.
    pos_weight : float or ndarray, shape () or (C,) or (C, 1, ...), optional
        Weight $w$ of label 1. None weighs both labels with 1.
    label_smoothing : float in [0, 1]
        Share $\epsilon$ of a label that is replaced by one half.

    Returns
    -------
    ndarray, shape (...)
        One loss per label, in nats, float64.

    Examples
    --------
    >>> weighted_bce_loss([0.0, 0.0], [1, 0], pos_weight=3.0) / np.log(2)
    array([3., 1.])

    References
    ----------
    King and Zeng, "Logistic Regression in Rare Events Data", 2001, section 4.2.
    <https://doi.org/10.1093/oxfordjournals.pan.a004868>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets, np.float64)
    # probabilities of "yes" and "no" that the smoothed label stands for
    yes = targets - label_smoothing * (targets - 0.5)
    no = 1.0 - yes
    yes = yes if pos_weight is None else np.asarray(pos_weight) * yes
    return yes * np.logaddexp(0.0, -logits) + no * np.logaddexp(0.0, logits)
