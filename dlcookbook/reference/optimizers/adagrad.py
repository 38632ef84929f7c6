"""Adagrad: each weight has its own rate, smaller the more it was pushed so far."""

import numpy as np

__all__ = ["adagrad"]


def adagrad(
    parameter,
    gradient,
    state,
    *,
    lr,
    lr_decay=0.0,
    eps=1e-10,
    initial_accumulator_value=0.0,
    weight_decay=0.0,
    decoupled=False,
    eps_inside=False,
):
    r"""$\theta - \eta g / (\sqrt s + \epsilon)$ with $s \leftarrow s + g^2$.

    The first step moves every weight by $\eta$, whatever the size of its gradient; with
    a constant gradient step t is $\eta / \sqrt t$ long.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `step` and the sum of squares `sum`. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$.
    lr_decay : float >= 0
        The rate of step t is $\eta / (1 + (t - 1) d)$.
    eps : float >= 0
        $\epsilon$.
    initial_accumulator_value : float >= 0
        What $s$ starts from: 0 in the paper and in torch, 0.1 in Keras.
    weight_decay : float >= 0
        $\lambda$, the pull towards 0.
    decoupled : bool
        False adds $\lambda \theta$ to the gradient, as torch. True shrinks the weights
        by $1 - \eta \lambda$ first, as Keras.
    eps_inside : bool
        False adds $\epsilon$ to the root, as torch. True divides by
        $\sqrt{s + \epsilon}$, as Keras.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> w, state = adagrad(1.0, 3.0, {}, lr=0.5, eps=0.0)
    >>> w, state = adagrad(w, 4.0, state, lr=0.5, eps=0.0)
    >>> print(w.round(12), state["sum"])
    0.1 25.0

    References
    ----------
    Duchi et al., "Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization", 2011, figure 1. <https://jmlr.org/papers/v12/duchi11a.html>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    if decoupled:
        x = x - lr * weight_decay * x
    else:
        g = g + weight_decay * x
    step = state.get("step", 0) + 1
    total = state.get("sum", initial_accumulator_value) + g**2
    root = np.sqrt(total + eps) if eps_inside else np.sqrt(total) + eps
    rate = lr / (1 + (step - 1) * lr_decay)
    return x - rate * g / root, {"step": step, "sum": total}
