"""Focal Tversky loss: a power that shifts the gradient between good and bad masks."""

import keras
from keras import KerasTensor, ops

__all__ = ["binary_focal_tversky_loss", "focal_tversky_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def focal_tversky_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    alpha: float = 0.3,
    beta: float = 0.7,
    gamma: float = 4 / 3,
    smooth: float = 1.0,
    absent: str = "count",
    ignore_index: int | None = None,
) -> KerasTensor:
    r"""Multi-class focal Tversky loss, one value per image: the mean over its classes.

    $(1 - T)^{1 / \gamma}$ for each class, with the Tversky index of its soft counts in
    one image, $T = (TP + s) / (TP + \alpha FP + \beta FN + s)$. `gamma=1` is Tversky.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, or `ignore_index`, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Logits before any softmax, any floating dtype, at least one pixel axis.
    alpha, beta : float >= 0
        Price of a false alarm (FP) and of a miss (FN). The paper swaps the letters.
    gamma : float > 0
        The exponent is `1 / gamma`, as in the paper; their code calls 0.75 gamma.
        Above 1, masks that are nearly right gain gradient; below 1, bad ones do.
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
    >>> loss = focal_tversky_loss([[0, 1, 1]], y_pred, smooth=0.0)
    >>> [round(float(x), 4) for x in loss]
    [0.4235]

    References
    ----------
    Abraham and Khan, "A novel Focal Tversky loss function with improved Attention U-Net
    for lesion segmentation", 2019. <https://arxiv.org/abs/1810.07842>
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
    if not gamma > 0:
        raise ValueError(f"gamma must be > 0. Received: {gamma}")
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
    loss = root(error / ops.where(size > 1e-37, size, 1.0), gamma)
    present = ops.any(is_true, axis=pixels)
    counted = ops.cast(ops.logical_or(present, absent == "count"), loss.dtype)
    mean = ops.sum(loss * counted, axis=1) / ops.maximum(ops.sum(counted, axis=1), 1)
    known = ops.all(ops.any(ops.logical_or(is_true, ignored), axis=-1), axis=pixels)
    return ops.cast(ops.where(known, mean, float("nan")), y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def binary_focal_tversky_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    alpha: float = 0.3,
    beta: float = 0.7,
    gamma: float = 4 / 3,
    smooth: float = 1.0,
) -> KerasTensor:
    r"""Focal Tversky loss of a mask, one value per image.

    $(1 - T)^{1 / \gamma}$, $T = (TP + s) / (TP + \alpha FP + \beta FN + s)$, with soft
    counts over everything but the first axis. `gamma=1` is Tversky loss.

    Parameters
    ----------
    y_true : tensor, shape (N, ...)
        0 or 1, same shape as `y_pred`, any dtype.
    y_pred : tensor, shape (N, ...)
        Raw scores (logits), any floating dtype. Do not apply a sigmoid first.
    alpha, beta, gamma, smooth : float >= 0, `gamma` > 0
        Prices, focus and smoothing, as in `focal_tversky_loss`.

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
    >>> y_pred = [[9.0, 9.0], [9.0, -9.0]]
    >>> alarm, miss = binary_focal_tversky_loss([[1, 0], [1, 1]], y_pred)
    >>> round(float(alarm), 3), round(float(miss), 3)
    (0.217, 0.363)

    References
    ----------
    Abraham and Khan, 2019. <https://arxiv.org/abs/1810.07842>
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
    if not gamma > 0:
        raise ValueError(f"gamma must be > 0. Received: {gamma}")
    positive, axes = ops.equal(y_true, 1), tuple(range(1, len(y_pred.shape)))
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    # |p - y| as a sigmoid of its own: exact where p rounds to 1
    wrong = ops.sigmoid(ops.where(positive, -wide, wide))
    error = ops.sum(ops.where(positive, beta * wrong, alpha * wrong), axis=axes)
    hit = ops.sum(ops.where(positive, ops.sigmoid(wide), 0.0), axis=axes)
    size = hit + error + smooth
    # 0 / 0 where both are empty; a smaller bound would overflow in the gradient
    loss = root(error / ops.where(size > 1e-37, size, 1.0), gamma)
    known = ops.all(ops.logical_or(positive, ops.equal(y_true, 0)), axis=axes)
    return ops.cast(ops.where(known, loss, float("nan")), y_pred.dtype)


def root(x: KerasTensor, gamma: float) -> KerasTensor:
    """Take x^(1 / gamma), infinitely steep at 0, where x comes by underflow alone."""
    some = x > 1e-37
    return ops.where(some, ops.where(some, x, 1.0) ** (1 / gamma), 0.0)


def pixel_sum(x: KerasTensor) -> KerasTensor:
    """Sum over the pixels, axis by axis: at once, TensorFlow loses digits."""
    for _ in range(len(x.shape) - 2):
        x = ops.sum(x, axis=1)
    return x
