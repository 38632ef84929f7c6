"""Adam and AdamW: mean gradient over root mean square, both bias-corrected."""

import numpy as np

__all__ = ["adam", "adamw"]


def adam(
    parameter,
    gradient,
    state,
    *,
    lr=1e-3,
    betas=(0.9, 0.999),
    eps=1e-8,
    weight_decay=0.0,
    amsgrad=False,
    bias_correction=True,
    eps_hat=False,
):
    r"""$\theta - \eta \hat m / (\sqrt{\hat v} + \epsilon)$, the decay in the gradient.

    $m$ and $v$ are running means of $g$ and $g^2$; a hat divides by $1 - \beta^t$. The
    first step moves every weight by $\eta$, whatever the size of its gradient.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `step`, `mean`, `square`, and `peak` with `amsgrad`. Empty at first.
    lr : float >= 0
        Learning rate $\eta$.
    betas : tuple of two floats in [0, 1)
        What is kept of the two means.
    eps : float >= 0
        $\epsilon$: 1e-8 in torch, 1e-7 in Keras.
    weight_decay : float >= 0
        $\lambda$: adds $\lambda \theta$ to the gradient, as torch's Adam; the division
        takes most of it back. Keras' Adam shrinks instead: there it is `adamw`.
    amsgrad : bool
        Divide by the largest $v$ so far, of which the correction is taken afterwards.
    bias_correction : bool
        False leaves both hats out.
    eps_hat : bool
        True adds $\epsilon$ to $\sqrt v$ before its correction, as Keras: at the first
        step it acts like $\epsilon / \sqrt{1 - \beta_2}$, 32 times as much.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> w, state = adam(np.array([1.0, 1.0]), np.array([5.0, -0.01]), {}, eps=0.0)
    >>> w
    array([0.999, 1.001])

    References
    ----------
    Kingma, Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1;
    eps_hat: end of section 2. <https://arxiv.org/abs/1412.6980>
    Reddi et al., 2018, algorithm 2: amsgrad. <https://arxiv.org/abs/1904.09237>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    g = g + weight_decay * x
    step = state.get("step", 0) + 1
    mean = betas[0] * state.get("mean", 0.0) + (1 - betas[0]) * g
    square = betas[1] * state.get("square", 0.0) + (1 - betas[1]) * g**2
    new = {"step": step, "mean": mean, "square": square}
    if amsgrad:
        square = new["peak"] = np.maximum(state.get("peak", 0.0), square)
    first, second = (1 - b**step if bias_correction else 1.0 for b in betas)
    if eps_hat:
        root = (np.sqrt(square) + eps) / np.sqrt(second)
    else:
        root = np.sqrt(square / second) + eps
    return x - lr * (mean / first) / root, new


def adamw(
    parameter,
    gradient,
    state,
    *,
    lr=1e-3,
    betas=(0.9, 0.999),
    eps=1e-8,
    weight_decay=0.01,
    amsgrad=False,
    bias_correction=True,
    eps_hat=False,
    decay_times_lr=True,
):
    r"""$(1 - \eta \lambda) \theta - \eta \hat m / (\sqrt{\hat v} + \epsilon)$.

    The decay does not pass through the means: every weight shrinks by the same share,
    also one with large gradients.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        As of `adam`. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$.
    betas : tuple of two floats in [0, 1)
        What is kept of the two means.
    eps : float >= 0
        $\epsilon$: 1e-8 in torch, 1e-7 in Keras.
    weight_decay : float >= 0
        $\lambda$: 0.01 in torch, 0.004 in Keras, 1e-4 in optax.
    amsgrad : bool
        Divide by the largest $v$ so far.
    bias_correction : bool
        False leaves both hats out.
    eps_hat : bool
        True adds $\epsilon$ to $\sqrt v$ before its correction, as Keras.
    decay_times_lr : bool
        True shrinks by $1 - \eta \lambda$, as the frameworks. False by $1 - \lambda$,
        as the paper, whose $\lambda$ a schedule scales but the first rate does not.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> print(adamw(1.0, 5.0, {}, lr=0.1, weight_decay=0.2, eps=0.0)[0].round(6))
    0.88

    References
    ----------
    Loshchilov, Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2.
    <https://arxiv.org/abs/1711.05101>
    """
    share = weight_decay * (lr if decay_times_lr else 1.0)
    return adam(
        (1 - share) * np.float64(parameter),
        gradient,
        state,
        lr=lr,
        betas=betas,
        eps=eps,
        amsgrad=amsgrad,
        bias_correction=bias_correction,
        eps_hat=eps_hat,
    )
