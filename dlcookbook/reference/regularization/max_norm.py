"""Max-norm: the weights of a unit are pulled back into a ball after every step."""

import numpy as np

__all__ = ["max_norm"]


def max_norm(weight, *, max_value):
    r"""$w_k \min(1, c / \lVert w_k \rVert)$ for every unit k.

    Parameters
    ----------
    weight : ndarray, shape (K, ...)
        The weights of K units, one per entry of the first axis.
    max_value : float > 0
        The radius c.

    Returns
    -------
    ndarray, shape (K, ...)
        New weights: those within the ball are as they were.

    Examples
    --------
    >>> max_norm([[3.0, 4.0], [0.3, 0.4]], max_value=1.0)
    array([[0.6, 0.8],
           [0.3, 0.4]])

    References
    ----------
    Srivastava et al., "Dropout", 2014, section 5.1.
    <https://jmlr.org/papers/v15/srivastava14a.html>
    """
    w = np.asarray(weight, np.float64)
    norms = np.sqrt((w**2).sum(axis=tuple(range(1, w.ndim)), keepdims=True))
    return np.where(norms > max_value, w * (max_value / np.maximum(norms, 1e-300)), w)
