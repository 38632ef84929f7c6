"""Cosine restarts: down half a wave, up at a stroke, and again, in longer periods."""

import numpy as np

__all__ = ["cosine_restarts"]


def cosine_restarts(step, *, lr, first, growth=1.0, shrink=1.0, end=0.0):
    r"""$\eta (e + (1 - e) s^i (1 + \cos \pi u) / 2)$, $u$ the share of period $i$ done.

    One period is `warmup_cosine` without its warm-up.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr : float >= 0
        First rate $\eta$.
    first : int >= 1
        Length of the first period.
    growth : float >= 1
        Each period is that many times as long as the one before.
    shrink : float in (0, 1]
        $s$: each period starts at that share of the one before.
    end : float
        $e$, share of $\eta$ at the end of a period.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> print(cosine_restarts([0, 1, 2, 4, 6], lr=1.0, first=2, growth=2.0))
    [1.  0.5 1.  0.5 1. ]

    References
    ----------
    Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016.
    <https://arxiv.org/abs/1608.03983>
    """
    t = np.float64(step)
    period, begin, length = np.zeros_like(t), np.zeros_like(t), np.full_like(t, first)
    while (over := t >= begin + length).any():
        begin = np.where(over, begin + length, begin)
        length = np.where(over, length * growth, length)
        period = period + over
    wave = (1 + np.cos(np.pi * (t - begin) / length)) / 2
    return lr * (end + (1 - end) * shrink**period * wave)
