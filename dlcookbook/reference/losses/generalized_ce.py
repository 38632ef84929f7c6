"""Generalised cross-entropy: cross-entropy that distrusts the labels a little."""

import numpy as np

__all__ = ["generalized_cross_entropy_loss"]


def generalized_cross_entropy_loss(logits, targets, *, q=0.7):
    r"""$(1 - p_y^q) / q$ for every example; $-\log p_y$ for `q=0`.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1.
    q : float in [0, 1]
        Distrust of the labels.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, float64.

    Examples
    --------
    >>> generalized_cross_entropy_loss(np.zeros((1, 4)), np.array([3]), q=0.5)
    array([1.])

    References
    ----------
    Zhang & Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks
    with Noisy Labels", 2018, eq. 6. <https://arxiv.org/abs/1805.07836>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    true = np.take_along_axis(logits, targets[:, None], axis=1)[:, 0]
    odds = np.logaddexp.reduce(logits, axis=1) - true
    return odds if q == 0 else (1 - np.exp(-q * odds)) / q
