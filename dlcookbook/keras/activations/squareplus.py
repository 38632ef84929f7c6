"""Squareplus: a smooth ReLU from one square root."""

import keras
from keras import KerasTensor, ops

__all__ = ["squareplus"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def squareplus(x: KerasTensor, *, b: float = 4.0) -> KerasTensor:
    r"""Squareplus: $(x + \sqrt{x^2 + b}) / 2$, a smooth ReLU above 0.

    No exponential. Left of 0 the sum cancels and the square overflows half precision
    from 256 on: this form does neither.

    Parameters
    ----------
    x : tensor, shape (...)
        Any numbers, any floating dtype.
    b : float > 0
        Size of the bend; 4 gives the slope of softplus at 0 and the value 1.

    Returns
    -------
    tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `b` is not positive or `x` holds integers.

    Examples
    --------
    >>> y = squareplus(ops.convert_to_tensor([-1.5, 0.0, 1.5]))
    >>> [round(float(v), 4) for v in y]
    [0.5, 1.0, 2.0]

    References
    ----------
    Barron, "Squareplus: A Softplus-Like Algebraic Rectifier", 2021.
    <https://arxiv.org/abs/2112.11687>
    """
    if not b > 0:
        raise ValueError(f"b must be > 0. Received: {b}")
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    left = wide < 0
    root = ops.sqrt(wide * wide + b)
    # |x|, with a slope at 0
    far = 0.5 * (root + ops.where(left, -wide, wide))
    # the two roots of y^2 - x y - b / 4 have the product b / 4
    return ops.cast(ops.where(left, 0.25 * b / far, far), x.dtype)
