"""Binary cross-entropy: how surprised the predicted probability is by the label."""

import numpy as np

__all__ = ["bce_loss"]


def bce_loss(logits, targets):
    r"""$-y \log p - (1 - y) \log(1 - p)$ with $p = 1 / (1 + e^{-z})$.

    A logit of 0 costs $\log 2$, whatever the label.

    Parameters
    ----------
    logits : ndarray, shape (...)
        Raw scores $z$.
    targets : ndarray, shape (...)
        Labels $y$ from 0 to 1.

    Returns
    -------
    ndarray, shape (...)
        One loss per label, in nats, float64.

    Examples
    --------
    >>> bce_loss([0.0], [1]) / np.log(2)
    array([1.])

    References
    ----------
    Good, "Rational Decisions", 1952.
    <https://doi.org/10.1111/j.2517-6161.1952.tb00104.x>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets, np.float64)
    no = np.logaddexp(0.0, logits)
    yes = np.logaddexp(0.0, -logits)
    return targets * yes + (1 - targets) * no
