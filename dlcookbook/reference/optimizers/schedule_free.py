"""Schedule-Free: averages its own path instead of lowering the learning rate."""

import numpy as np

__all__ = ["schedule_free_adamw", "schedule_free_average", "schedule_free_sgd"]


def schedule_free_sgd(
    parameter,
    gradient,
    state,
    *,
    lr,
    momentum=0.9,
    weight_decay=0.0,
    warmup_steps=0,
    weight_lr_power=2.0,
):
    r"""$z - \gamma g(y)$ with $y = (1 - \beta) z + \beta x$, $x$ the mean of all $z$.

    Gradients are taken at $y$, which is what is trained here; $x$ is what to evaluate
    and to keep: `schedule_free_average`. With $\beta = 0$ it is SGD, $x$ its mean.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        $y$ and the slope of the loss there. Before the first step x = y = z.
    state : dict
        `step`, `z`, `weight_sum`, `lr_max`. Empty before the first step.
    lr : float >= 0
        Learning rate $\gamma$.
    momentum : float in (0, 1)
        $\beta$: how near to the average the slope is taken.
    weight_decay : float >= 0
        $\lambda$: takes $\gamma \lambda y$ from $z$.
    warmup_steps : int >= 0
        Steps in which the rate rises to `lr`.
    weight_lr_power : float >= 0
        A step enters the mean with the weight of its (largest) rate to this power.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights $y$ and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> y, state = schedule_free_sgd(1.0, 1.0, {}, lr=0.5)
    >>> y, state = schedule_free_sgd(y, 1.0, state, lr=0.5)
    >>> print(state["z"], schedule_free_average(y, state, momentum=0.9).round(6))
    0.0 0.25

    References
    ----------
    Defazio et al., "The Road Less Scheduled", 2024, eq. 3-5.
    <https://arxiv.org/abs/2405.15682>
    """
    y, g = np.float64(parameter), np.float64(gradient)
    step = state.get("step", 0) + 1
    rate = lr * min(1.0, step / warmup_steps) if warmup_steps else lr
    lr_max = max(state.get("lr_max", 0.0), rate)
    total = state.get("weight_sum", 0.0) + lr_max**weight_lr_power
    c = lr_max**weight_lr_power / total if total > 0 else 0.0
    z = state.get("z", y)
    x = (y - (1 - momentum) * z) / momentum
    z = z - rate * (g + weight_decay * y)
    x = (1 - c) * x + c * z
    new = {"step": step, "z": z, "weight_sum": total, "lr_max": lr_max}
    return (1 - momentum) * z + momentum * x, new


def schedule_free_adamw(
    parameter,
    gradient,
    state,
    *,
    lr=2.5e-3,
    betas=(0.9, 0.999),
    eps=1e-8,
    weight_decay=0.0,
    warmup_steps=0,
    weight_lr_power=2.0,
):
    r"""$z - \gamma (g(y) / (\sqrt{\hat v} + \epsilon) + \lambda y)$, averaged like SGD.

    Adam's division without its momentum: $\beta_1$ says where the slope is taken. The
    first step moves every weight by $\gamma$.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        $y$ and the slope of the loss there. Before the first step x = y = z.
    state : dict
        `step`, `z`, `square`, `weight_sum`, `lr_max`. Empty before the first step.
    lr : float >= 0
        Learning rate $\gamma$: one to ten times AdamW's.
    betas : tuple of two floats in (0, 1)
        How near to the average the slope is taken; what is kept of the mean square.
    eps : float >= 0
        $\epsilon$.
    weight_decay : float >= 0
        $\lambda$: takes $\gamma \lambda y$ from $z$.
    warmup_steps : int >= 0
        Steps in which the rate rises to `lr`.
    weight_lr_power : float >= 0
        A step enters the mean with the weight of its (largest) rate to this power. 0
        counts all alike, as Keras, also in the warm-up.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights $y$ and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> y, _ = schedule_free_adamw(np.array([1.0, 1.0]), np.array([5.0, -0.01]), {},
    ...     lr=0.5, eps=0.0)
    >>> y
    array([0.5, 1.5])

    References
    ----------
    Defazio et al., "The Road Less Scheduled", 2024, algorithm 1.
    <https://arxiv.org/abs/2405.15682>
    """
    g = np.float64(gradient)
    step = state.get("step", 0) + 1
    square = betas[1] * state.get("square", 0.0) + (1 - betas[1]) * g**2
    y, new = schedule_free_sgd(
        parameter,
        g / (np.sqrt(square / (1 - betas[1] ** step)) + eps),
        state,
        lr=lr,
        momentum=betas[0],
        weight_decay=weight_decay,
        warmup_steps=warmup_steps,
        weight_lr_power=weight_lr_power,
    )
    return y, new | {"square": square}


def schedule_free_average(parameter, state, *, momentum=0.9):
    r"""$x = (y - (1 - \beta) z) / \beta$: the weights to evaluate, keep and ship.

    Parameters
    ----------
    parameter : ndarray, shape (...)
        $y$, as a step returned it.
    state : dict
        The state returned beside it.
    momentum : float in (0, 1)
        $\beta$, of the steps: `betas[0]` of the AdamW form.

    Returns
    -------
    ndarray, shape (...)
        The average of all $z$.

    Examples
    --------
    >>> print(schedule_free_average(1.0, {"z": -1.0}, momentum=0.5))
    3.0

    References
    ----------
    Defazio et al., 2024, eq. 3. <https://arxiv.org/abs/2405.15682>
    """
    z = state.get("z", parameter)
    return (np.float64(parameter) - (1 - momentum) * z) / momentum
