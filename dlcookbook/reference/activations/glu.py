"""GLU, SwiGLU, GEGLU and ReGLU: one half of the numbers gates the other."""

import math

import numpy as np

__all__ = ["geglu", "glu", "reglu", "swiglu"]


def glu(x, axis=-1, *, gate_first=False):
    r"""$a\,\sigma(b)$ of the halves a and b.

    Parameters
    ----------
    x : ndarray, shape (..., 2 D, ...)
        Two halves: values and gates.
    axis : int
        The axis that is halved.
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

    References
    ----------
    Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2017.
    <https://arxiv.org/abs/1612.08083>
    """
    value, gate = halves(x, axis, gate_first)
    return value * np.exp(-np.logaddexp(0.0, -gate))


def swiglu(x, axis=-1, *, gate_first=False):
    r"""$a\,b\,\sigma(b)$ of the halves a and b.

    Parameters
    ----------
    x : ndarray, shape (..., 2 D, ...)
        Two halves: values and gates.
    axis : int
        The axis that is halved.
    gate_first : bool
        True if the first half is the gate.

    Returns
    -------
    ndarray, shape (..., D, ...)
        Half as many numbers, float64.

    Examples
    --------
    >>> swiglu([4.0, np.log(3.0)]) / np.log(3.0)
    array([3.])

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    value, gate = halves(x, axis, gate_first)
    return value * gate * np.exp(-np.logaddexp(0.0, -gate))


def geglu(x, axis=-1, *, approximate=False, gate_first=False):
    r"""$a\,b\,\Phi(b)$ of the halves a and b, or with the tanh formula.

    Parameters
    ----------
    x : ndarray, shape (..., 2 D, ...)
        Two halves: values and gates.
    axis : int
        The axis that is halved.
    approximate : bool
        Use the tanh formula of GELU.
    gate_first : bool
        True if the first half is the gate.

    Returns
    -------
    ndarray, shape (..., D, ...)
        Half as many numbers, float64.

    Examples
    --------
    >>> geglu([4.0, 1.0]).round(4)
    array([3.3654])

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    value, gate = halves(x, axis, gate_first)
    if approximate:
        inner = np.sqrt(2 / np.pi) * (gate + 0.044715 * gate**3)
        return value * gate * np.exp(-np.logaddexp(0.0, -2 * inner))
    below = np.vectorize(math.erfc, otypes=[float])(-gate / np.sqrt(2)) / 2
    return value * gate * below


def reglu(x, axis=-1, *, gate_first=False):
    r"""$\max(b, 0)\,a$ of the halves a and b.

    Parameters
    ----------
    x : ndarray, shape (..., 2 D, ...)
        Two halves: values and gates.
    axis : int
        The axis that is halved.
    gate_first : bool
        True if the first half is the gate.

    Returns
    -------
    ndarray, shape (..., D, ...)
        Half as many numbers, float64.

    Examples
    --------
    >>> reglu([4.0, 2.0])
    array([8.])

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    value, gate = halves(x, axis, gate_first)
    return value * np.maximum(gate, 0)


def halves(x, axis, gate_first):
    """Return the values and the gates."""
    first, second = np.split(np.asarray(x, np.float64), 2, axis=axis)
    return (second, first) if gate_first else (first, second)
