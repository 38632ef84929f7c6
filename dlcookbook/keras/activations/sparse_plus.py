"""Sparse plus and sparse sigmoid: smooth ReLU and sigmoid with exact zeros."""

import keras
from keras import KerasTensor, ops

__all__ = ["sparse_plus", "sparse_sigmoid"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def sparse_plus(x: KerasTensor) -> KerasTensor:
    r"""Sparse plus: 0 up to -1, $x$ from 1 on, between them $(x + 1)^2 / 4$.

    A smooth ReLU with exact zeros; its slope is the sparse sigmoid.

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
    >>> y = sparse_plus(ops.convert_to_tensor([-1.0, 0.0, 2.0]))
    >>> [round(float(v), 4) for v in y]
    [0.0, 0.25, 2.0]

    References
    ----------
    Blondel et al., "Learning with Fenchel-Young Losses", 2020, sec. 6.2.
    <https://jmlr.org/papers/v21/19-021.html>
    """
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    bend = 0.25 * (ops.clip(wide, -1.0, 1.0) + 1) ** 2
    return ops.cast(ops.where(wide < 1, bend, wide), x.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def sparse_sigmoid(x: KerasTensor) -> KerasTensor:
    r"""Sparse sigmoid: 0 up to -1, 1 from 1 on, between them $(x + 1) / 2$.

    A gate that shuts and opens all the way. Its slope is 0 outside of -1 to 1, the ends
    included.

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
    >>> y = sparse_sigmoid(ops.convert_to_tensor([-2.0, 0.0, 0.5]))
    >>> [round(float(v), 4) for v in y]
    [0.0, 0.5, 0.75]

    References
    ----------
    Blondel et al., "Learning with Fenchel-Young Losses", 2020, sec. 6.2.
    <https://jmlr.org/papers/v21/19-021.html>
    """
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    # not a clip: the backends disagree about its slope at the ends
    risen = ops.where(wide >= 1, 1.0, 0.5 * wide + 0.5)
    return ops.cast(ops.where(wide <= -1, 0.0, risen), x.dtype)
