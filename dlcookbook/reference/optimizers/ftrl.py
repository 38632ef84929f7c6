"""FTRL-Proximal: the best weights for all gradients so far, with exact zeros by L1."""

import numpy as np

__all__ = ["ftrl"]


def ftrl(
    parameter,
    gradient,
    state,
    *,
    lr,
    lr_power=-0.5,
    initial_accumulator_value=0.0,
    l1=0.0,
    l2=0.0,
    l2_shrinkage=0.0,
    beta=0.0,
    keep_start=False,
):
    r"""$\theta = (\mathrm{clip}(z, \pm \lambda_1) - z) / q$: one step.

    $q = (\beta + \sqrt n) / \eta + 2 \lambda_2$, $n$ sums $g^2$ and $z$ sums
    $g - (\sqrt n - \sqrt{n_{old}}) \theta / \eta$. Without penalties it is Adagrad.
    Made for linear models on sparse data that start at 0.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (...)
        Weights and the slope of the loss at them.
    state : dict
        `sum` and `linear`. Empty before the first step.
    lr : float > 0
        Learning rate $\eta$; a schedule is not meant: the rate is part of $z$.
    lr_power : float <= 0
        Minus the exponent of $n$: -0.5 is the root.
    initial_accumulator_value : float >= 0
        What $n$ starts from: 0 in the paper, 0.1 in Keras.
    l1, l2 : float >= 0
        Penalties $\lambda_1 |\theta|$ and $\lambda_2 \theta^2$. The paper's
        $\lambda_2$ is twice this one.
    l2_shrinkage : float >= 0
        Adds $2 \lambda \theta$ to the gradient in $z$, not to its square in $n$.
    beta : float >= 0
        $\beta$ of the paper, 1 there and 0 in Keras.
    keep_start : bool
        False starts from $z = 0$, as the paper and Keras: an $n$ above 0 then pulls
        the first weights to 0. True starts from the $z$ that these weights belong to.

    Returns
    -------
    tuple of ndarray, shape (...), and dict
        Weights and state after the step. Weights without any gradient yet stay where
        $\theta$ would be 0 / 0.

    Examples
    --------
    >>> print(ftrl(1.0, 2.0, {}, lr=0.5)[0], ftrl(0.0, 2.0, {}, lr=0.5, l1=2.0)[0])
    0.5 0.0

    References
    ----------
    McMahan et al., "Ad Click Prediction: a View from the Trenches", 2013, algorithm 1.
    <https://doi.org/10.1145/2487575.2488200>
    """
    x, g = np.float64(parameter), np.float64(gradient)
    old = state.get("sum", np.full(x.shape, initial_accumulator_value))
    total = old + g**2
    before, after = old**-lr_power, total**-lr_power
    if "linear" in state:
        linear = state["linear"]
    elif keep_start:
        linear = -x * ((beta + before) / lr + 2 * l2) - l1 * np.sign(x)
    else:
        linear = np.zeros(x.shape)
    linear = linear + g + 2 * l2_shrinkage * x - (after - before) / lr * x
    weight = (beta + after) / lr + 2 * l2
    move = np.clip(linear, -l1, l1) - linear
    new = np.divide(move, weight, out=np.array(x), where=weight > 0)
    return new[()], {"sum": total, "linear": linear}
