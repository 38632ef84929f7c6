"""Softplus and log-sigmoid: smooth, and never exactly 0."""

import keras
from keras import KerasTensor, ops

__all__ = ["log_sigmoid", "softplus"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def softplus(x: KerasTensor, *, beta: float = 1.0) -> KerasTensor:
    r"""Softplus: $\log(1 + e^{\beta x}) / \beta$, a smooth ReLU above 0.

    For outputs that must be positive, such as a rate or a variance. Nowhere cut off to
    a straight line.

    Parameters
    ----------
    x : tensor, shape (...)
        Any numbers, any floating dtype.
    beta : float > 0
        Sharpness: the larger, the closer to ReLU.

    Returns
    -------
    tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `beta` is not positive or `x` holds integers.

    Examples
    --------
    >>> y = softplus(ops.convert_to_tensor([-1.0, 0.0, 2.0]))
    >>> [round(float(v), 4) for v in y]
    [0.3133, 0.6931, 2.1269]

    References
    ----------
    Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing", 2000.
    <https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing>
    """
    if not beta > 0:
        raise ValueError(f"beta must be > 0. Received: {beta}")
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    return ops.cast(ops.log_sigmoid(-beta * wide) / -beta, x.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def log_sigmoid(x: KerasTensor) -> KerasTensor:
    r"""Log-sigmoid: $\log \sigma(x)$, the log of a probability from its logit.

    Finite where the sigmoid rounds to 0 or 1.

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
    >>> y = log_sigmoid(ops.convert_to_tensor([-1.0, 0.0, 2.0]))
    >>> [round(float(v), 4) for v in y]
    [-1.3133, -0.6931, -0.1269]

    References
    ----------
    Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing", 2000.
    <https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing>
    """
    x = ops.convert_to_tensor(x)
    kind = keras.backend.standardize_dtype(x.dtype)
    if not keras.backend.is_float_dtype(kind):
        raise ValueError(f"x must hold floats. Received: {kind}")
    wide = ops.cast(x, "float32") if kind in ("float16", "bfloat16") else x
    return ops.cast(ops.log_sigmoid(wide), x.dtype)
