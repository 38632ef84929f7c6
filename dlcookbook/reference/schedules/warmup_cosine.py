"""Warm-up and cosine: a straight climb, then half a wave down, and there it stays."""

import numpy as np

__all__ = ["warmup_cosine"]


def warmup_cosine(step, *, lr, steps, warmup_steps=0, start=None, end=0.0):
    r"""$\eta (e + (1 - e)(1 + \cos \pi u) / 2)$, $u$ the share done after the warm-up.

    Halfway between warm-up and end the rate is $\eta (1 + e) / 2$.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr : float >= 0
        Highest rate $\eta$.
    steps : int
        When the rate has come down, warm-up included.
    warmup_steps : int >= 0
        How many steps stay below $\eta$ at first.
    start : float, optional
        Share of $\eta$ at step 0. By default the warm-up's stairs are equally high,
        the first included.
    end : float
        $e$, the share of $\eta$ that stays.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> print(warmup_cosine([0, 1, 2, 3, 4, 9], lr=1.0, steps=4, warmup_steps=1))
    [0.5  1.   0.75 0.25 0.   0.  ]

    References
    ----------
    Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016,
    equation 5. <https://arxiv.org/abs/1608.03983>
    """
    t = np.float64(step)
    first = 1 / (warmup_steps + 1) if start is None else start
    climb = first + (1 - first) * t / max(warmup_steps, 1)
    done = np.clip((t - warmup_steps) / (steps - warmup_steps), 0, 1)
    return lr * np.where(
        t < warmup_steps, climb, end + (1 - end) * (1 + np.cos(np.pi * done)) / 2
    )
