"""Sparsemax: shares of 1 like softmax, the small ones exactly 0."""

import numpy as np

__all__ = ["sparsemax", "sparsemax_slope"]


def sparsemax(x, axis=-1):
    r"""Project the scores onto the simplex, to its nearest point.

    Parameters
    ----------
    x : ndarray, shape (..., K, ...)
        Scores.
    axis : int
        The axis that competes.

    Returns
    -------
    ndarray, shape (..., K, ...)
        Shares that sum to 1, float64.

    Examples
    --------
    >>> sparsemax([0.5, 0.0, -2.0]).round(12)
    array([0.75, 0.25, 0.  ])

    References
    ----------
    Martins and Astudillo, "From Softmax to Sparsemax", 2016, alg. 1 and prop. 1.
    <https://arxiv.org/abs/1602.02068>
    """
    x = np.moveaxis(np.asarray(x, np.float64), axis, -1)
    x = x - x.max(-1, keepdims=True)
    low, high = np.full((*x.shape[:-1], 1), -1.0), np.zeros((*x.shape[:-1], 1))
    # the threshold by bisection: what is above it sums to 1
    for _ in range(100):
        middle = (low + high) / 2
        over = np.maximum(x - middle, 0).sum(-1, keepdims=True) > 1
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return np.moveaxis(np.maximum(x - high, 0), -1, axis)


def sparsemax_slope(x):
    r"""$[i = j] - 1 / k$ among the k shares above 0, else 0.

    Parameters
    ----------
    x : ndarray, shape (..., K)
        Scores.

    Returns
    -------
    ndarray, shape (..., K, K)
        Slope of value i by score j, the competing axis last; float64.

    Examples
    --------
    >>> sparsemax_slope([0.5, 0.0, -2.0])
    array([[ 0.5, -0.5,  0. ],
           [-0.5,  0.5,  0. ],
           [ 0. ,  0. ,  0. ]])

    References
    ----------
    Martins and Astudillo, "From Softmax to Sparsemax", 2016, alg. 1 and prop. 1.
    <https://arxiv.org/abs/1602.02068>
    """
    taken = sparsemax(x) > 0
    both = taken[..., None] & taken[..., None, :]
    count = taken.sum(-1)[..., None, None]
    return np.where(both, np.eye(taken.shape[-1]) - 1 / count, 0.0)
