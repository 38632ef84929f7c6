"""PolyLoss: cross-entropy with an adjustable weight on its leading term."""

import numpy as np

__all__ = ["poly_bce_loss", "poly_cross_entropy_loss"]


def poly_bce_loss(logits, targets, *, epsilon=1.0):
    r"""$-\log p_t + \epsilon (1 - p_t)$ for every label.

    Parameters
    ----------
    logits : ndarray, shape (...)
        Raw scores.
    targets : ndarray, shape (...)
        0 or 1.
    epsilon : float >= -1
        Added to the weight 1 of the leading term $1 - p_t$ of the cross-entropy.

    Returns
    -------
    ndarray, shape (...)
        One loss per label, in nats, float64.

    Examples
    --------
    >>> poly_bce_loss([0.0], [1], epsilon=3.0) - np.log(2)
    array([1.5])

    References
    ----------
    Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss
    Functions", 2022, section 4. <https://arxiv.org/abs/2204.12511>
    """
    margin = (2 * np.asarray(targets) - 1) * np.asarray(logits, np.float64)
    wrong = np.exp(-np.logaddexp(0.0, margin))
    return np.logaddexp(0.0, -margin) + epsilon * wrong


def poly_cross_entropy_loss(logits, targets, *, epsilon=1.0):
    r"""$-\log p_y + \epsilon (1 - p_y)$ for every example.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices $y$ from 0 to C - 1.
    epsilon : float >= -1
        Added to the weight 1 of the leading term $1 - p_y$ of the cross-entropy.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, in nats, float64.

    Examples
    --------
    >>> poly_cross_entropy_loss(np.zeros((1, 4)), [0], epsilon=2.0) - np.log(4)
    array([1.5])

    References
    ----------
    Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss
    Functions", 2022, section 4. <https://arxiv.org/abs/2204.12511>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    loss = np.zeros(targets.shape)
    for c in range(logits.shape[1]):
        # 1 - p is what the other classes have
        loss += np.where(targets == c, -log_p[:, c], epsilon * np.exp(log_p[:, c]))
    return loss
