"""Softmax and log-softmax: scores to shares of 1, with temperature and mask."""

import numpy as np

__all__ = ["log_softmax", "log_softmax_slope", "softmax", "softmax_slope"]


def softmax(x, axis=-1, *, temperature=1.0, mask=None):
    r"""$p_i = e^{x_i / T} / \sum_j e^{x_j / T}$; a row without a score is all 0.

    Parameters
    ----------
    x : ndarray, shape (..., K, ...)
        Scores.
    axis : int
        The axis that competes.
    temperature : float > 0
        Divides the scores: above 1 flattens, below 1 sharpens.
    mask : ndarray of bool, shape broadcastable to x, optional
        True where a score takes part.

    Returns
    -------
    ndarray, shape (..., K, ...)
        Shares that sum to 1, float64.

    Examples
    --------
    >>> softmax([0.0, np.log(3.0)])
    array([0.25, 0.75])

    References
    ----------
    Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, eq. 1.
    <https://arxiv.org/abs/1503.02531>
    """
    return np.exp(log_softmax(x, axis, temperature=temperature, mask=mask))


def softmax_slope(x, *, temperature=1.0, mask=None):
    r"""$p_i ([i = j] - p_j) / T$.

    Parameters
    ----------
    x : ndarray, shape (..., K)
        Scores.
    temperature : float > 0
        Divides the scores: above 1 flattens, below 1 sharpens.
    mask : ndarray of bool, shape broadcastable to x, optional
        True where a score takes part.

    Returns
    -------
    ndarray, shape (..., K, K)
        Slope of value i by score j, the competing axis last; float64.

    Examples
    --------
    >>> softmax_slope([0.0, 0.0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])

    References
    ----------
    Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, eq. 1.
    <https://arxiv.org/abs/1503.02531>
    """
    p = softmax(x, temperature=temperature, mask=mask)
    own = p[..., None] * np.eye(p.shape[-1])
    return (own - p[..., None] * p[..., None, :]) / temperature


def log_softmax(x, axis=-1, *, temperature=1.0, mask=None):
    r"""$x_i / T - \log \sum_j e^{x_j / T}$, and $-\infty$ where masked.

    Parameters
    ----------
    x : ndarray, shape (..., K, ...)
        Scores.
    axis : int
        The axis that competes.
    temperature : float > 0
        Divides the scores: above 1 flattens, below 1 sharpens.
    mask : ndarray of bool, shape broadcastable to x, optional
        True where a score takes part.

    Returns
    -------
    ndarray, shape (..., K, ...)
        Logarithms of shares, float64.

    Examples
    --------
    >>> log_softmax([0.0, 0.0]) / np.log(2.0)
    array([-1., -1.])

    References
    ----------
    Bridle, "Probabilistic Interpretation of Feedforward Classification Network
    Outputs", 1990. <https://doi.org/10.1007/978-3-642-76153-9_28>
    """
    x = np.asarray(x, np.float64) / temperature
    mask = np.broadcast_to(True if mask is None else mask, x.shape)
    kept = np.where(mask, x, -np.inf)
    top = kept.max(axis=axis, keepdims=True)
    kept = kept - np.where(np.isfinite(top), top, 0.0)
    total = np.logaddexp.reduce(kept, axis=axis, keepdims=True)
    return np.where(mask, kept - np.where(np.isfinite(total), total, 0.0), -np.inf)


def log_softmax_slope(x, *, temperature=1.0, mask=None):
    r"""$([i = j] - p_j) / T$, and 0 where masked.

    Parameters
    ----------
    x : ndarray, shape (..., K)
        Scores.
    temperature : float > 0
        Divides the scores: above 1 flattens, below 1 sharpens.
    mask : ndarray of bool, shape broadcastable to x, optional
        True where a score takes part.

    Returns
    -------
    ndarray, shape (..., K, K)
        Slope of value i by score j, the competing axis last; float64.

    Examples
    --------
    >>> log_softmax_slope([0.0, 0.0])
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])

    References
    ----------
    Bridle, "Probabilistic Interpretation of Feedforward Classification Network
    Outputs", 1990. <https://doi.org/10.1007/978-3-642-76153-9_28>
    """
    p = softmax(x, temperature=temperature, mask=mask)
    taken = np.broadcast_to(True if mask is None else mask, p.shape)
    slope = (np.eye(p.shape[-1]) - p[..., None, :]) / temperature
    return np.where(taken[..., None] & taken[..., None, :], slope, 0.0)
