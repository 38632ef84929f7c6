"""Exponential: every step multiplies the rate by the same number."""

import numpy as np

__all__ = ["exponential"]


def exponential(step, *, lr, factor, every=1):
    r"""$\eta f^{t / k}$: a fall by $f$ takes $k$ steps, and then it takes $k$ more.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr : float >= 0
        First rate $\eta$.
    factor : float in (0, 1]
        $f$, what is left after `every` steps.
    every : float > 0
        $k$.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> print(exponential([0, 2, 4, 6], lr=1.0, factor=0.25, every=4))
    [1.    0.5   0.25  0.125]

    References
    ----------
    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016,
    section 8. <https://arxiv.org/abs/1512.00567>
    """
    return lr * factor ** (np.float64(step) / every)
