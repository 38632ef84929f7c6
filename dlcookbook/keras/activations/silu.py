"""SiLU (swish): x times its own sigmoid."""

import keras
from keras import KerasTensor, ops

__all__ = ["silu"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def silu(x: KerasTensor, *, beta: float | KerasTensor = 1.0) -> KerasTensor:
    r"""SiLU: $x\,\sigma(\beta x)$, called swish as well.

    A smooth ReLU that dips to -0.28 on the way. The paper lets `beta` be learnt: give a
    parameter.

    Parameters
    ----------
    x : tensor, shape (...)
        Any numbers, any floating dtype.
    beta : float or tensor, shape broadcastable to x
        Steepness of the gate: 0 gives x / 2, a large one ReLU.

    Returns
    -------
    tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` holds integers or `beta` would stretch it.

    Examples
    --------
    >>> y = silu(ops.convert_to_tensor([-1.0, 0.0, 2.0]))
    >>> [round(float(v), 4) for v in y]
    [-0.2689, 0.0, 1.7616]

    References
    ----------
    Ramachandran et al., "Searching for Activation Functions", 2017, sec. 4.
    <https://arxiv.org/abs/1710.05941>
    """
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    beta = ops.cast(beta, wide.dtype)
    y = ops.cast(wide * ops.sigmoid(beta * wide), x.dtype)
    if tuple(y.shape) != tuple(x.shape):
        raise ValueError(f"beta must not stretch x. Received: {tuple(beta.shape)}")
    return y
