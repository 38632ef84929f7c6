"""Focal loss: down-weight what the model already gets right."""

import keras
from keras import KerasTensor, ops

__all__ = ["sigmoid_focal_loss", "softmax_focal_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def sigmoid_focal_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    alpha: float | None = None,
    gamma: float = 2.0,
) -> KerasTensor:
    r"""Binary or multi-label focal loss, one value per label.

    $\mathrm{FL} = -\alpha_t (1 - p_t)^\gamma \log p_t$, where $p_t$ is the
    probability given to the true label. `gamma=0` is binary cross-entropy.

    Parameters
    ----------
    y_true : tensor, shape (...)
        0 or 1, same shape as `y_pred`, any dtype.
    y_pred : tensor, shape (...)
        Raw scores (logits), any floating dtype. Do not apply a sigmoid first.
    alpha : float in [0, 1], optional
        Weight of label 1; label 0 gets `1 - alpha`. None weighs both with 1.
    gamma : float >= 0
        Focus: the larger, the less an easy label counts. The paper uses 2.

    Returns
    -------
    tensor, shape (...)
        One loss per label, in nats, in the dtype of `y_pred`. NaN where `y_true`
        is neither 0 nor 1: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ, `alpha` is outside [0, 1] or `gamma` is negative.

    Examples
    --------
    >>> loss = sigmoid_focal_loss([1, 1], [2.0, -2.0])
    >>> [round(float(x), 4) for x in loss]
    [0.0018, 1.6501]

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", 2017, eq. 5.
    <https://arxiv.org/abs/1708.02002>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if alpha is not None and not 0 <= alpha <= 1:
        raise ValueError(f"alpha must be in [0, 1]. Received: {alpha}")
    if not gamma >= 0:
        raise ValueError(f"gamma must be >= 0. Received: {gamma}")
    positive = ops.equal(y_true, 1)
    # half precision would overflow in the gradient of a hard label
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    # positive where the label is predicted right
    margin = ops.where(positive, wide, -wide)
    # (1 - p)^gamma in logs: its gradient stays finite for every gamma
    loss = -ops.exp(gamma * ops.log_sigmoid(-margin)) * ops.log_sigmoid(margin)
    if alpha is not None:
        loss = ops.where(positive, alpha * loss, (1 - alpha) * loss)
    known = ops.logical_or(positive, ops.equal(y_true, 0))
    return ops.cast(ops.where(known, loss, float("nan")), y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def softmax_focal_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    alpha: KerasTensor | None = None,
    gamma: float = 2.0,
) -> KerasTensor:
    r"""Multi-class focal loss, one value per example (or pixel).

    $\mathrm{FL} = -\alpha_y (1 - p_y)^\gamma \log p_y$, where $p_y$ is the softmax
    probability of the true class $y$. `gamma=0` is cross-entropy.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Raw scores (logits), any floating dtype, classes last. Do not apply a softmax
        first.
    alpha : tensor, shape (C,), optional
        Weight of each class, >= 0. None weighs every class with 1.
    gamma : float >= 0
        Focus: the larger, the less an easy example counts. The paper uses 2.

    Returns
    -------
    tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `y_pred`. NaN where a class
        index is outside [0, C): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit, `alpha` does not hold C values or `gamma` is
        negative.

    Examples
    --------
    >>> loss = softmax_focal_loss([0, 2], [[2.0, 0.0, -1.0], [2.0, 0.0, -1.0]])
    >>> [round(float(x), 4) for x in loss]
    [0.0041, 2.9091]

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", 2017, eq. 5, with the softmax
    in place of the sigmoid. <https://arxiv.org/abs/1708.02002>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred without its class axis. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    classes = y_pred.shape[-1]
    if alpha is not None and tuple(ops.shape(alpha)) != (classes,):
        raise ValueError(
            f"alpha must hold {classes} values. Received: shape {ops.shape(alpha)}"
        )
    if not gamma >= 0:
        raise ValueError(f"gamma must be >= 0. Received: {gamma}")
    labels = ops.cast(y_true, "int32")
    valid = ops.logical_and(labels >= 0, labels < classes)
    labels = ops.where(valid, labels, 0)
    is_true = ops.expand_dims(labels, -1) == ops.arange(classes)
    # half precision would overflow in the gradient of a hard example
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    log_p = ops.log_softmax(wide, axis=-1)
    true = ops.take_along_axis(log_p, ops.expand_dims(labels, -1), axis=-1)[..., 0]
    # log(1 - p) as the sum over the other classes: exact where p rounds to 1
    others = ops.logsumexp(ops.where(is_true, -float("inf"), log_p), axis=-1)
    loss = -ops.exp(gamma * others) * true
    if alpha is not None:
        loss = ops.take(ops.cast(alpha, loss.dtype), labels) * loss
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)
