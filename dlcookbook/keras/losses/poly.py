"""PolyLoss: cross-entropy with an adjustable weight on its leading term."""

import keras
from keras import KerasTensor, ops

__all__ = ["poly_bce_loss", "poly_cross_entropy_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def poly_bce_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, epsilon: float = 1.0
) -> KerasTensor:
    r"""Binary or multi-label Poly-1 loss, one value per label.

    $-\log p_t + \epsilon (1 - p_t)$, where $p_t$ is the probability given to the true
    label. `epsilon=0` is binary cross-entropy.

    Parameters
    ----------
    y_true : tensor, shape (...)
        0 or 1, same shape as `y_pred`, any dtype.
    y_pred : tensor, shape (...)
        Raw scores (logits), any floating dtype. Do not apply a sigmoid first.
    epsilon : float >= -1
        Added to the weight 1 of the leading term $1 - p_t$ of cross-entropy. Below -1,
        a small mistake would be rewarded.

    Returns
    -------
    tensor, shape (...)
        One loss per label, in nats, in the dtype of `y_pred`. NaN where `y_true` is
        neither 0 nor 1: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ or `epsilon` is below -1.

    Examples
    --------
    >>> loss = poly_bce_loss([1, 1], [2.0, -2.0])
    >>> [round(float(x), 4) for x in loss]
    [0.2461, 3.0077]

    References
    ----------
    Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss
    Functions", 2022, section 4. <https://arxiv.org/abs/2204.12511>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not epsilon >= -1:
        raise ValueError(f"epsilon must be >= -1. Received: {epsilon}")
    positive = ops.equal(y_true, 1)
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    log_p = ops.log_sigmoid(ops.where(positive, wide, -wide))
    # 1 - p, exact where p rounds to 1
    loss = -log_p - epsilon * ops.expm1(log_p)
    known = ops.logical_or(positive, ops.equal(y_true, 0))
    return ops.cast(ops.where(known, loss, float("nan")), y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def poly_cross_entropy_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, epsilon: float = 1.0
) -> KerasTensor:
    r"""Multi-class Poly-1 loss, one value per example (or pixel).

    $-\log p_y + \epsilon (1 - p_y)$, where $p_y$ is the softmax probability of the
    true class $y$. `epsilon=0` is cross-entropy.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Raw scores (logits), any floating dtype, classes last. Do not apply a softmax.
    epsilon : float >= -1
        Added to the weight 1 of the leading term $1 - p_y$ of cross-entropy. Below -1,
        a small mistake would be rewarded.

    Returns
    -------
    tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `y_pred`. NaN where a class
        index is outside [0, C): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit or `epsilon` is below -1.

    Examples
    --------
    >>> logits = [[2.0, 0.0, -1.0], [2.0, 0.0, -1.0]]
    >>> loss = poly_cross_entropy_loss([0, 2], logits)
    >>> [round(float(x), 4) for x in loss]
    [0.3261, 4.1278]

    References
    ----------
    Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss
    Functions", 2022, section 4. <https://arxiv.org/abs/2204.12511>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred without its class axis. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not epsilon >= -1:
        raise ValueError(f"epsilon must be >= -1. Received: {epsilon}")
    labels = ops.cast(y_true, "int32")
    valid = ops.logical_and(labels >= 0, labels < y_pred.shape[-1])
    index = ops.expand_dims(ops.where(valid, labels, 0), -1)
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    log_p = ops.take_along_axis(ops.log_softmax(wide, axis=-1), index, axis=-1)[..., 0]
    # 1 - p, exact where p rounds to 1
    loss = -log_p - epsilon * ops.expm1(log_p)
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)
