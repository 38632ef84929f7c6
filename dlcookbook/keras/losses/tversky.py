"""Tversky loss: Dice that prices false alarms and misses apart."""

import keras
from keras import KerasTensor, ops

__all__ = ["binary_tversky_loss", "tversky_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def tversky_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    alpha: float = 0.3,
    beta: float = 0.7,
    smooth: float = 1.0,
    absent: str = "count",
    ignore_index: int | None = None,
) -> KerasTensor:
    r"""Multi-class Tversky loss, one value per image: the mean over its classes.

    $1 - (TP + s) / (TP + \alpha FP + \beta FN + s)$ for each class, with soft counts
    over the pixels of one image. $\alpha = \beta = 1/2$ is Dice with smoothing $2 s$.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, or `ignore_index`, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Logits before any softmax, any floating dtype, at least one pixel axis.
    alpha, beta : float >= 0
        Price of a false alarm (FP) and of a miss (FN). Keras 3.15 swaps the letters.
    smooth : float >= 0
        $s$, in pixels. With 0, nothing pushes predictions down where a class is absent.
    absent : "count" or "skip"
        Whether the mean counts a class that is not in the image, by its false alarms.
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
        If the shapes do not fit or an option is out of range.

    Examples
    --------
    >>> y_pred = [[[9.0, -9.0], [9.0, -9.0], [-9.0, 9.0]]]
    >>> [round(float(x), 4) for x in tversky_loss([[0, 1, 1]], y_pred, smooth=0.0)]
    [0.3213]

    References
    ----------
    Salehi et al., "Tversky loss function for image segmentation using 3D fully
    convolutional deep networks", 2017, eq. 3. <https://arxiv.org/abs/1706.05721>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if len(y_pred.shape) < 3 or tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred (N, ..., C) without its class axis. "
            f"Received: y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    for name, value in (("alpha", alpha), ("beta", beta), ("smooth", smooth)):
        if not value >= 0:
            raise ValueError(f"{name} must be >= 0. Received: {value}")
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
    false, pixels = ops.where(is_true, 0.0, p), tuple(range(1, len(y_pred.shape) - 1))
    # a miss is 1 - p as the sum over the other classes: exact where p rounds to 1
    missed = ops.sum(false, axis=-1, keepdims=True)
    error = pixel_sum(ops.where(is_true, beta * missed, alpha * false))
    size = pixel_sum(p - false) + error + smooth
    # 0 / 0 where nobody saw the class; a smaller bound would overflow in the gradient
    loss = error / ops.where(size > 1e-37, size, 1.0)
    present = ops.any(is_true, axis=pixels)
    counted = ops.cast(ops.logical_or(present, absent == "count"), loss.dtype)
    mean = ops.sum(loss * counted, axis=1) / ops.maximum(ops.sum(counted, axis=1), 1)
    known = ops.all(ops.any(ops.logical_or(is_true, ignored), axis=-1), axis=pixels)
    return ops.cast(ops.where(known, mean, float("nan")), y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def binary_tversky_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    alpha: float = 0.3,
    beta: float = 0.7,
    smooth: float = 1.0,
) -> KerasTensor:
    r"""Tversky loss of a mask, one value per image.

    $1 - (TP + s) / (TP + \alpha FP + \beta FN + s)$ with soft counts from the sigmoid,
    over everything but the first axis. $\alpha = \beta = 1/2$ is Dice with $2 s$.

    Parameters
    ----------
    y_true : tensor, shape (N, ...)
        0 or 1, same shape as `y_pred`, any dtype.
    y_pred : tensor, shape (N, ...)
        Raw scores (logits), any floating dtype. Do not apply a sigmoid first.
    alpha, beta : float >= 0
        Price of a false alarm (FP) and of a miss (FN), as in `tversky_loss`.
    smooth : float >= 0
        $s$, in pixels. With 0, nothing pushes predictions down where the mask is empty.

    Returns
    -------
    tensor, shape (N,)
        One loss per image, 0 to 1, in the dtype of `y_pred`; 0 if both are empty. NaN
        where `y_true` holds neither 0 nor 1: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit or an option is out of range.

    Examples
    --------
    >>> alarm, miss = binary_tversky_loss([[1, 0], [1, 1]], [[9.0, 9.0], [9.0, -9.0]])
    >>> round(float(alarm), 3), round(float(miss), 3)
    (0.13, 0.259)

    References
    ----------
    Salehi et al., 2017, eq. 3. <https://arxiv.org/abs/1706.05721>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_pred.shape) < 2 or tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape (N, ...) of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    for name, value in (("alpha", alpha), ("beta", beta), ("smooth", smooth)):
        if not value >= 0:
            raise ValueError(f"{name} must be >= 0. Received: {value}")
    positive, axes = ops.equal(y_true, 1), tuple(range(1, len(y_pred.shape)))
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    # |p - y| as a sigmoid of its own: exact where p rounds to 1
    wrong = ops.sigmoid(ops.where(positive, -wide, wide))
    error = ops.sum(ops.where(positive, beta * wrong, alpha * wrong), axis=axes)
    hit = ops.sum(ops.where(positive, ops.sigmoid(wide), 0.0), axis=axes)
    size = hit + error + smooth
    # 0 / 0 where both are empty; a smaller bound would overflow in the gradient
    loss = error / ops.where(size > 1e-37, size, 1.0)
    known = ops.all(ops.logical_or(positive, ops.equal(y_true, 0)), axis=axes)
    return ops.cast(ops.where(known, loss, float("nan")), y_pred.dtype)


def pixel_sum(x: KerasTensor) -> KerasTensor:
    """Sum over the pixels, axis by axis: at once, TensorFlow loses digits."""
    for _ in range(len(x.shape) - 2):
        x = ops.sum(x, axis=1)
    return x
