"""LARS: SGD whose step is a fixed share of each tensor's length: for huge batches."""

import numpy as np

__all__ = ["lars"]


def lars(
    parameter,
    gradient,
    state,
    *,
    lr,
    momentum=0.9,
    weight_decay=0.0,
    trust_coefficient=0.001,
    eps=0.0,
    nesterov=False,
    norm_of_sum=False,
    lr_in_momentum=True,
):
    r"""$b \leftarrow \mu b + \eta r (g + \lambda \theta)$, $\theta - b$: one step.

    $r = \kappa \|\theta\| / (\|g\| + \lambda \|\theta\|)$, of one tensor. Without
    momentum and decay that tensor moves by the share $\eta \kappa$ of its length.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        One tensor of weights and the slope of the loss at it.
    state : dict
        `buffer`. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$: about 1 and more, since $\kappa$ multiplies it.
    momentum : float in [0, 1)
        $\mu$, what is kept of the last moves.
    weight_decay : float >= 0
        $\lambda$: added to the gradient, and counted in the ratio.
    trust_coefficient : float > 0
        $\kappa$.
    eps : float >= 0
        Added to the denominator; the paper has none.
    nesterov : bool
        Step along the new gradient plus $\mu$ times the buffer.
    norm_of_sum : bool
        True divides by $\|g + \lambda \theta\|$ instead, as optax.
    lr_in_momentum : bool
        True keeps the rate of the day each gradient came on, as the paper and optax.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The ratio is 1 where a norm is 0.

    Examples
    --------
    >>> w, g = np.array([3.0, 4.0]), np.array([7.0, 0.0])
    >>> lars(w, g, {}, lr=1.0, trust_coefficient=0.1)[0]
    array([2.5, 4. ])

    References
    ----------
    You et al., "Large Batch Training of Convolutional Networks", 2017, algorithm 1.
    <https://arxiv.org/abs/1708.03888>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    total = g + weight_decay * x
    own, slope, both = (np.sqrt(np.sum(a**2)) for a in (x, g, total))
    against = (both if norm_of_sum else slope + weight_decay * own) + eps
    ratio = trust_coefficient * own / against if own > 0 and slope > 0 else 1.0
    move = ratio * total * (lr if lr_in_momentum else 1.0)
    buffer = momentum * state.get("buffer", 0.0) + move
    move = move + momentum * buffer if nesterov else buffer
    return x - (1.0 if lr_in_momentum else lr) * move, {"buffer": buffer}
