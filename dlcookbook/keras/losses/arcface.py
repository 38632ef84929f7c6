"""ArcFace and CosFace: softmax over cosines, with a margin for the true class."""

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
    r"""ArcFace loss: a margin on the angle of the true class, one value per example.

    Cross-entropy of the logits $s \cos\theta_c$, in which the true class stands as
    $s \cos(\theta_y + m)$. Beyond $\theta_y = \pi - m$, where that would rise again, it
    is $s (\cos\theta_y - m \sin m)$, as in the authors' code. `margin=0` is softmax
    cross-entropy of scaled cosines.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, C)
        Cosine of each embedding with the weight vector of each class, from -1 to 1,
        any floating dtype. Normalise both before their product, without a bias.
    margin : float in [0, pi]
        Angle $m$ in radians. The paper uses 0.5.
    scale : float > 0
        Turns cosines into logits. The paper uses 64.

    Returns
    -------
    tensor, shape (N,)
        One loss per example, in nats, in the dtype of `y_pred`. The gradient is finite
        at cosines of -1 and 1 too, where the sine counts as a constant. NaN where a
        class index is outside [0, C) or a cosine outside [-1, 1] by more than rounding
        (0.01): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit, `margin` is outside [0, pi] or `scale` is not above 0.

    Examples
    --------
    >>> loss = arcface_loss([0, 0], [[0.8, 0.1], [0.8, 0.7]], scale=8.0)
    >>> [round(float(x), 4) for x in loss]
    [0.0777, 2.3817]

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
    if not 0 <= margin <= math.pi:
        raise ValueError(f"margin must be in [0, pi]. Received: {margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")

    def moved(true):
        square = (1 - true) * (1 + true)
        # a root at 0 has no finite slope
        sine = ops.where(square > 0, ops.sqrt(ops.where(square > 0, square, 1.0)), 0.0)
        near = true * math.cos(margin) - sine * math.sin(margin)
        rising = true < -math.cos(margin)
        return ops.where(rising, true - margin * math.sin(margin), near)

    return _cross_entropy(labels, y_pred, moved, scale)


@keras.saving.register_keras_serializable(package="dlcookbook")
def cosface_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    margin: float = 0.35,
    scale: float = 64.0,
) -> KerasTensor:
    r"""CosFace loss: a margin on the cosine of the true class, one value per example.

    Cross-entropy of the logits $s \cos\theta_c$, in which the true class stands as
    $s (\cos\theta_y - m)$. `margin=0` is softmax cross-entropy of scaled cosines.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, C)
        Cosine of each embedding with the weight vector of each class, from -1 to 1,
        any floating dtype. Normalise both before their product, without a bias.
    margin : float >= 0
        What the true class must be ahead by. The paper uses 0.35.
    scale : float > 0
        Turns cosines into logits. The paper uses 64.

    Returns
    -------
    tensor, shape (N,)
        One loss per example, in nats, in the dtype of `y_pred`. NaN where a class index
        is outside [0, C) or a cosine outside [-1, 1] by more than rounding (0.01): a
        compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit, `margin` is negative or `scale` is not above 0.

    Examples
    --------
    >>> loss = cosface_loss([0, 0], [[0.8, 0.1], [0.8, 0.7]], scale=8.0)
    >>> [round(float(x), 4) for x in loss]
    [0.059, 2.1269]

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
    return _cross_entropy(labels, y_pred, lambda true: true - margin, scale)


def _cross_entropy(labels, y_pred, moved, scale):
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    cosines = ops.cast(y_pred, "float32") if half else y_pred
    labels, classes = ops.cast(labels, "int32"), y_pred.shape[1]
    valid = ops.logical_and(labels >= 0, labels < classes)
    index = ops.expand_dims(ops.where(valid, labels, 0), 1)
    true = moved(ops.take_along_axis(cosines, index, axis=1))
    logits = scale * ops.where(ops.arange(classes) == index, true, cosines)
    loss = ops.logsumexp(logits, axis=1) - scale * true[:, 0]
    valid = ops.logical_and(valid, ops.all(ops.abs(cosines) <= 1.01, axis=1))
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)
