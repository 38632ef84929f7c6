"""Mish: x times the tanh of its softplus."""

import keras
from keras import KerasTensor, ops

__all__ = ["mish"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def mish(x: KerasTensor) -> KerasTensor:
    r"""Mish: $x \tanh(\log(1 + e^x))$.

    A smooth ReLU that dips to -0.31 on the way.

    Parameters
    ----------
    x : tensor, shape (...)
        Any numbers, any floating dtype.

    Returns
    -------
    tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` holds integers.

    Examples
    --------
    >>> y = mish(ops.convert_to_tensor([-1.0, 0.0, 2.0]))
    >>> [round(float(v), 4) for v in y]
    [-0.3034, 0.0, 1.944]

    References
    ----------
    Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019.
    <https://arxiv.org/abs/1908.08681>
    """
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    left = wide < 0
    # tanh(log(1 + n)) as a fraction: tanh rounds to 1 where it still has a slope
    n = ops.exp(ops.where(left, wide, -wide))
    up = ops.where(left, n * (n + 2), 1 + 2 * n)
    return ops.cast(wide * up / (up + ops.where(left, 2.0, 2 * n * n)), x.dtype)
