"""GLU, SwiGLU, GEGLU and ReGLU: one half of the numbers gates the other."""

import torch
from torch import Tensor

__all__ = ["glu"]

# Each is precise in its left tail; 1.5957... is sqrt(8 / pi).
GATES = {
    "sigmoid": torch.sigmoid,
    "silu": lambda b: b * torch.sigmoid(b),
    "gelu": lambda b: 0.5 * b * torch.erfc(-0.7071067811865476 * b),
    "gelu_tanh": lambda b: (
        b * torch.sigmoid(1.5957691216057308 * (b + 0.044715 * b**3))
    ),
    "relu": torch.relu,
}


def glu(
    x: Tensor, dim: int = -1, *, gate: str = "sigmoid", gate_first: bool = False
) -> Tensor:
    r"""GLU: $a\,g(b)$ of the halves $a$ and $b$, with one of five gates $g$.

    The first half is the value, as in both frameworks' GLU. Llama's code puts the gate
    first: weights that are loaded need the order that they were trained with.

    Parameters
    ----------
    x : Tensor, shape (..., 2 D, ...)
        Two halves: values and gates.
    dim : int
        The axis that is halved.
    gate : {"sigmoid", "silu", "gelu", "gelu_tanh", "relu"}
        The gate of GLU, SwiGLU, GEGLU, GEGLU with the tanh formula, and ReGLU.
    gate_first : bool
        Take the first half as the gate, the second as the value.

    Returns
    -------
    Tensor, shape (..., D, ...)
        Half as many numbers, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the axis cannot be halved, `gate` is none of the above or `x` holds integers.

    Examples
    --------
    >>> glu(torch.tensor([4.0, -2.0, 0.0, 1.0]))
    tensor([ 2.0000, -1.4621])
    >>> glu(torch.tensor([4.0, -2.0, 0.0, 1.0]), gate="relu")
    tensor([ 0., -2.])

    References
    ----------
    Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2017.
    <https://arxiv.org/abs/1612.08083>
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    if gate not in GATES:
        raise ValueError(f"gate must be one of {[*GATES]}. Received: {gate!r}")
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats. Received: {x.dtype}")
    if x.size(dim) % 2:
        raise ValueError(f"x must have an even axis {dim}. Received: {tuple(x.shape)}")
    # half precision would round twice
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    a, b = wide.chunk(2, dim)
    if gate_first:
        a, b = b, a
    return (a * GATES[gate](b)).to(x.dtype)
