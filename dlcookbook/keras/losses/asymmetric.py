"""Asymmetric loss: multi-label loss that forgets the many easy negatives."""

import keras
from keras import KerasTensor, ops

__all__ = ["asymmetric_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def asymmetric_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    gamma_positive: float = 0.0,
    gamma_negative: float = 4.0,
    clip: float = 0.05,
) -> KerasTensor:
    r"""Multi-label asymmetric loss, one value per label.

    $-(1 - p)^{\gamma_+} \log p$ for label 1, $-p_m^{\gamma_-} \log(1 - p_m)$ for label
    0, where $p$ is the sigmoid of the logit and $p_m = \max(p - m, 0)$. `clip=0` with
    equal gammas is focal loss, with gammas of 0 binary cross-entropy.

    Parameters
    ----------
    y_true : tensor, shape (...)
        0 or 1, same shape as `y_pred`, any dtype.
    y_pred : tensor, shape (...)
        Raw scores (logits), any floating dtype. Do not apply a sigmoid first.
    gamma_positive : float >= 0
        Focus $\gamma_+$ on label 1: the larger, the less an easy one counts.
    gamma_negative : float >= 0
        Focus $\gamma_-$ on label 0: the larger, the less an easy one counts.
    clip : float in [0, 1)
        Probability $m$ up to which label 0 costs nothing and has no gradient.

    Returns
    -------
    tensor, shape (...)
        One loss per label, in nats, in the dtype of `y_pred`. NaN where `y_true` is
        neither 0 nor 1: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ, a gamma is negative or `clip` is outside [0, 1).

    Examples
    --------
    >>> loss = asymmetric_loss([1, 0, 0], [-2.0, 0.0, 2.0])
    >>> [round(float(x), 4) for x in loss]
    [2.1269, 0.0245, 0.8464]

    References
    ----------
    Ridnik et al., "Asymmetric Loss For Multi-Label Classification", 2021, section 2.
    <https://arxiv.org/abs/2009.14119>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not (gamma_positive >= 0 and gamma_negative >= 0):
        raise ValueError(
            "gamma_positive and gamma_negative must be >= 0. Received: "
            f"{gamma_positive}, {gamma_negative}"
        )
    if not 0 <= clip < 1:
        raise ValueError(f"clip must be in [0, 1). Received: {clip}")
    positive = ops.equal(y_true, 1)
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    log_p, log_q = ops.log_sigmoid(wide), ops.log_sigmoid(-wide)
    loss = -ops.exp(gamma_positive * log_q) * log_p
    if clip > 0:
        over = ops.sigmoid(wide) - clip
        # log 1 where clipped: 0, with a slope of 0
        log_p = ops.log(ops.where(over > 0, over, 1.0))
        log_q = ops.log(ops.where(over > 0, ops.sigmoid(-wide) + clip, 1.0))
    loss = ops.where(positive, loss, -ops.exp(gamma_negative * log_p) * log_q)
    known = ops.logical_or(positive, ops.equal(y_true, 0))
    return ops.cast(ops.where(known, loss, float("nan")), y_pred.dtype)
