"""GLU, SwiGLU, GEGLU and ReGLU: one half of the numbers gates the other."""

import keras
from keras import KerasTensor, ops

__all__ = ["geglu", "glu", "reglu", "swiglu"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def glu(x: KerasTensor, axis: int = -1, *, gate_first: bool = False) -> KerasTensor:
    r"""GLU: $a\,\sigma(b)$ of the halves $a$ and $b$.

    The first half is the value, as in both frameworks' GLU. Llama's code puts the gate
    first: weights that are loaded need the order that they were trained with.

    Parameters
    ----------
    x : tensor, shape (..., 2 D, ...)
        Two halves: values and gates.
    axis : int
        The axis that is halved.
    gate_first : bool
        Take the first half as the gate, the second as the value.

    Returns
    -------
    tensor, shape (..., D, ...)
        Half as many numbers, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the axis cannot be halved.

    Examples
    --------
    >>> y = glu(ops.convert_to_tensor([4.0, -2.0, 0.0, 1.0]))
    >>> [round(float(v), 4) for v in y]
    [2.0, -1.4621]

    References
    ----------
    Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2017.
    <https://arxiv.org/abs/1612.08083>
    """
    x = ops.convert_to_tensor(x)
    if x.shape[axis] % 2:
        raise ValueError(f"x must have an even axis {axis}. Received: {tuple(x.shape)}")
    # half precision would round twice
    half = keras.backend.standardize_dtype(x.dtype) in ("float16", "bfloat16")
    value, gate = ops.split(ops.cast(x, "float32") if half else x, 2, axis=axis)
    if gate_first:
        value, gate = gate, value
    return ops.cast(value * ops.sigmoid(gate), x.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def swiglu(x: KerasTensor, axis: int = -1, *, gate_first: bool = False) -> KerasTensor:
    r"""SwiGLU: $a\,b\,\sigma(b)$ of the halves $a$ and $b$.

    The first half is the value, as in both frameworks' GLU. Llama's code puts the gate
    first: weights that are loaded need the order that they were trained with.

    Parameters
    ----------
    x : tensor, shape (..., 2 D, ...)
        Two halves: values and gates.
    axis : int
        The axis that is halved.
    gate_first : bool
        Take the first half as the gate, the second as the value.

    Returns
    -------
    tensor, shape (..., D, ...)
        Half as many numbers, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the axis cannot be halved.

    Examples
    --------
    >>> y = swiglu(ops.convert_to_tensor([4.0, -2.0, 0.0, 1.0]))
    >>> [round(float(v), 4) for v in y]
    [0.0, -1.4621]

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    x = ops.convert_to_tensor(x)
    if x.shape[axis] % 2:
        raise ValueError(f"x must have an even axis {axis}. Received: {tuple(x.shape)}")
    # half precision would round twice
    half = keras.backend.standardize_dtype(x.dtype) in ("float16", "bfloat16")
    value, gate = ops.split(ops.cast(x, "float32") if half else x, 2, axis=axis)
    if gate_first:
        value, gate = gate, value
    return ops.cast(value * gate * ops.sigmoid(gate), x.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def geglu(
    x: KerasTensor,
    axis: int = -1,
    *,
    approximate: bool = False,
    gate_first: bool = False,
) -> KerasTensor:
    r"""GEGLU: $a\,b\,\Phi(b)$ of the halves $a$ and $b$.

    The first half is the value, as in both frameworks' GLU. Llama's code puts the gate
    first: weights that are loaded need the order that they were trained with.

    Parameters
    ----------
    x : tensor, shape (..., 2 D, ...)
        Two halves: values and gates.
    axis : int
        The axis that is halved.
    approximate : bool
        Use the tanh formula of GELU.
    gate_first : bool
        Take the first half as the gate, the second as the value.

    Returns
    -------
    tensor, shape (..., D, ...)
        Half as many numbers, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the axis cannot be halved.

    Examples
    --------
    >>> y = geglu(ops.convert_to_tensor([4.0, -2.0, 0.0, 1.0]))
    >>> [round(float(v), 4) for v in y]
    [0.0, -1.6827]

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    x = ops.convert_to_tensor(x)
    if x.shape[axis] % 2:
        raise ValueError(f"x must have an even axis {axis}. Received: {tuple(x.shape)}")
    # half precision would round twice
    half = keras.backend.standardize_dtype(x.dtype) in ("float16", "bfloat16")
    value, gate = ops.split(ops.cast(x, "float32") if half else x, 2, axis=axis)
    if gate_first:
        value, gate = gate, value
    if approximate:
        # (1 + tanh u) / 2 as a sigmoid does not cancel; 1.5957... is sqrt(8 / pi)
        share = ops.sigmoid(1.5957691216057308 * (gate + 0.044715 * gate**3))
    else:
        share = 0.5 * ops.erfc(-0.7071067811865476 * gate)
    return ops.cast(value * gate * share, x.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def reglu(x: KerasTensor, axis: int = -1, *, gate_first: bool = False) -> KerasTensor:
    r"""ReGLU: $a \max(b, 0)$ of the halves $a$ and $b$.

    The first half is the value, as in both frameworks' GLU. Llama's code puts the gate
    first: weights that are loaded need the order that they were trained with.

    Parameters
    ----------
    x : tensor, shape (..., 2 D, ...)
        Two halves: values and gates.
    axis : int
        The axis that is halved.
    gate_first : bool
        Take the first half as the gate, the second as the value.

    Returns
    -------
    tensor, shape (..., D, ...)
        Half as many numbers, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the axis cannot be halved.

    Examples
    --------
    >>> y = reglu(ops.convert_to_tensor([4.0, -2.0, 0.0, 1.0]))
    >>> [round(float(v), 4) for v in y]
    [0.0, -2.0]

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    x = ops.convert_to_tensor(x)
    if x.shape[axis] % 2:
        raise ValueError(f"x must have an even axis {axis}. Received: {tuple(x.shape)}")
    # half precision would round twice
    half = keras.backend.standardize_dtype(x.dtype) in ("float16", "bfloat16")
    value, gate = ops.split(ops.cast(x, "float32") if half else x, 2, axis=axis)
    if gate_first:
        value, gate = gate, value
    return ops.cast(value * ops.relu(gate), x.dtype)
