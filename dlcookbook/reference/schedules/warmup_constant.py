"""Warm-up and constant: a straight climb, and then the rate does not move."""

import numpy as np

__all__ = ["warmup_constant"]


def warmup_constant(step, *, lr, warmup_steps, start=None):
    r"""$\eta \min(1, s + (1 - s) t / w)$: $w$ steps below $\eta$, then $\eta$.

    Without a start, step $t$ has $\eta (t + 1) / (w + 1)$.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr : float >= 0
        Highest rate $\eta$.
    warmup_steps : int >= 1
        $w$: how many steps stay below $\eta$ at first.
    start : float, optional
        $s$, share of $\eta$ at step 0. By default the warm-up's stairs are equally
        high, the first included.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> print(warmup_constant([0, 1, 2, 3, 4], lr=1.0, warmup_steps=3))
    [0.25 0.5  0.75 1.   1.  ]

    References
    ----------
    Goyal et al., "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", 2017,
    section 2.2. <https://arxiv.org/abs/1706.02677>
    """
    first = 1 / (warmup_steps + 1) if start is None else start
    return lr * np.minimum(1, first + (1 - first) * np.float64(step) / warmup_steps)
