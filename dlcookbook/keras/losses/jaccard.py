"""Jaccard loss (soft IoU): one minus intersection over union, in probabilities."""

import keras
from keras import KerasTensor, ops

__all__ = ["binary_jaccard_loss", "jaccard_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def jaccard_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    smooth: float = 1.0,
    absent: str = "count",
    ignore_index: int | None = None,
) -> KerasTensor:
    r"""Multi-class Jaccard loss, one value per image: the mean over its classes.

    $1 - (\sum p y + s) / (\sum p + \sum y - \sum p y + s)$ for each class, summed over
    the pixels of one image. For hard predictions and $s = 0$ it is 1 - IoU.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, or `ignore_index`, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Raw scores (logits), any floating dtype, classes last, at least one pixel axis.
        Do not apply a softmax first.
    smooth : float >= 0
        $s$, in pixels: a missed object of k pixels costs k / (k + s). With 0, nothing
        pushes predictions down where a class is absent.
    absent : "count" or "skip"
        Whether the mean counts a class that is not in the image, by its false alarms.
    ignore_index : int, optional
        Pixels with this target count neither as prediction nor as target.

    Returns
    -------
    tensor, shape (N,)
        One loss per image, from 0 to 1, in the dtype of `y_pred`. A class absent from
        target and prediction alike costs 0, as does an image without any class. NaN
        where a class index is outside [0, C): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit or `smooth` or `absent` is out of range.

    Examples
    --------
    >>> y_pred = ops.array([[[4.0, -4.0], [4.0, -4.0], [-4.0, 4.0]]])
    >>> y_true = [[0, 0, 1], [0, 1, 1]]
    >>> loss = jaccard_loss(y_true, ops.repeat(y_pred, 2, 0), smooth=0.0)
    >>> [round(float(x), 4) for x in loss]
    [0.0008, 0.5001]

    References
    ----------
    Rahman and Wang, "Optimizing Intersection-Over-Union in Deep Neural Networks for
    Image Segmentation", 2016. <https://doi.org/10.1007/978-3-319-50835-1_22>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if len(y_pred.shape) < 3 or tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred (N, ..., C) without its class axis. "
            f"Received: y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not smooth >= 0:
        raise ValueError(f"smooth must be >= 0. Received: {smooth}")
    if absent not in ("count", "skip"):
        raise ValueError(f"absent must be 'count' or 'skip'. Received: {absent!r}")
    labels, classes = ops.cast(y_true, "int32")[..., None], y_pred.shape[-1]
    ignored = ops.zeros_like(labels, dtype="bool")
    if ignore_index is not None:
        ignored = ops.equal(labels, ignore_index)
    is_true = ops.logical_and(labels == ops.arange(classes), ops.logical_not(ignored))
    # half precision would overflow in the sum over a mask of 512 x 512
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    p = ops.where(ignored, 0.0, ops.softmax(wide, axis=-1))
    # |p - y|, with 1 - p as the sum over the other classes: exact where p rounds to 1
    false = ops.where(is_true, 0.0, p)
    error = ops.where(is_true, ops.sum(false, axis=-1, keepdims=True), false)
    pixels = tuple(range(1, len(y_pred.shape) - 1))
    volume = pixel_sum(ops.cast(is_true, wide.dtype))
    union = volume + pixel_sum(false) + smooth
    # 0 / 0 where nobody saw the class; a smaller bound would overflow in the gradient
    loss = pixel_sum(error) / ops.where(union > 1e-37, union, 1.0)
    counted = ops.cast(ops.logical_or(volume > 0, absent == "count"), wide.dtype)
    mean = ops.sum(loss * counted, axis=1) / ops.maximum(ops.sum(counted, axis=1), 1)
    known = ops.all(ops.any(ops.logical_or(is_true, ignored), axis=-1), axis=pixels)
    return ops.cast(ops.where(known, mean, float("nan")), y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def binary_jaccard_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, smooth: float = 1.0
) -> KerasTensor:
    r"""Jaccard loss of a mask, one value per image.

    $1 - (\sum p y + s) / (\sum p + \sum y - \sum p y + s)$ with the sigmoid $p$, summed
    over everything but the first axis. For hard predictions and $s = 0$, 1 - IoU.

    Parameters
    ----------
    y_true : tensor, shape (N, ...)
        0 or 1, same shape as `y_pred`, any dtype.
    y_pred : tensor, shape (N, ...)
        Raw scores (logits), any floating dtype. Do not apply a sigmoid first.
    smooth : float >= 0
        $s$, in pixels: a missed object of k pixels costs k / (k + s). With 0, nothing
        pushes predictions down where the mask is empty.

    Returns
    -------
    tensor, shape (N,)
        One loss per image, from 0 to 1, in the dtype of `y_pred`. An empty mask and an
        empty prediction cost 0. NaN where `y_true` holds neither 0 nor 1: a compiled
        graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ or have no pixel axis, or `smooth` is negative.

    Examples
    --------
    A missed object of 1 pixel and one of 100:

    >>> mask = ops.concatenate([ops.eye(100)[:1], ops.ones((1, 100))])
    >>> loss = binary_jaccard_loss(mask, ops.full((2, 100), -20.0))
    >>> [round(float(x), 4) for x in loss]
    [0.5, 0.9901]

    References
    ----------
    Rahman and Wang, "Optimizing Intersection-Over-Union in Deep Neural Networks for
    Image Segmentation", 2016. <https://doi.org/10.1007/978-3-319-50835-1_22>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_pred.shape) < 2 or tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape (N, ...) of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not smooth >= 0:
        raise ValueError(f"smooth must be >= 0. Received: {smooth}")
    positive, pixels = ops.equal(y_true, 1), tuple(range(1, len(y_pred.shape)))
    # half precision would overflow in the sum over a mask of 512 x 512
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    # |p - y| as a sigmoid of its own: exact where p rounds to 1
    error = ops.sigmoid(ops.where(positive, -wide, wide))
    union = ops.sum(ops.where(positive, 1.0, error), axis=pixels) + smooth
    # 0 / 0 where both are empty; a smaller bound would overflow in the gradient
    loss = ops.sum(error, axis=pixels) / ops.where(union > 1e-37, union, 1.0)
    known = ops.all(ops.logical_or(positive, ops.equal(y_true, 0)), axis=pixels)
    return ops.cast(ops.where(known, loss, float("nan")), y_pred.dtype)


def pixel_sum(x: KerasTensor) -> KerasTensor:
    """Sum over the pixels, axis by axis: at once, TensorFlow loses digits."""
    for _ in range(len(x.shape) - 2):
        x = ops.sum(x, axis=1)
    return x
