"""RAdam: Adam that warms up by itself, since its first variances are unreliable."""

import numpy as np

__all__ = ["radam"]


def radam(
    parameter,
    gradient,
    state,
    *,
    lr=1e-3,
    betas=(0.9, 0.999),
    eps=1e-8,
    weight_decay=0.0,
    decoupled=False,
    threshold=4.0,
    eps_hat=False,
):
    r"""$\theta - \eta r_t \hat m / (\sqrt{\hat v} + \epsilon)$: Adam, slowed by $r_t$.

    $\rho_t$ is how many gradients stand behind $v$: while it is small, plain momentum
    steps; then $r_t$ rises from 0 to 1. With $\beta_2 = 0.999$ the sixth step is the
    first that divides if the threshold is 5, the fifth if it is 4.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `step`, `mean`, `square`. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$.
    betas : tuple of two floats in [0, 1)
        What is kept of the two means.
    eps : float >= 0
        $\epsilon$; the paper has none.
    weight_decay : float >= 0
        $\lambda$, the pull towards 0.
    decoupled : bool
        False adds $\lambda \theta$ to the gradient, torch's default. True shrinks the
        weights by $1 - \eta \lambda$ first.
    threshold : float >= 4
        $\rho_t$ above which it divides: 4 in the paper, 5 in torch and optax.
    eps_hat : bool
        True adds $\epsilon$ to $\sqrt v$ before its correction, as torch here and only
        here; False after it, as optax.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> print(radam(1.0, 0.5, {}, lr=0.1)[0])
    0.95

    References
    ----------
    Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", 2020,
    algorithm 2. <https://arxiv.org/abs/1908.03265>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    if decoupled:
        x = x - lr * weight_decay * x
    else:
        g = g + weight_decay * x
    step = state.get("step", 0) + 1
    mean = betas[0] * state.get("mean", 0.0) + (1 - betas[0]) * g
    square = betas[1] * state.get("square", 0.0) + (1 - betas[1]) * g**2
    new = {"step": step, "mean": mean, "square": square}
    first, second = (1 - b**step for b in betas)
    limit = 2 / (1 - betas[1]) - 1
    length = limit - 2 * step * betas[1] ** step / second
    if length <= threshold:
        return x - lr * mean / first, new
    rectifier = (length - 4) * (length - 2) * limit
    rectifier = np.sqrt(rectifier / ((limit - 4) * (limit - 2) * length))
    if eps_hat:
        root = (np.sqrt(square) + eps) / np.sqrt(second)
    else:
        root = np.sqrt(square / second) + eps
    return x - lr * rectifier * (mean / first) / root, new
