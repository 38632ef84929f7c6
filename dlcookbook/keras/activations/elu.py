"""ELU, SELU and CELU: exponential left of 0, and precise next to it."""

import keras
from keras import KerasTensor, ops

__all__ = ["celu", "elu", "selu"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def elu(x: KerasTensor, *, alpha: float = 1.0) -> KerasTensor:
    r"""ELU: $x$ right of 0, else $\alpha (e^x - 1)$.

    Next to 0 it is close to $x$ on both sides, and so in half precision too: $e^x - 1$
    rounds to 0 there, `expm1` does not.

    Parameters
    ----------
    x : tensor, shape (...)
        Any numbers, any floating dtype.
    alpha : float > 0
        Minus the value far left.

    Returns
    -------
    tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `alpha` is not positive or `x` holds integers.

    Examples
    --------
    >>> y = elu(ops.convert_to_tensor([-1.0, 0.0, 2.0]))
    >>> [round(float(v), 4) for v in y]
    [-0.6321, 0.0, 2.0]

    References
    ----------
    Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear
    Units", 2016. <https://arxiv.org/abs/1511.07289>
    """
    if not alpha > 0:
        raise ValueError(f"alpha must be > 0. Received: {alpha}")
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    # left of 0 alone, or its slope would be infinite far right
    left = alpha * ops.expm1(ops.where(wide > 0, ops.zeros_like(wide), wide))
    return ops.cast(ops.where(wide > 0, wide, left), x.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def selu(x: KerasTensor) -> KerasTensor:
    r"""SELU: $\lambda$ times the ELU whose layers keep mean 0 and variance 1.

    $\lambda = 1.0507$ and $\alpha = 1.6733$ keep them only with LeCun's initialisation
    (a gain of 1) and, where there is dropout, alpha dropout. The slope at 0 is the one
    from the left, $\lambda \alpha$, as in the paper.

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
    >>> y = selu(ops.convert_to_tensor([-1.0, 0.0, 2.0]))
    >>> [round(float(v), 4) for v in y]
    [-1.1113, 0.0, 2.1014]

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", 2017, eq. 2 and 14.
    <https://arxiv.org/abs/1706.02515>
    """
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    scale, alpha = 1.0507009873554804934, 1.6732632423543772848
    # left of 0 alone, or its slope would be infinite far right
    left = alpha * ops.expm1(ops.where(wide > 0, ops.zeros_like(wide), wide))
    return ops.cast(scale * ops.where(wide > 0, wide, left), x.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def celu(x: KerasTensor, *, alpha: float = 1.0) -> KerasTensor:
    r"""CELU: $x$ right of 0, else $\alpha (e^{x / \alpha} - 1)$.

    An ELU whose slope at 0 is 1 for every `alpha`. `alpha=1` is ELU.

    Parameters
    ----------
    x : tensor, shape (...)
        Any numbers, any floating dtype.
    alpha : float > 0
        Minus the value far left.

    Returns
    -------
    tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `alpha` is not positive or `x` holds integers.

    Examples
    --------
    >>> y = celu(ops.convert_to_tensor([-1.0, 0.0, 2.0]), alpha=2.0)
    >>> [round(float(v), 4) for v in y]
    [-0.7869, 0.0, 2.0]

    References
    ----------
    Barron, "Continuously Differentiable Exponential Linear Units", 2017, eq. 2.
    <https://arxiv.org/abs/1704.07483>
    """
    if not alpha > 0:
        raise ValueError(f"alpha must be > 0. Received: {alpha}")
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    # left of 0 alone, or its slope would be infinite far right
    left = alpha * ops.expm1(ops.where(wide > 0, ops.zeros_like(wide), wide) / alpha)
    return ops.cast(ops.where(wide > 0, wide, left), x.dtype)
