"""Step and multi-step: the rate falls by a factor, at even distances or where told."""

import numpy as np

__all__ = ["multi_step_decay", "step_decay"]


def step_decay(step, *, lr, every, factor=0.1):
    r"""$\eta f^{\lfloor t / k \rfloor}$: times $f$ after every $k$ steps.

    The first $k$ steps have the full rate.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr : float >= 0
        First rate $\eta$.
    every : int >= 1
        $k$, steps from one fall to the next.
    factor : float in (0, 1]
        $f$, what is left after a fall.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> print(step_decay([0, 1, 2, 3, 4], lr=1.0, every=2, factor=0.5))
    [1.   1.   0.5  0.5  0.25]

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, section 3.4.
    <https://arxiv.org/abs/1512.03385>
    """
    return lr * factor ** np.floor(np.float64(step) / every)


def multi_step_decay(step, *, lr, milestones, factor=0.1):
    r"""$\eta f^n$, $n$ the number of milestones that have been reached.

    At the step of a milestone the new rate holds. One milestone of $k$ is a single
    fall of `step_decay`.

    Parameters
    ----------
    step : ndarray, shape (...)
        How many steps were taken before this one: 0 for the first.
    lr : float >= 0
        First rate $\eta$.
    milestones : sequence of int
        First step of each new rate.
    factor : float in (0, 1]
        $f$, what is left after a fall.

    Returns
    -------
    ndarray, shape (...)
        The rate at each step.

    Examples
    --------
    >>> print(multi_step_decay([0, 1, 2, 3, 4], lr=1.0, milestones=[2, 3], factor=0.5))
    [1.   1.   0.5  0.25 0.25]

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, section 4.2.
    <https://arxiv.org/abs/1512.03385>
    """
    reached = (np.asarray(step, np.float64)[..., None] >= np.float64(milestones)).sum(
        -1
    )
    return lr * factor ** np.float64(reached)
