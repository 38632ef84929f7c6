"""Hinge loss: ask a binary score to be right by a margin."""

import numpy as np

__all__ = ["hinge_loss"]


def hinge_loss(logits, targets, *, margin=1.0):
    r"""$\max(0, m - s z)$ for every label, with $s = 2y - 1$.

    Parameters
    ----------
    logits : ndarray, shape (...)
        Raw scores $z$.
    targets : ndarray, shape (...)
        Labels $y$, 0 or 1.
    margin : float >= 0
        Score $m$ from which an example counts as safely right.

    Returns
    -------
    ndarray, shape (...)
        One loss per label, in units of the score, float64.

    Examples
    --------
    >>> hinge_loss([2.0, 0.5, 0.5], [1, 1, 0])
    array([0. , 0.5, 1.5])

    References
    ----------
    Cortes and Vapnik, "Support-Vector Networks", 1995, section 3.
    <https://doi.org/10.1007/BF00994018>
    """
    sign = 2.0 * np.asarray(targets) - 1.0
    return np.maximum(0.0, margin - sign * np.asarray(logits, np.float64))
