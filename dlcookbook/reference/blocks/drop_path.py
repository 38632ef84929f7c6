"""Stochastic depth: leave a block out for some of the images, in training alone."""

import numpy as np

__all__ = ["drop_path"]


def drop_path(x, kept, *, rate):
    r"""$y_n = b_n x_n / (1 - p)$, the draws given.

    Parameters
    ----------
    x : ndarray, shape (N, ...)
        What the branch gave.
    kept : ndarray of bool, shape (N,)
        False where the branch is left out, which happens with a chance of `rate`.
    rate : float in [0, 1)
        Share of the examples for which the branch is left out.

    Returns
    -------
    ndarray, shape (N, ...)
        For each example 0 or `x / (1 - rate)`, float64.

    Examples
    --------
    >>> drop_path([[1.0, 2.0], [3.0, 4.0]], [True, False], rate=0.5)
    array([[2., 4.],
           [0., 0.]])

    References
    ----------
    Huang et al., "Deep Networks with Stochastic Depth", 2016, eq. 2; scaled as by
    Larsson et al., "FractalNet", 2016. <https://arxiv.org/abs/1603.09382>
    """
    x = np.asarray(x, np.float64)
    y = np.zeros_like(x)
    y[np.asarray(kept)] = x[np.asarray(kept)] / (1 - rate)
    return y
