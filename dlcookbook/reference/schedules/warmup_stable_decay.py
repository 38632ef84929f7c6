"""Warm-up, stable, decay: the rate stays up until an end is wanted, then comes down."""

import numpy as np

__all__ = ["warmup_stable_decay"]

# What is left of the rate when a share u of the decay is done.
SHAPES = {
    "linear": lambda u: 1 - u,
    "sqrt": lambda u: 1 - np.sqrt(u),
    "cosine": lambda u: (1 + np.cos(np.pi * u)) / 2,
}


def warmup_stable_decay(
    step, *, lr, steps, warmup_steps, decay_steps, start=None, end=0.0, shape="linear"
):
    r"""$\eta$ all the way, but for a climb at the start and a fall at the end.

    The three parts are independent: a longer run has the same rates up to its decay.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr : float >= 0
        Highest rate $\eta$.
    steps : int
        When the rate has come down, all parts included.
    warmup_steps : int >= 0
        How many steps stay below $\eta$ at first.
    decay_steps : int >= 1
        Length of the last part.
    start : float, optional
        Share of $\eta$ at step 0. By default the warm-up's stairs are equally high,
        the first included.
    end : float
        Share of $\eta$ that stays.
    shape : {"linear", "sqrt", "cosine"}
        How the rate comes down: $1 - u$, $1 - \sqrt u$ or $(1 + \cos \pi u) / 2$.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> options = {"steps": 8, "warmup_steps": 1, "decay_steps": 4}
    >>> print(warmup_stable_decay([0, 1, 4, 5, 6, 7, 8], lr=1.0, **options))
    [0.5  1.   1.   0.75 0.5  0.25 0.  ]

    References
    ----------
    Hu et al., "MiniCPM: Unveiling the Potential of Small Language Models with Scalable
    Training Strategies", 2024, section 4. <https://arxiv.org/abs/2404.06395>
    """
    t = np.float64(step)
    first = 1 / (warmup_steps + 1) if start is None else start
    climb = first + (1 - first) * t / max(warmup_steps, 1)
    left = SHAPES[shape](np.clip((t - steps) / decay_steps + 1, 0, 1))
    return lr * np.where(t < warmup_steps, climb, end + (1 - end) * left)
