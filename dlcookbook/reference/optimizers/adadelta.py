"""Adadelta: steps as long as the last ones were, so that no rate is needed."""

import numpy as np

__all__ = ["adadelta"]


def adadelta(
    parameter,
    gradient,
    state,
    *,
    lr=1.0,
    rho=0.9,
    eps=1e-6,
    weight_decay=0.0,
    decoupled=False,
):
    r"""$\theta - \eta \Delta$ with $\Delta = g \sqrt{(u + \epsilon) / (v + \epsilon)}$.

    $v$ and $u$ are running means of $g^2$ and $\Delta^2$. The first step is about
    $\sqrt{\epsilon / (1 - \rho)}$ long: $\epsilon$ is what starts it.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `square` of the gradients and `moved` of the moves. Empty at first.
    lr : float >= 0
        $\eta$: 1 in the paper and in torch, 0.001 in Keras.
    rho : float in [0, 1)
        What is kept of both means: 0.9 in torch, 0.95 in Keras.
    eps : float > 0
        $\epsilon$: 1e-6 in torch, 1e-7 in Keras.
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
    >>> print(adadelta(1.0, 2.0, {}, rho=0.75, eps=0.01)[0].round(3))
    0.801

    References
    ----------
    Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, algorithm 1.
    <https://arxiv.org/abs/1212.5701>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    if decoupled:
        x = x - lr * weight_decay * x
    else:
        g = g + weight_decay * x
    square = rho * state.get("square", 0.0) + (1 - rho) * g**2
    moved = state.get("moved", np.zeros_like(g))
    move = np.sqrt(moved + eps) / np.sqrt(square + eps) * g
    moved = rho * moved + (1 - rho) * move**2
    return x - lr * move, {"square": square, "moved": moved}
