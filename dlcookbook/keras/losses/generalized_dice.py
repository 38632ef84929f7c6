"""Generalised Dice loss: rare classes weigh as much as common ones."""

import keras
from keras import KerasTensor, ops

__all__ = ["generalized_dice_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def generalized_dice_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    absent: str = "count",
    ignore_index: int | None = None,
) -> KerasTensor:
    r"""Dice loss of all classes at once, weighted by size, one value per image.

    $1 - 2 \sum_c w_c \sum p y / \sum_c w_c \sum (p + y)$ over the pixels of one image,
    $w_c = 1 / (\sum y)^2$. For classes of one size: the mean 1 - p of the true class.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, or `ignore_index`, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Logits before any softmax, any floating dtype, at least one pixel axis.
    absent : "count" or "skip"
        Whether false alarms of a class that is not in the image count. If so, it weighs
        as much as the rarest class that is: its own weight would be infinite.
    ignore_index : int, optional
        Pixels with this target count neither as prediction nor as target.

    Returns
    -------
    tensor, shape (N,)
        One loss per image, 0 to 1, in the dtype of `y_pred`; 0 without any class. NaN
        where a class index is outside [0, C): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit or `absent` is out of range.

    Examples
    --------
    >>> # the one pixel of class 1 is missed, nine of class 0 are found
    >>> loss = generalized_dice_loss([[1] + [0] * 9], [[[9.0, -9.0]] * 10])
    >>> [round(float(x), 4) for x in loss]
    [0.82]

    References
    ----------
    Sudre et al., "Generalised Dice overlap as a deep learning loss function for highly
    unbalanced segmentations", 2017, section 2.1. <https://arxiv.org/abs/1707.03237>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if len(y_pred.shape) < 3 or tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred (N, ..., C) without its class axis. "
            f"Received: y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if absent not in ("count", "skip"):
        raise ValueError(f"absent must be 'count' or 'skip'. Received: {absent!r}")
    labels, classes = ops.cast(y_true, "int32")[..., None], y_pred.shape[-1]
    ignored = ops.zeros_like(labels, dtype="bool")
    if ignore_index is not None:
        ignored = ops.equal(labels, ignore_index)
    is_true = ops.logical_and(labels == ops.arange(classes), ops.logical_not(ignored))
    # half precision would overflow in the sum over a mask of 512 x 512
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    p = ops.softmax(ops.cast(y_pred, "float32") if half else y_pred, axis=-1)
    p = ops.where(ignored, 0.0, p)
    # |p - y|, with 1 - p as the sum over the other classes: exact where p rounds to 1
    error = ops.where(is_true, 0.0, p)
    error = ops.where(is_true, ops.sum(error, axis=-1, keepdims=True), error)
    pixels = tuple(range(1, len(y_pred.shape) - 1))
    volume = pixel_sum(ops.cast(is_true, p.dtype))
    # the rarest class weighs 1: a common factor of the weights does not matter
    sizes = ops.sort(ops.where(volume > 0, volume, float("inf")), axis=1)
    weight = ops.square(sizes[:, :1] / volume)
    weight = ops.where(volume > 0, weight, float(absent == "count"))
    size = ops.sum(weight * (pixel_sum(p) + volume), axis=1)
    # 0 / 0 where every pixel is ignored
    error = ops.sum(weight * pixel_sum(error), axis=1)
    loss = error / ops.where(size > 0, size, 1.0)
    known = ops.all(ops.any(ops.logical_or(is_true, ignored), axis=-1), axis=pixels)
    return ops.cast(ops.where(known, loss, float("nan")), y_pred.dtype)


def pixel_sum(x: KerasTensor) -> KerasTensor:
    """Sum over the pixels, axis by axis: at once, TensorFlow loses digits."""
    for _ in range(len(x.shape) - 2):
        x = ops.sum(x, axis=1)
    return x
