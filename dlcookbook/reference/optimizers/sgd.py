"""SGD: a step down the slope, plain, with momentum or with Nesterov's look ahead."""

import numpy as np

__all__ = ["sgd"]


def sgd(
    parameter,
    gradient,
    state,
    *,
    lr,
    momentum=0.0,
    dampening=0.0,
    nesterov=False,
    weight_decay=0.0,
    decoupled=False,
    lr_in_momentum=False,
):
    r"""$b \leftarrow \mu b + g$, $\theta \leftarrow \theta - \eta b$: one step.

    Without momentum it is $\theta - \eta g$. With a constant gradient the step grows to
    $\eta g / (1 - \mu)$: ten times the plain one at $\mu = 0.9$.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `buffer`, of the weights' shape. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$.
    momentum : float in [0, 1)
        $\mu$, what is kept of the buffer.
    dampening : float in [0, 1]
        The gradient enters the buffer times 1 - dampening, but whole at first.
    nesterov : bool
        Step along $g + \mu b$: the gradient counts as if taken one move ahead.
    weight_decay : float >= 0
        $\lambda$, the pull towards 0.
    decoupled : bool
        False adds $\lambda \theta$ to the gradient, so the buffer keeps it, as torch.
        True shrinks the weights by $1 - \eta \lambda$ first, as Keras.
    lr_in_momentum : bool
        False multiplies the buffer by today's rate, as torch. True keeps the rate of
        the day each gradient came on, as Keras. Equal while the rate is constant.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> w, state = sgd(1.0, 2.0, {}, lr=0.1, momentum=0.9)
    >>> w, state = sgd(w, 2.0, state, lr=0.1, momentum=0.9)
    >>> print(w.round(6), state["buffer"])
    0.42 3.8

    References
    ----------
    Polyak, 1964, eq. 9. <https://doi.org/10.1016/0041-5553(64)90137-5>
    Sutskever et al., 2013, eq. 1-4. <https://proceedings.mlr.press/v28/sutskever13.html>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    if decoupled:
        x = x - lr * weight_decay * x
    else:
        g = g + weight_decay * x
    kept = lr if lr_in_momentum else 1.0
    if "buffer" in state:
        buffer = momentum * state["buffer"] + (1 - dampening) * kept * g
    else:
        buffer = kept * g
    move = kept * g + momentum * buffer if nesterov else buffer
    return x - (1.0 if lr_in_momentum else lr) * move, {"buffer": buffer}
