"""Inverse square root: after the warm-up, four times as long is half the rate."""

import numpy as np

__all__ = ["inverse_sqrt"]


def inverse_sqrt(step, *, lr, warmup_steps, start=None):
    r"""$\eta \sqrt{w / t}$ after a warm-up of $w$ steps: it needs no end.

    Step $w$ has the full rate, step $4 w$ half of it, step $100 w$ a tenth.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr : float >= 0
        Highest rate $\eta$.
    warmup_steps : int >= 1
        $w$: how many steps stay below $\eta$ at first.
    start : float, optional
        Share of $\eta$ at step 0. By default the warm-up's stairs are equally high,
        the first included.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> print(inverse_sqrt([0, 1, 2, 3, 12, 48], lr=1.0, warmup_steps=3))
    [0.25 0.5  0.75 1.   0.5  0.25]

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, equation 3.
    <https://arxiv.org/abs/1706.03762>
    """
    t = np.float64(step)
    first = 1 / (warmup_steps + 1) if start is None else start
    climb = first + (1 - first) * t / warmup_steps
    return lr * np.where(
        t < warmup_steps, climb, np.sqrt(warmup_steps / np.maximum(t, warmup_steps))
    )
