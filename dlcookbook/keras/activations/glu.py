"""GLU, SwiGLU, GEGLU and ReGLU: one half of the numbers gates the other."""

import keras
from keras import KerasTensor, ops

__all__ = ["glu"]

# Each is precise in its left tail; 1.5957... is sqrt(8 / pi).
GATES = {
    "sigmoid": ops.sigmoid,
    "silu": lambda b: b * ops.sigmoid(b),
    "gelu": lambda b: 0.5 * b * ops.erfc(-0.7071067811865476 * b),
    "gelu_tanh": lambda b: b * ops.sigmoid(1.5957691216057308 * (b + 0.044715 * b**3)),
    "relu": ops.relu,
}


@keras.saving.register_keras_serializable(package="dlcookbook")
def glu(
    x: KerasTensor, axis: int = -1, *, gate: str = "sigmoid", gate_first: bool = False
) -> KerasTensor:
    r"""GLU: $a\,g(b)$ of the halves $a$ and $b$, with one of five gates $g$.

    The first half is the value, as in both frameworks' GLU. Llama's code puts the gate
    first: weights that are loaded need the order that they were trained with.

    Parameters
    ----------
    x : tensor, shape (..., 2 D, ...)
        Two halves: values and gates.
    axis : int
        The axis that is halved, of known length.
    gate : {"sigmoid", "silu", "gelu", "gelu_tanh", "relu"}
        The gate of GLU, SwiGLU, GEGLU, GEGLU with the tanh formula, and ReGLU.
    gate_first : bool
        Take the first half as the gate, the second as the value.

    Returns
    -------
    tensor, shape (..., D, ...)
        Half as many numbers, in the dtype of `x`.

    Raises
    ------
    ValueError
        If the axis cannot be halved, `gate` is none of the above or `x` holds integers.

    Examples
    --------
    >>> y = glu(ops.convert_to_tensor([4.0, -2.0, 0.0, 1.0]))
    >>> [round(float(v), 4) for v in y]
    [2.0, -1.4621]
    >>> y = glu(ops.convert_to_tensor([4.0, -2.0, 0.0, 1.0]), gate="relu")
    >>> [round(float(v), 4) for v in y]
    [0.0, -2.0]

    References
    ----------
    Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2017.
    <https://arxiv.org/abs/1612.08083>
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 5.
    <https://arxiv.org/abs/2002.05202>
    """
    if gate not in GATES:
        raise ValueError(f"gate must be one of {[*GATES]}. Received: {gate!r}")
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    rank = len(x.shape)
    if not -rank <= axis < rank or x.shape[axis] is None or x.shape[axis] % 2:
        raise ValueError(f"x must have an even axis {axis}. Received: {tuple(x.shape)}")
    # half precision would round twice
    half = kind in ("float16", "bfloat16")
    a, b = ops.split(ops.cast(x, "float32") if half else x, 2, axis=axis)
    if gate_first:
        a, b = b, a
    return ops.cast(a * GATES[gate](b), x.dtype)
