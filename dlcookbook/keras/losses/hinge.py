"""Hinge loss: ask a binary score to be right by a margin."""

import keras
from keras import KerasTensor, ops

__all__ = ["hinge_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def hinge_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, margin: float = 1.0
) -> KerasTensor:
    r"""Binary or multi-label hinge loss, one value per label.

    $\max(0, m - s z)$, where $s$ is $+1$ for label 1 and $-1$ for label 0. A score of
    0 costs $m$ for either label; right by $m$ or more costs nothing.

    Parameters
    ----------
    y_true : tensor, shape (...)
        0 or 1, not -1 or 1; same shape as `y_pred`, any dtype.
    y_pred : tensor, shape (...)
        Raw scores $z$ (logits), any floating dtype. Do not apply a sigmoid or tanh.
    margin : float >= 0
        Score $m$ from which an example counts as safely right.

    Returns
    -------
    tensor, shape (...)
        One loss per label, in units of the score, in the dtype of `y_pred`. NaN where
        `y_true` is neither 0 nor 1: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ or `margin` is negative.

    Examples
    --------
    >>> loss = hinge_loss([1, 1, 0], [2.0, 0.5, 0.5])
    >>> [round(float(x), 4) for x in loss]
    [0.0, 0.5, 1.5]

    References
    ----------
    Cortes and Vapnik, "Support-Vector Networks", 1995, section 3.
    <https://doi.org/10.1007/BF00994018>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not margin >= 0:
        raise ValueError(f"margin must be >= 0. Received: {margin}")
    positive = ops.equal(y_true, 1)
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    # positive where the label is predicted right
    score = ops.where(positive, wide, -wide)
    known = ops.logical_or(positive, ops.equal(y_true, 0))
    loss = ops.where(known, ops.relu(margin - score), float("nan"))
    return ops.cast(loss, y_pred.dtype)
