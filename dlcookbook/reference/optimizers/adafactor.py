"""Adafactor: Adam without momentum whose squares are kept as row and column means."""

import numpy as np

__all__ = ["adafactor"]


def adafactor(
    parameter,
    gradient,
    state,
    *,
    lr=0.01,
    beta2_decay=-0.8,
    eps=(1e-30, 1e-3),
    d=1.0,
    weight_decay=0.0,
    eps_added=True,
    decay_first=False,
):
    r"""$\theta - \alpha_t \hat U$ with $U = g / \sqrt{\hat v}$, shortened to RMS d.

    $\hat v = r c / \bar r$ from the running row and column means of $g^2$, the newest
    counting $t^{-0.8}$. $\alpha_t$ is $\min(\eta, 1 / \sqrt t)$ times the root mean
    square of the weights: the rate is relative to their size.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        One tensor of weights and the slope at it. From two axes on, the last two are
        factored; a vector keeps all its squares.
    state : dict
        `step`, and `rows` and `columns`, or `square`. Empty before the first step.
    lr : float >= 0
        The largest rate $\eta$: 0.01 in the paper and in torch, 0.001 in Keras.
    beta2_decay : float <= 0
        Exponent of $t$ in the weight of the newest squares.
    eps : tuple of two floats
        Added to the squares, and the smallest size that weights are taken to have.
    d : float > 0
        Root mean square from which an update is shortened.
    weight_decay : float >= 0
        $\lambda$: shrinks the weights by $1 - \eta \lambda$, whatever $\alpha_t$ is.
    eps_added : bool
        True adds the first epsilon to $g^2$, as the paper and Keras. False keeps
        $\bar r$ above it and $\hat v$ above its square, as torch, whose default
        there is the machine epsilon.
    decay_first : bool
        True decays before the weights are measured, as Keras; False after, as torch.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> adafactor(np.array([2.0, -2.0]), np.array([5.0, 5.0]), {}, lr=0.25)[0]
    array([ 1.5, -2.5])

    References
    ----------
    Shazeer, Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost",
    2018, algorithms 4 to 6. <https://arxiv.org/abs/1804.04235>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    shrunk = x - lr * weight_decay * x
    step = state.get("step", 0) + 1
    share = step**beta2_decay
    squares = g**2 + (eps[0] if eps_added else 0.0)
    measured = shrunk if decay_first else x
    alpha = max(eps[1], np.sqrt(np.mean(measured**2))) * min(lr, 1 / np.sqrt(step))
    new = {"step": step}
    if g.ndim > 1:
        for name, axis in (("rows", -1), ("columns", -2)):
            mean = squares.mean(axis, keepdims=True)
            new[name] = (1 - share) * state.get(name, 0.0) + share * mean
        level = new["rows"].mean(-2, keepdims=True)
        level = level if eps_added else np.maximum(level, eps[0])
        estimate = new["rows"] * new["columns"] / level
    else:
        new["square"] = (1 - share) * state.get("square", 0.0) + share * squares
        estimate = new["square"]
    if not eps_added:
        estimate = np.maximum(estimate, eps[0] ** 2)
    update = g / np.sqrt(estimate)
    update = update / max(1.0, np.sqrt(np.mean(update**2)) / d)
    return shrunk - alpha * update, new
