"""Softmin: the smallest number gets the largest share of 1."""

import numpy as np

__all__ = ["softmin", "softmin_slope"]


def softmin(x, axis=-1):
    r"""$e^{-x_i} / \sum_j e^{-x_j}$: the smallest gets most.

    Parameters
    ----------
    x : ndarray, shape (..., K, ...)
        Distances or costs.
    axis : int
        The axis that competes.

    Returns
    -------
    ndarray, shape (..., K, ...)
        Shares that sum to 1, float64.

    Examples
    --------
    >>> softmin([0.0, np.log(3.0)])
    array([0.75, 0.25])

    References
    ----------
    Goodfellow et al., "Deep Learning", 2016, ch. 6.2.2.
    <https://www.deeplearningbook.org/>
    """
    x = np.asarray(x, np.float64)
    shares = np.exp(x.min(axis=axis, keepdims=True) - x)
    return shares / shares.sum(axis=axis, keepdims=True)


def softmin_slope(x):
    r"""$p_i (p_j - [i = j])$.

    Parameters
    ----------
    x : ndarray, shape (..., K)
        Distances or costs.

    Returns
    -------
    ndarray, shape (..., K, K)
        Slope of value i by cost j, the competing axis last; float64.

    Examples
    --------
    >>> softmin_slope([0.0, 0.0])
    array([[-0.25,  0.25],
           [ 0.25, -0.25]])

    References
    ----------
    Goodfellow et al., "Deep Learning", 2016, ch. 6.2.2.
    <https://www.deeplearningbook.org/>
    """
    p = softmin(x)
    return p[..., None] * (p[..., None, :] - np.eye(p.shape[-1]))
