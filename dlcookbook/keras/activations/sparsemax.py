"""Sparsemax: shares of 1 like softmax, the small ones exactly 0."""

import keras
from keras import KerasTensor, ops

__all__ = ["sparsemax"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def sparsemax(x: KerasTensor, axis: int = -1) -> KerasTensor:
    r"""Sparsemax: the shares $\max(x - \tau, 0)$ with the one $\tau$ that makes 1.

    The point of the simplex nearest to the scores. A score that is 1 or more below the
    highest gets a share of exactly 0, and no gradient. A NaN makes its row NaN.

    Parameters
    ----------
    x : tensor, shape (..., K, ...)
        Raw scores, any floating dtype.
    axis : int
        The axis that competes.

    Returns
    -------
    tensor, shape (..., K, ...)
        Shares that sum to 1, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` holds integers.

    Examples
    --------
    >>> y = sparsemax(ops.convert_to_tensor([0.5, 0.0, -2.0]))
    >>> [round(float(v), 4) for v in y]
    [0.75, 0.25, 0.0]

    References
    ----------
    Martins and Astudillo, "From Softmax to Sparsemax", 2016, alg. 1 and prop. 1.
    <https://arxiv.org/abs/1602.02068>
    """
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    wide = ops.moveaxis(wide, axis, -1)
    falling = ops.flip(ops.sort(ops.stop_gradient(wide), axis=-1), axis=-1)
    # large scores have no digits left for a sum
    near, falling = wide - falling[..., :1], falling - falling[..., :1]
    # 1, 2, 3 ..., also where the length is not known yet
    rank = ops.cumsum(ops.ones_like(falling), axis=-1)
    above = rank * falling > ops.cumsum(falling, axis=-1) - 1
    count = ops.sum(ops.cast(above, wide.dtype), axis=-1, keepdims=True)
    zero = ops.zeros_like(near)
    taken = near * count > ops.sum(ops.where(above, falling, zero), -1, True) - 1
    # the threshold once more, from those above it alone: that sum has a gradient
    total = ops.sum(ops.where(taken, near, zero), axis=-1, keepdims=True)
    shares = ops.where(taken, near - (total - 1) / count, zero)
    lost = ops.any(ops.isnan(near), axis=-1, keepdims=True)
    shares = ops.where(lost, float("nan"), shares)
    return ops.cast(ops.moveaxis(shares, -1, axis), x.dtype)
