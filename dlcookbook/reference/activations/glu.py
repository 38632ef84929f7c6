"""GLU, SwiGLU, GEGLU and ReGLU: one half of the numbers gates the other."""

import math

import numpy as np

__all__ = ["glu"]


def glu(x, axis=-1, *, gate="sigmoid", gate_first=False):
    r"""$a\,g(b)$ of the halves a and b.

    Parameters
    ----------
    x : ndarray, shape (..., 2 D, ...)
        Two halves: values and gates.
    axis : int
        The axis that is halved.
    gate : {"sigmoid", "silu", "gelu", "gelu_tanh", "relu"}
        The gate $g$.
    gate_first : bool
        True if the first half is the gate.

    Returns
    -------
    ndarray, shape (..., D, ...)
        Half as many numbers, float64.

    Examples
    --------
    >>> glu([4.0, 0.0])
    array([2.])
    >>> glu([4.0, 2.0], gate="relu")
    array([8.])

    References
    ----------
    Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2017.
    <https://arxiv.org/abs/1612.08083>
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    a, b = np.split(np.asarray(x, np.float64), 2, axis=axis)
    if gate_first:
        a, b = b, a
    return a * GATES[gate](b)


def sigmoid(b):
    """Return the share from 0 to 1."""
    return np.exp(-np.logaddexp(0.0, -b))


def normal(b):
    """Return the chance that a normal number is below b."""
    return np.vectorize(math.erfc, otypes=[float])(-b / np.sqrt(2)) / 2


GATES = {
    "sigmoid": sigmoid,
    "silu": lambda b: b * sigmoid(b),
    "gelu": lambda b: b * normal(b),
    "gelu_tanh": lambda b: b * sigmoid(np.sqrt(8 / np.pi) * (b + 0.044715 * b**3)),
    "relu": lambda b: np.maximum(b, 0),
}
