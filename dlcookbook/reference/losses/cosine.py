"""Cosine distance: compares directions and ignores lengths."""

import numpy as np

__all__ = ["cosine_loss"]


def cosine_loss(outputs, targets):
    r"""$1 - \frac{u \cdot v}{\lVert u \rVert \lVert v \rVert}$ for every pair of rows.

    0 for the same direction, 1 for a right angle, 2 for opposite directions.

    Parameters
    ----------
    outputs : ndarray, shape (N, D)
        Predicted vectors $u$, none of length 0.
    targets : ndarray, shape (N, D)
        Vectors $v$ to point at, none of length 0.

    Returns
    -------
    ndarray, shape (N,)
        One loss per pair, from 0 to 2, float64.

    Examples
    --------
    >>> cosine_loss([[1.0, 0.0]], [[0.0, 5.0]])
    array([1.])

    References
    ----------
    Barz, Denzler, "Deep Learning on Small Datasets without Pre-Training using Cosine
    Loss", 2020, eq. 1. <https://arxiv.org/abs/1901.09054>
    """
    outputs, targets = np.asarray(outputs, np.float64), np.asarray(targets, np.float64)
    lengths = np.linalg.norm(outputs, axis=1) * np.linalg.norm(targets, axis=1)
    return 1 - np.sum(outputs * targets, axis=1) / lengths
