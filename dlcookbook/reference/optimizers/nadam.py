"""NAdam: Adam that looks one step ahead, with a momentum that warms up."""

import numpy as np

__all__ = ["nadam"]


def nadam(
    parameter,
    gradient,
    state,
    *,
    lr=2e-3,
    betas=(0.9, 0.999),
    eps=1e-8,
    momentum_decay=0.004,
    weight_decay=0.0,
    decoupled=False,
):
    r"""$\theta - \eta \bar m / (\sqrt{\hat v} + \epsilon)$: Adam with a look ahead.

    $\bar m = \mu_{t+1} m / (1 - \Pi_{t+1}) + (1 - \mu_t) g / (1 - \Pi_t)$, where
    $\mu_t = \beta_1 (1 - 0.96^{t \psi} / 2)$ and $\Pi_t$ is their product up to t. With
    a constant $\mu$ the first step is $1 + \beta_1 / (1 + \beta_1)$ rates long.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `step`, `mean`, `square`, `product` of the momenta. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$: 0.002 in torch, 0.001 in Keras.
    betas : tuple of two floats in [0, 1)
        What is kept of the two means.
    eps : float >= 0
        $\epsilon$: 1e-8 in torch, 1e-7 in Keras.
    momentum_decay : float > 0 or None
        $\psi$: 0.004 in torch; Keras warms up 250 times as fast, it is 1 there. None
        takes $\mu_t = \beta_1$, as optax.
    weight_decay : float >= 0
        $\lambda$, the pull towards 0.
    decoupled : bool
        False adds $\lambda \theta$ to the gradient, as torch. True shrinks the weights
        by $1 - \eta \lambda$ first, as Keras.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> w, _ = nadam(0.0, -1.0, {}, lr=1.0, betas=(0.5, 0.5), momentum_decay=None)
    >>> print(w.round(6))
    1.333333

    References
    ----------
    Dozat, "Incorporating Nesterov Momentum into Adam", 2016, algorithm 2.
    <https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ>
    """

    def kept(t):
        if momentum_decay is None:
            return betas[0]
        return betas[0] * (1 - 0.5 * 0.96 ** (t * momentum_decay))

    x, g = np.float64(parameter), np.float64(gradient)
    if decoupled:
        x = x - lr * weight_decay * x
    else:
        g = g + weight_decay * x
    step = state.get("step", 0) + 1
    product = state.get("product", 1.0) * kept(step)
    mean = betas[0] * state.get("mean", 0.0) + (1 - betas[0]) * g
    square = betas[1] * state.get("square", 0.0) + (1 - betas[1]) * g**2
    ahead = kept(step + 1) * mean / (1 - product * kept(step + 1))
    ahead = ahead + (1 - kept(step)) * g / (1 - product)
    root = np.sqrt(square / (1 - betas[1] ** step)) + eps
    new = {"step": step, "mean": mean, "square": square, "product": product}
    return x - lr * ahead / root, new
