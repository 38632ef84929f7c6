"""Adamax: Adam that divides by the largest recent gradient."""

import numpy as np

__all__ = ["adamax"]


def adamax(
    parameter,
    gradient,
    state,
    *,
    lr=2e-3,
    betas=(0.9, 0.999),
    eps=1e-8,
    weight_decay=0.0,
    decoupled=False,
    eps_inside=True,
):
    r"""$u \leftarrow \max(\beta_2 u, |g|)$, $\theta - \eta \hat m / u$.

    The first step moves every weight by $\eta$, whatever the size of its gradient; one
    large gradient keeps the later ones short.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `step`, `mean`, `norm`. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$: 0.002 in the paper and in torch, 0.001 in Keras.
    betas : tuple of two floats in [0, 1)
        What is kept of the mean and of the largest gradient.
    eps : float >= 0
        $\epsilon$; the paper has none.
    weight_decay : float >= 0
        $\lambda$, the pull towards 0.
    decoupled : bool
        False adds $\lambda \theta$ to the gradient, as torch. True shrinks the weights
        by $1 - \eta \lambda$ first, as Keras.
    eps_inside : bool
        True takes $\max(\beta_2 u, |g| + \epsilon)$, as torch. False divides by
        $u + \epsilon$, as Keras.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> w, _ = adamax(np.array([1.0, 1.0]), np.array([5.0, -0.01]), {}, eps=0.0)
    >>> w
    array([0.998, 1.002])

    References
    ----------
    Kingma, Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 2.
    <https://arxiv.org/abs/1412.6980>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    if decoupled:
        x = x - lr * weight_decay * x
    else:
        g = g + weight_decay * x
    step = state.get("step", 0) + 1
    mean = betas[0] * state.get("mean", 0.0) + (1 - betas[0]) * g
    inside, outside = (eps, 0.0) if eps_inside else (0.0, eps)
    norm = np.maximum(betas[1] * state.get("norm", 0.0), np.abs(g) + inside)
    new = {"step": step, "mean": mean, "norm": norm}
    return x - lr * mean / (1 - betas[0] ** step) / (norm + outside), new
