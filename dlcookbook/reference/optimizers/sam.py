"""SAM: steps by the gradient of the worst place nearby, so that flat minima win."""

import numpy as np

__all__ = ["sam", "sam_neighbour"]


def sam_neighbour(parameter, gradient, *, rho=0.05, adaptive=False):
    r"""$\theta + \rho g / \|g\|$: where the loss is about largest within $\rho$.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        ALL weights, joined, and the slope of the loss at them: one norm for all.
    rho : float >= 0
        Distance $\rho$.
    adaptive : bool
        Measure it relative to each weight's size: $\rho \theta^2 g / \||\theta| g\|$.
        Then scaling a layer up and the next one down changes nothing.

    Returns
    -------
    ndarray, shape (...)
        The neighbour; the weights themselves where the gradient is 0.

    Examples
    --------
    >>> sam_neighbour(np.array([1.0, 1.0]), np.array([3.0, 4.0]), rho=0.5)
    array([1.3, 1.4])

    References
    ----------
    Foret et al., "Sharpness-Aware Minimization for Efficiently Improving
    Generalization", 2021, eq. 2. <https://arxiv.org/abs/2010.01412>
    Kwon et al., 2021, eq. 5: adaptive. <https://arxiv.org/abs/2102.11600>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    size = np.abs(x) if adaptive else 1.0
    norm = np.sqrt(np.sum((size * g) ** 2))
    return x + rho * size**2 * g / norm if norm > 0 else x


def sam(parameter, gradient_at, state, *, step, rho=0.05, adaptive=False):
    r"""Two slopes for one step: $\mathrm{step}(\theta, g(\theta + e))$.

    With $\rho = 0$ it is the step alone. On $\theta^2 / 2$ the slope is taken at
    $\theta + \rho$, further up: near 0 it jumps over the minimum.

    Parameters
    ----------
    parameter : ndarray, shape (...)
        ALL weights, joined.
    gradient_at : callable
        From weights to the slope of the loss there, on one and the same batch.
    state : dict
        The state of `step`. Empty before the first step.
    step : callable
        The optimizer below: from weights, gradient and state to weights and state,
        such as `functools.partial(sgd, lr=0.1)`.
    rho : float >= 0
        Distance to the neighbour.
    adaptive : bool
        Measure it relative to each weight's size.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> def plain(weights, gradient, state):
    ...     return weights - 0.5 * gradient, state
    >>> print(sam(2.0, lambda weights: weights, {}, step=plain, rho=1.0)[0])
    0.5

    References
    ----------
    Foret et al., 2021, algorithm 1. <https://arxiv.org/abs/2010.01412>
    """
    near = sam_neighbour(parameter, gradient_at(parameter), rho=rho, adaptive=adaptive)
    return step(parameter, gradient_at(near), state)
