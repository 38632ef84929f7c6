"""Binary cross-entropy with a weight for the positives and label smoothing."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, ops

__all__ = ["weighted_bce_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def weighted_bce_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    pos_weight: float | KerasTensor | Sequence[float] | None = None,
    label_smoothing: float = 0.0,
) -> KerasTensor:
    r"""Weighted binary or multi-label cross-entropy, one value per label.

    $-w q \log p - (1 - q) \log(1 - p)$, where $p$ is the sigmoid of the logit and
    $q = (1 - \epsilon) y + \epsilon / 2$. A logit of 0 costs $\log 2$ for label 0 and
    $w \log 2$ for label 1 (without smoothing).

    Parameters
    ----------
    y_true : tensor, shape (...)
        Labels $y$ from 0 to 1, soft ones too; same shape as `y_pred`, any dtype.
    y_pred : tensor, shape (...)
        Raw scores (logits), any floating dtype. Do not apply a sigmoid first.
    pos_weight : float or tensor or sequence, shape () or (C,) or (C, 1, ...), optional
        Weight $w$ of label 1, >= 0; negatives per positive is the usual choice. It
        is broadcast against the last axes of `y_pred`. None weighs both labels with 1.
    label_smoothing : float in [0, 1]
        Share $\epsilon$ of a label that is replaced by one half.

    Returns
    -------
    tensor, shape (...)
        One loss per label, in nats, in the dtype of `y_pred`. NaN where `y_true` is
        outside [0, 1]: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ, `pos_weight` does not fit the last axes of `y_pred` or
        `label_smoothing` is outside [0, 1].

    Examples
    --------
    >>> loss = weighted_bce_loss([1, 0], [0.0, 2.0], pos_weight=3.0)
    >>> [round(float(x), 4) for x in loss]
    [2.0794, 2.1269]

    References
    ----------
    King and Zeng, "Logistic Regression in Rare Events Data", 2001, section 4.2.
    <https://doi.org/10.1093/oxfordjournals.pan.a004868>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing not in [0, 1]. Received: {label_smoothing}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    weight = 1.0 if pos_weight is None else pos_weight
    weight = ops.convert_to_tensor(weight, dtype=wide.dtype)
    axes = len(weight.shape)
    last = y_pred.shape[len(y_pred.shape) - axes :]
    if len(last) != axes or any(
        w not in (1, n) for w, n in zip(weight.shape, last, strict=True)
    ):
        raise ValueError(
            "pos_weight must fit the last axes of y_pred. Received: pos_weight "
            f"{tuple(weight.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    q = (1 - label_smoothing) * ops.cast(y_true, wide.dtype) + label_smoothing / 2
    loss = -weight * q * ops.log_sigmoid(wide) - (1 - q) * ops.log_sigmoid(-wide)
    known = ops.logical_and(y_true >= 0, y_true <= 1)
    return ops.cast(ops.where(known, loss, float("nan")), y_pred.dtype)
