"""Angular-margin softmax losses: ArcFace and CosFace."""

import math

import keras
from keras import KerasTensor, ops

__all__ = ["arcface_loss", "cosface_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def arcface_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    margin: float = 0.5,
    scale: float = 64.0,
) -> KerasTensor:
    r"""ArcFace loss: the true class must win by an angle; one value per example.

    Cross-entropy of $s \cos \theta_c$ with $s \cos(\theta_y + m)$ for the true class,
    $\theta$ being the angles to the class directions. `margin=0` is cross-entropy of
    scaled cosines.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, C)
        Cosines of each feature with each class direction, -1 to 1, any floating dtype:
        normalise both and multiply.
    margin : float in [0, pi / 2]
        $m$, in radians. Beyond the angle $\pi - m$, where $\cos(\theta + m)$ would rise
        again, the cosine is lowered by $m \sin m$ instead.
    scale : float > 0
        $s$: makes up for the small range of cosines. The paper uses 64.

    Returns
    -------
    tensor, shape (N,)
        One loss per example, in nats, in the dtype of `y_pred`. NaN where a class index
        is outside [0, C) or a cosine outside [-1, 1] by more than 1 %: a compiled graph
        cannot raise. At a cosine of -1 or 1 the angle has no slope; there the gradient
        leaves it out.

    Raises
    ------
    ValueError
        If the shapes do not fit, `margin` is outside [0, pi / 2] or `scale` is
        not positive.

    Examples
    --------
    >>> loss = arcface_loss([0, 1], [[0.8, 0.1], [0.8, 0.1]], scale=4.0)
    >>> [round(float(x), 4) for x in loss]
    [0.2502, 4.7656]

    References
    ----------
    Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition",
    2019, eq. 3. <https://arxiv.org/abs/1801.07698>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    labels = ops.squeeze(y_true, -1) if y_true.shape[1:] == (1,) else y_true
    if len(y_pred.shape) != 2 or tuple(labels.shape) != tuple(y_pred.shape[:1]):
        raise ValueError(
            "y_true must hold one class for each row of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not 0 <= margin <= math.pi / 2:
        raise ValueError(f"margin must be in [0, pi / 2]. Received: {margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    classes = y_pred.shape[-1]
    labels = ops.cast(labels, "int32")
    valid = ops.logical_and(labels >= 0, labels < classes)
    valid = ops.logical_and(valid, ops.all(ops.abs(y_pred) <= 1.01, axis=1))
    # half precision would round the margin away
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    is_true = ops.expand_dims(ops.where(valid, labels, 0), -1) == ops.arange(classes)
    rest = 1 - ops.square(wide)
    # the root has no slope at 0, and rounding may take it below
    sine = ops.where(rest > 0, ops.sqrt(ops.where(rest > 0, rest, 1.0)), 0.0)
    turned = wide * math.cos(margin) - sine * math.sin(margin)
    lowered = wide - margin * math.sin(margin)
    lowered = ops.where(wide > -math.cos(margin), turned, lowered)
    log_p = ops.log_softmax(scale * ops.where(is_true, lowered, wide), axis=-1)
    loss = -ops.sum(ops.where(is_true, log_p, 0.0), axis=-1)
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def cosface_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    margin: float = 0.35,
    scale: float = 64.0,
) -> KerasTensor:
    r"""CosFace loss: the true class must win by a cosine; one value per example.

    Cross-entropy of $s \cos \theta_c$ with $s\,(\cos \theta_y - m)$ for the true class.
    `margin=0` is cross-entropy of scaled cosines.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, C)
        Cosines of each feature with each class direction, -1 to 1, any floating dtype:
        normalise both and multiply.
    margin : float >= 0
        $m$, in cosine. The paper uses 0.35.
    scale : float > 0
        $s$: makes up for the small range of cosines. The paper uses 64.

    Returns
    -------
    tensor, shape (N,)
        One loss per example, in nats, in the dtype of `y_pred`. NaN where a class index
        is outside [0, C) or a cosine outside [-1, 1] by more than 1 %: a compiled graph
        cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit, `margin` is negative or `scale` is
        not positive.

    Examples
    --------
    >>> loss = cosface_loss([0, 1], [[0.8, 0.1], [0.8, 0.1]], scale=4.0)
    >>> [round(float(x), 4) for x in loss]
    [0.2204, 4.2149]

    References
    ----------
    Wang et al., "CosFace: Large Margin Cosine Loss for Deep Face Recognition", 2018,
    eq. 4. <https://arxiv.org/abs/1801.09414>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    labels = ops.squeeze(y_true, -1) if y_true.shape[1:] == (1,) else y_true
    if len(y_pred.shape) != 2 or tuple(labels.shape) != tuple(y_pred.shape[:1]):
        raise ValueError(
            "y_true must hold one class for each row of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not margin >= 0:
        raise ValueError(f"margin must be >= 0. Received: {margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    classes = y_pred.shape[-1]
    labels = ops.cast(labels, "int32")
    valid = ops.logical_and(labels >= 0, labels < classes)
    valid = ops.logical_and(valid, ops.all(ops.abs(y_pred) <= 1.01, axis=1))
    # half precision would round the margin away
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    is_true = ops.expand_dims(ops.where(valid, labels, 0), -1) == ops.arange(classes)
    lowered = wide - margin
    log_p = ops.log_softmax(scale * ops.where(is_true, lowered, wide), axis=-1)
    loss = -ops.sum(ops.where(is_true, log_p, 0.0), axis=-1)
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)
