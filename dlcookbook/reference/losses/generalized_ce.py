"""Generalized cross-entropy: trust examples less whose label looks wrong."""

import numpy as np

__all__ = ["generalized_cross_entropy_loss"]


def generalized_cross_entropy_loss(logits, targets, *, q=0.7):
    r"""$(1 - p_y^q) / q$ for every example; for $q = 0$ the limit $-\log p_y$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices $y$ from 0 to C - 1.
    q : float in [0, 1]
        The larger, the less an example weighs whose label the model does not believe.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, from 0 to 1 / q, float64.

    Examples
    --------
    >>> generalized_cross_entropy_loss(np.zeros((1, 4)), [3], q=0.5)
    array([1.])

    References
    ----------
    Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks
    with Noisy Labels", 2018, section 3. <https://arxiv.org/abs/1805.07836>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    true = np.take_along_axis(logits, targets[:, None], axis=1)
    # 1 / p is the sum of exp(z_j - z_y)
    surprise = np.logaddexp.reduce(logits - true, axis=1)
    if q == 0:
        return surprise
    # half of the digits of 1 - p**q are lost where it is near 0
    half = np.tanh(q * surprise / 2)
    return 2 * half / (1 + half) / q
