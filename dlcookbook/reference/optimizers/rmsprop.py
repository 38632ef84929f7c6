"""RMSprop: the gradient over the root of its recent mean square."""

import numpy as np

__all__ = ["rmsprop"]


def rmsprop(
    parameter,
    gradient,
    state,
    *,
    lr,
    alpha=0.99,
    eps=1e-8,
    momentum=0.0,
    centered=False,
    weight_decay=0.0,
    decoupled=False,
    eps_inside=False,
    lr_in_momentum=False,
):
    r"""$\theta - \eta g / (\sqrt v + \epsilon)$, $v$ the running mean of $g^2$.

    The mean starts from 0 and nothing corrects that: the first step is
    $\eta / \sqrt{1 - \alpha}$ long, ten rates at $\alpha = 0.99$.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `square`, with `mean` if centred and `buffer` with momentum. Empty at first.
    lr : float >= 0
        Learning rate $\eta$.
    alpha : float in [0, 1)
        What is kept of the mean square: 0.99 in torch, 0.9 (`rho`) in Keras.
    eps : float >= 0
        $\epsilon$.
    momentum : float in [0, 1)
        What is kept of the last moves.
    centered : bool
        Divide by the standard deviation: take the mean gradient's square off first.
    weight_decay : float >= 0
        $\lambda$, the pull towards 0.
    decoupled : bool
        False adds $\lambda \theta$ to the gradient, as torch. True shrinks the weights
        by $1 - \eta \lambda$ first, as Keras.
    eps_inside : bool
        False adds $\epsilon$ to the root, as torch. True divides by
        $\sqrt{v + \epsilon}$, as Keras: its 1e-7 acts like 3e-4 in torch.
    lr_in_momentum : bool
        False multiplies the buffer by today's rate, as torch. True keeps the rate of
        the day each gradient came on, as Keras.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> w, state = rmsprop(1.0, 2.0, {}, lr=0.1, alpha=0.75, eps=0.0)
    >>> print(w, state["square"])
    0.8 1.0

    References
    ----------
    Tieleman, Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012.
    <https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf>
    Graves, 2013, eq. 38-41: centred, with momentum. <https://arxiv.org/abs/1308.0850>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    if decoupled:
        x = x - lr * weight_decay * x
    else:
        g = g + weight_decay * x
    new = {"square": alpha * state.get("square", 0.0) + (1 - alpha) * g**2}
    spread = new["square"]
    if centered:
        new["mean"] = alpha * state.get("mean", 0.0) + (1 - alpha) * g
        # a difference of equal numbers can be rounded below 0
        spread = np.maximum(spread - new["mean"] ** 2, 0)
    kept = lr if lr_in_momentum else 1.0
    move = kept * g / (np.sqrt(spread + eps) if eps_inside else np.sqrt(spread) + eps)
    if momentum:
        move = new["buffer"] = momentum * state.get("buffer", 0.0) + move
    return x - (1.0 if lr_in_momentum else lr) * move, new
