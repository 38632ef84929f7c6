"""Categorical hinge loss: beat the best wrong class by a margin."""

import numpy as np

__all__ = ["categorical_hinge_loss"]


def categorical_hinge_loss(logits, targets, *, margin=1.0):
    r"""$\max(0, m + \max_{j \ne y} z_j - z_y)$ for every example.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores $z$, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices $y$ from 0 to C - 1.
    margin : float >= 0
        Lead $m$ from which an example counts as safely right.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, in units of the score, float64.

    Examples
    --------
    >>> categorical_hinge_loss([[2.0, 0.5, -1.0], [-1.0, -3.0, -3.0]], [1, 0])
    array([2.5, 0. ])

    References
    ----------
    Crammer and Singer, "On the Algorithmic Implementation of Multiclass Kernel-based
    Vector Machines", 2001, section 3.
    <https://www.jmlr.org/papers/v2/crammer01a.html>
    """
    scores = np.moveaxis(np.asarray(logits, np.float64), 1, -1)
    targets = np.asarray(targets)
    loss = np.empty(targets.shape)
    for example, label in np.ndenumerate(targets):
        others = np.delete(scores[example], label)
        loss[example] = max(0.0, margin + others.max() - scores[example][label])
    return loss
