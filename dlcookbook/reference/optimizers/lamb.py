"""LAMB: Adam's direction, as long as each tensor of weights is: for huge batches."""

import numpy as np

__all__ = ["lamb"]


def lamb(
    parameter,
    gradient,
    state,
    *,
    lr=1e-3,
    betas=(0.9, 0.999),
    eps=1e-6,
    weight_decay=0.0,
    decoupled=False,
    bias_correction=True,
):
    r"""$\theta - \eta \frac{\|\theta\|}{\|r + \lambda \theta\|} (r + \lambda \theta)$.

    $r = \hat m / (\sqrt{\hat v} + \epsilon)$ is Adam's step. A tensor moves by the
    share $\eta$ of its own length, whatever its gradients are. Norms are those of one
    tensor: give it a layer's weights, not all of them joined.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        One tensor of weights and the slope of the loss at it.
    state : dict
        `step`, `mean`, `square`. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$.
    betas : tuple of two floats in [0, 1)
        What is kept of the two means.
    eps : float >= 0
        $\epsilon$: 1e-6 in the paper's code and in optax, 1e-7 in Keras.
    weight_decay : float >= 0
        $\lambda$.
    decoupled : bool
        False counts the decay in the direction and in its length, as the paper and
        optax. True shrinks the weights by $1 - \eta \lambda$ first, as Keras.
    bias_correction : bool
        False leaves both hats out.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The ratio is 1 where a norm is 0.

    Examples
    --------
    >>> lamb(np.array([3.0, 4.0]), np.array([7.0, 0.0]), {}, lr=0.1, eps=0.0)[0]
    array([2.5, 4. ])

    References
    ----------
    You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76
    minutes", 2020, algorithm 2. <https://arxiv.org/abs/1904.00962>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    if decoupled:
        x = x - lr * weight_decay * x
    step = state.get("step", 0) + 1
    mean = betas[0] * state.get("mean", 0.0) + (1 - betas[0]) * g
    square = betas[1] * state.get("square", 0.0) + (1 - betas[1]) * g**2
    first, second = (1 - b**step if bias_correction else 1.0 for b in betas)
    root = np.sqrt(square / second) + eps
    # with eps = 0 a weight that never had a gradient stays
    move = np.divide(mean / first, root, out=np.zeros_like(x), where=root > 0)
    move = move + (0.0 if decoupled else weight_decay) * x
    norms = np.sqrt(np.sum(x**2)), np.sqrt(np.sum(move**2))
    ratio = norms[0] / norms[1] if min(norms) > 0 else 1.0
    return x - lr * ratio * move, {"step": step, "mean": mean, "square": square}
