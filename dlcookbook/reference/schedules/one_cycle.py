"""One cycle: up to a rate that could not be kept for long, and far down again."""

import numpy as np

__all__ = ["one_cycle"]


def one_cycle(step, *, lr, steps, warmup=0.3, start=0.04, end=4e-6, shape="cosine"):
    r"""From $s \eta$ up to $\eta$, then down to $e \eta$, along half waves or straight.

    The summit lies at step $w N - 1$, the end at the last step $N - 1$.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr : float >= 0
        Highest rate $\eta$.
    steps : int
        $N$, length of the training.
    warmup : float in (0, 1)
        $w$, share of the steps on which the rate rises.
    start : float
        $s$, share of $\eta$ at step 0.
    end : float
        $e$, share of $\eta$ at the last step and after it.
    shape : {"cosine", "linear"}
        How the rate goes up and down.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> print(one_cycle([0, 1, 2, 4, 6], lr=1.0, steps=7, warmup=3 / 7, end=0.0))
    [0.04 0.52 1.   0.5  0.  ]

    References
    ----------
    Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using
    Large Learning Rates", 2017. <https://arxiv.org/abs/1708.07120>
    """
    t, top = np.float64(step), warmup * steps - 1
    up = np.clip(t / top, 0, 1)
    down = np.clip((t - top) / (steps - 1 - top), 0, 1)
    if shape == "cosine":
        up, down = ((1 - np.cos(np.pi * u)) / 2 for u in (up, down))
    return lr * np.where(t <= top, start + (1 - start) * up, 1 - (1 - end) * down)
