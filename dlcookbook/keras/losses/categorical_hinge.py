"""Categorical hinge loss: beat the best wrong class by a margin."""

import keras
from keras import KerasTensor, ops

__all__ = ["categorical_hinge_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def categorical_hinge_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, margin: float = 1.0
) -> KerasTensor:
    r"""Multi-class hinge loss of Crammer and Singer, one value per example (or pixel).

    $\max(0, m + \max_{j \ne y} z_j - z_y)$. Equal scores cost $m$; a true class ahead
    of every other by $m$ or more costs nothing.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Raw scores $z$ (logits), any floating dtype, classes last. Do not apply a
        softmax.
    margin : float >= 0
        Lead $m$ from which an example counts as safely right.

    Returns
    -------
    tensor, shape (N, ...)
        One loss per example, in units of the score, in the dtype of `y_pred`. NaN
        where a class index is outside [0, C): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit or `margin` is negative.

    Examples
    --------
    >>> logits = [[2.0, 0.5, -1.0], [-1.0, -3.0, -3.0]]
    >>> loss = categorical_hinge_loss([1, 0], logits)
    >>> [round(float(x), 4) for x in loss]
    [2.5, 0.0]

    References
    ----------
    Crammer and Singer, "On the Algorithmic Implementation of Multiclass Kernel-based
    Vector Machines", 2001, section 3.
    <https://www.jmlr.org/papers/v2/crammer01a.html>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred without its class axis. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not margin >= 0:
        raise ValueError(f"margin must be >= 0. Received: {margin}")
    classes = y_pred.shape[-1]
    labels = ops.cast(y_true, "int32")
    valid = ops.logical_and(labels >= 0, labels < classes)
    labels = ops.where(valid, labels, 0)
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    true = ops.take_along_axis(wide, ops.expand_dims(labels, -1), axis=-1)[..., 0]
    is_true = ops.expand_dims(labels, -1) == ops.arange(classes)
    # a zero in place of the true score would win against negative scores; `ops.max`
    # would refuse an empty batch
    rivals = ops.where(is_true, -float("inf"), wide)
    rival = ops.top_k(rivals, 1)[0][..., 0]
    loss = ops.where(valid, ops.relu(margin + rival - true), float("nan"))
    return ops.cast(loss, y_pred.dtype)
