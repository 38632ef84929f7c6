"""GLU, SwiGLU, GEGLU and ReGLU: one half of the numbers gates the other."""

import torch
from torch import Tensor

__all__ = ["geglu", "glu", "reglu", "swiglu"]


def glu(x: Tensor, dim: int = -1, *, gate_first: bool = False) -> Tensor:
    r"""GLU: $a\,\sigma(b)$ of the halves $a$ and $b$.

    The first half is the value, as in both frameworks' GLU. Llama's code puts the gate
    first: weights that are loaded need the order that they were trained with.

    Parameters
    ----------
    x : Tensor, shape (..., 2 D, ...)
        Two halves: values and gates.
    dim : int
        The axis that is halved.
    gate_first : bool
        Take the first half as the gate, the second as the value.

    Returns
    -------
    Tensor, shape (..., D, ...)
        Half as many numbers, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the axis cannot be halved.

    Examples
    --------
    >>> glu(torch.tensor([4.0, -2.0, 0.0, 1.0]))
    tensor([ 2.0000, -1.4621])

    References
    ----------
    Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2017.
    <https://arxiv.org/abs/1612.08083>
    """
    if x.shape[dim] % 2:
        raise ValueError(f"x must have an even axis {dim}. Received: {tuple(x.shape)}")
    # half precision would round twice
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    value, gate = wide.chunk(2, dim)
    if gate_first:
        value, gate = gate, value
    return (value * torch.sigmoid(gate)).to(x.dtype)


def swiglu(x: Tensor, dim: int = -1, *, gate_first: bool = False) -> Tensor:
    r"""SwiGLU: $a\,b\,\sigma(b)$ of the halves $a$ and $b$.

    The first half is the value, as in both frameworks' GLU. Llama's code puts the gate
    first: weights that are loaded need the order that they were trained with.

    Parameters
    ----------
    x : Tensor, shape (..., 2 D, ...)
        Two halves: values and gates.
    dim : int
        The axis that is halved.
    gate_first : bool
        Take the first half as the gate, the second as the value.

    Returns
    -------
    Tensor, shape (..., D, ...)
        Half as many numbers, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the axis cannot be halved.

    Examples
    --------
    >>> swiglu(torch.tensor([4.0, -2.0, 0.0, 1.0]))
    tensor([ 0.0000, -1.4621])

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    if x.shape[dim] % 2:
        raise ValueError(f"x must have an even axis {dim}. Received: {tuple(x.shape)}")
    # half precision would round twice
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    value, gate = wide.chunk(2, dim)
    if gate_first:
        value, gate = gate, value
    return (value * gate * torch.sigmoid(gate)).to(x.dtype)


def geglu(
    x: Tensor, dim: int = -1, *, approximate: bool = False, gate_first: bool = False
) -> Tensor:
    r"""GEGLU: $a\,b\,\Phi(b)$ of the halves $a$ and $b$.

    The first half is the value, as in both frameworks' GLU. Llama's code puts the gate
    first: weights that are loaded need the order that they were trained with.

    Parameters
    ----------
    x : Tensor, shape (..., 2 D, ...)
        Two halves: values and gates.
    dim : int
        The axis that is halved.
    approximate : bool
        Use the tanh formula of GELU.
    gate_first : bool
        Take the first half as the gate, the second as the value.

    Returns
    -------
    Tensor, shape (..., D, ...)
        Half as many numbers, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the axis cannot be halved.

    Examples
    --------
    >>> geglu(torch.tensor([4.0, -2.0, 0.0, 1.0]))
    tensor([ 0.0000, -1.6827])

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    if x.shape[dim] % 2:
        raise ValueError(f"x must have an even axis {dim}. Received: {tuple(x.shape)}")
    # half precision would round twice
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    value, gate = wide.chunk(2, dim)
    if gate_first:
        value, gate = gate, value
    if approximate:
        # (1 + tanh u) / 2 as a sigmoid does not cancel; 1.5957... is sqrt(8 / pi)
        share = torch.sigmoid(1.5957691216057308 * (gate + 0.044715 * gate**3))
    else:
        share = 0.5 * torch.erfc(-0.7071067811865476 * gate)
    return (value * gate * share).to(x.dtype)


def reglu(x: Tensor, dim: int = -1, *, gate_first: bool = False) -> Tensor:
    r"""ReGLU: $a \max(b, 0)$ of the halves $a$ and $b$.

    The first half is the value, as in both frameworks' GLU. Llama's code puts the gate
    first: weights that are loaded need the order that they were trained with.

    Parameters
    ----------
    x : Tensor, shape (..., 2 D, ...)
        Two halves: values and gates.
    dim : int
        The axis that is halved.
    gate_first : bool
        Take the first half as the gate, the second as the value.

    Returns
    -------
    Tensor, shape (..., D, ...)
        Half as many numbers, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the axis cannot be halved.

    Examples
    --------
    >>> reglu(torch.tensor([4.0, -2.0, 0.0, 1.0]))
    tensor([ 0., -2.])

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    if x.shape[dim] % 2:
        raise ValueError(f"x must have an even axis {dim}. Received: {tuple(x.shape)}")
    # half precision would round twice
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    value, gate = wide.chunk(2, dim)
    if gate_first:
        value, gate = gate, value
    return (value * torch.relu(gate)).to(x.dtype)
