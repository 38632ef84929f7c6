"""AdaBelief: Adam that divides by how far the gradient is from the expected one."""

import numpy as np

__all__ = ["adabelief"]


def adabelief(
    parameter,
    gradient,
    state,
    *,
    lr=1e-3,
    betas=(0.9, 0.999),
    eps=1e-16,
    eps_root=1e-16,
    weight_decay=0.0,
    decoupled=True,
):
    r"""$\theta - \eta \hat m / (\sqrt{\hat s} + \epsilon)$, $s$ a mean of $(g - m)^2$.

    Large steps where gradients come as expected, small ones where they surprise. As
    $m$ starts from 0, the first step is $\eta / \beta_1$ long: $g - m = \beta_1 g$.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `step`, `mean`, `surprise`. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$.
    betas : tuple of two floats in [0, 1)
        What is kept of the two means.
    eps : float >= 0
        Added to the root. 1e-16 is meant: it is compared with the square of a small
        difference, and 1e-8 makes the whole SGD with momentum where gradients agree.
    eps_root : float >= 0
        Added to $s$ at every step, so that it piles up to $\epsilon / (1 - \beta_2)$.
    weight_decay : float >= 0
        $\lambda$, the pull towards 0.
    decoupled : bool
        True shrinks the weights by $1 - \eta \lambda$; False adds $\lambda \theta$ to
        the gradient.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> print(adabelief(1.0, 5.0, {}, lr=0.09)[0].round(6))
    0.9

    References
    ----------
    Zhuang et al., "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed
    Gradients", 2020, algorithm 2. <https://arxiv.org/abs/2010.07468>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    if decoupled:
        x = x - lr * weight_decay * x
    else:
        g = g + weight_decay * x
    step = state.get("step", 0) + 1
    mean = betas[0] * state.get("mean", 0.0) + (1 - betas[0]) * g
    surprise = betas[1] * state.get("surprise", 0.0) + (1 - betas[1]) * (g - mean) ** 2
    surprise = surprise + eps_root
    first, second = (1 - b**step for b in betas)
    root = np.sqrt(surprise / second) + eps
    new = {"step": step, "mean": mean, "surprise": surprise}
    return x - lr * (mean / first) / root, new
