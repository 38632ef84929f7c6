"""Lion: only the sign of the momentum counts, so every weight moves equally far."""

import numpy as np

__all__ = ["lion"]


def lion(
    parameter,
    gradient,
    state,
    *,
    lr=1e-4,
    betas=(0.9, 0.99),
    weight_decay=0.0,
    decay_times_lr=True,
):
    r"""$\theta - \eta (\mathrm{sign}(\beta_1 m + (1 - \beta_1) g) + \lambda \theta)$.

    Then $m \leftarrow \beta_2 m + (1 - \beta_2) g$: the step looks at the gradient more
    than the memory does. A weight moves by $\eta$ exactly, or not at all if both are 0.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `mean`, half of what Adam keeps. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$: 3 to 10 times smaller than Adam's.
    betas : tuple of two floats in [0, 1)
        What the step and the memory keep of the mean.
    weight_decay : float >= 0
        $\lambda$: as many times larger than AdamW's as the rate is smaller.
    decay_times_lr : bool
        True shrinks by $1 - \eta \lambda$, as the paper. False by $1 - \lambda$.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> lion(np.array([1.0, 1.0]), np.array([5.0, -0.01]), {}, lr=0.125)[0]
    array([0.875, 1.125])

    References
    ----------
    Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023, algorithm 2.
    <https://arxiv.org/abs/2302.06675>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    mean = state.get("mean", 0.0)
    x = x - weight_decay * (lr if decay_times_lr else 1.0) * x
    x = x - lr * np.sign(betas[0] * mean + (1 - betas[0]) * g)
    return x, {"mean": betas[1] * mean + (1 - betas[1]) * g}
