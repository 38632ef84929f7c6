"""PolyLoss: cross-entropy with a heavier first term of its series."""

import numpy as np

__all__ = ["poly_bce_loss", "poly_cross_entropy_loss"]


def poly_bce_loss(logits, targets, *, epsilon=1.0):
    r"""$-\log p_t + \epsilon\,(1 - p_t)$ for every label.

    Parameters
    ----------
    logits : ndarray, shape (...)
        Raw scores.
    targets : ndarray, shape (...)
        0 or 1.
    epsilon : float >= -1
        Extra weight of the first power of the error.

    Returns
    -------
    ndarray, shape (...)
        One loss per label, float64.

    Examples
    --------
    >>> poly_bce_loss([0.0], [1], epsilon=2.0) - np.log(2)
    array([1.])

    References
    ----------
    Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss
    Functions", 2022, eq. 6. <https://arxiv.org/abs/2204.12511>
    """
    logits = np.asarray(logits, np.float64)
    cross_entropy = np.logaddexp(0.0, np.where(np.equal(targets, 1), -logits, logits))
    return cross_entropy + epsilon * (1 - np.exp(-cross_entropy))


def poly_cross_entropy_loss(logits, targets, *, epsilon=1.0):
    r"""$-\log p_y + \epsilon\,(1 - p_y)$ for every example.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1.
    epsilon : float >= -1
        Extra weight of the first power of the error.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, float64.

    Examples
    --------
    >>> poly_cross_entropy_loss(np.zeros((1, 4)), [3], epsilon=4.0) - np.log(4)
    array([3.])

    References
    ----------
    Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss
    Functions", 2022, eq. 6. <https://arxiv.org/abs/2204.12511>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    true = np.take_along_axis(logits, targets[:, None], axis=1)[:, 0]
    cross_entropy = np.logaddexp.reduce(logits, axis=1) - true
    return cross_entropy + epsilon * (1 - np.exp(-cross_entropy))
