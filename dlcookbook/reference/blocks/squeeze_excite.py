"""Squeeze and excite: a gate for every channel that has seen the whole image."""

import numpy as np

__all__ = ["squeeze_excite"]


def squeeze_excite(x, weights, *, activation="relu"):
    r"""$y_c = x_c \, \sigma(W_e \, \mathrm{act}(W_r \bar x + b_r) + b_e)_c$.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        What the convolutions gave.
    weights : dict of ndarray, shapes as follows
        `reduce.weight`, shape (S, C), `reduce.bias`, shape (S,), `expand.weight`, shape
        (C, S), and `expand.bias`, shape (C,).
    activation : {"relu", "silu"}
        In the middle.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Each channel times its gate, float64.

    Examples
    --------
    >>> shapes = {"reduce.weight": (1, 2), "reduce.bias": 1}
    >>> shapes |= {"expand.weight": (2, 1), "expand.bias": 2}
    >>> zeros = {name: np.zeros(shape) for name, shape in shapes.items()}
    >>> squeeze_excite([[[2.0, 4.0], [6.0, 8.0]]], zeros)
    array([[[1., 2.],
            [3., 4.]]])

    References
    ----------
    Hu et al., "Squeeze-and-Excitation Networks", 2017, eq. 2 to 4.
    <https://arxiv.org/abs/1709.01507>
    """
    y = np.array(x, np.float64)
    for example in y:
        mean = np.array([channel.mean() for channel in example])
        middle = weights["reduce.weight"] @ mean + weights["reduce.bias"]
        if activation == "relu":
            middle = np.maximum(middle, 0)
        else:
            middle = middle / (1 + np.exp(-middle))
        score = weights["expand.weight"] @ middle + weights["expand.bias"]
        for channel, s in zip(example, score, strict=True):
            channel /= 1 + np.exp(-s)
    return y
