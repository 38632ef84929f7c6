"""Squared hinge loss: hinge loss that punishes large violations more."""

import numpy as np

__all__ = ["squared_hinge_loss"]


def squared_hinge_loss(logits, targets, *, margin=1.0):
    r"""$\max(0, m - s z)^2$ for every label, with $s = 2y - 1$.

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
        One loss per label, in units of the score squared, float64.

    Examples
    --------
    >>> squared_hinge_loss([2.0, 0.5, 0.5], [1, 1, 0])
    array([0.  , 0.25, 2.25])

    References
    ----------
    Tang, "Deep Learning using Linear Support Vector Machines", 2013, section 2.
    <https://arxiv.org/abs/1306.0239>
    """
    sign = 2.0 * np.asarray(targets) - 1.0
    short = margin - sign * np.asarray(logits, np.float64)
    return np.where(short > 0, short * short, 0.0)
