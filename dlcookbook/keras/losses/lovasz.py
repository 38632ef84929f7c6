"""Lovász losses: train on intersection over union itself, made convex."""

import math

import keras
from keras import KerasTensor, ops

__all__ = ["lovasz_hinge_loss", "lovasz_softmax_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def lovasz_softmax_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    classes: str = "present",
    ignore_index: int | None = None,
) -> KerasTensor:
    r"""Lovász extension of 1 - IoU, one value per image: the mean over its classes.

    Each pixel errs by $m = |y - p|$. Sorted from the largest $m$ down, a pixel weighs
    what 1 - IoU grows by when it joins the mistakes. Hard predictions give 1 - IoU.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, or `ignore_index`, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Logits before any softmax, any floating dtype, at least one pixel axis.
    classes : "present" or "all"
        Which classes the mean takes: those in the image, or all. A class that is not
        costs its largest probability.
    ignore_index : int, optional
        Pixels with this target count neither as prediction nor as target.

    Returns
    -------
    tensor, shape (N,)
        One loss per image, from 0 to 1, in the dtype of `y_pred`. An image without any
        class costs 0. NaN where a class index is outside [0, C): a compiled graph
        cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit or `classes` is neither "present" nor "all".

    Examples
    --------
    >>> y_pred = [[[9.0, -9.0], [9.0, -9.0], [-9.0, 9.0]]]
    >>> [round(float(x), 4) for x in lovasz_softmax_loss([[0, 1, 1]], y_pred)]
    [0.5]

    References
    ----------
    Berman et al., "The Lovász-Softmax loss", 2018, algorithm 1.
    <https://arxiv.org/abs/1705.08790>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if len(y_pred.shape) < 3 or tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred (N, ..., C) without its class axis. "
            f"Received: y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if classes not in ("present", "all"):
        raise ValueError(f"classes must be 'present' or 'all'. Received: {classes!r}")
    number, pixels = y_pred.shape[-1], math.prod(ops.shape(y_pred)[1:-1])
    labels = ops.reshape(ops.cast(y_true, "int32"), (-1, pixels, 1))
    ignored = ops.zeros_like(labels, dtype="bool")
    if ignore_index is not None:
        ignored = ops.equal(labels, ignore_index)
    is_true = ops.logical_and(labels == ops.arange(number), ops.logical_not(ignored))
    # sums of errors need more digits than half precision has
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    p = ops.softmax(ops.cast(y_pred, "float32") if half else y_pred, axis=-1)
    p = ops.reshape(p, (-1, pixels, number))
    # |p - y|, with 1 - p as the sum over the other classes: exact where p rounds to 1
    error = ops.where(is_true, 0.0, p)
    error = ops.where(is_true, ops.sum(error, axis=-1, keepdims=True), error)
    error = ops.transpose(error, (0, 2, 1))
    # 1 inside the mask of a class, 0 outside, -1 ignored
    place = ops.where(ignored, -1, ops.cast(is_true, "int32"))
    place = ops.transpose(place, (0, 2, 1))
    order = ops.argsort(-error, axis=-1)
    error = ops.take_along_axis(error, order, axis=-1)
    place = ops.take_along_axis(place, order, axis=-1)
    growth = jaccard_growth(ops.equal(place, 1), ops.equal(place, 0), error.dtype)
    loss = ops.sum(error * growth, axis=-1)
    present = ops.any(ops.equal(place, 1), axis=-1)
    counted = ops.cast(ops.logical_or(present, classes == "all"), loss.dtype)
    mean = ops.sum(loss * counted, axis=1) / ops.maximum(ops.sum(counted, axis=1), 1)
    known = ops.all(ops.any(ops.logical_or(is_true, ignored), axis=-1), axis=1)
    return ops.cast(ops.where(known, mean, float("nan")), y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def lovasz_hinge_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    r"""Lovász extension of 1 - IoU of a mask over its hinge losses, one per image.

    Each pixel errs by $m = \max(0, 1 - z)$ if it is in the mask, else $\max(0, 1 + z)$.
    Sorted from the largest $m$ down, a pixel weighs what 1 - IoU grows by when it joins
    the mistakes. Where every $m$ is 0 or 1, it is 1 - IoU.

    Parameters
    ----------
    y_true : tensor, shape (N, ...)
        0 or 1, same shape as `y_pred`, any dtype.
    y_pred : tensor, shape (N, ...)
        Raw scores, any floating dtype. Do not apply a sigmoid: 0 is the threshold.

    Returns
    -------
    tensor, shape (N,)
        One loss per image, >= 0, in the dtype of `y_pred`. An empty mask costs its
        largest error; 0 once every score is below -1. NaN where `y_true` holds neither
        0 nor 1: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ or have no pixel axis.

    Examples
    --------
    >>> y_pred = [[2.0, 2.0, -2.0, -2.0], [2.0, 2.0, -2.0, -2.0]]
    >>> loss = lovasz_hinge_loss([[1, 1, 0, 0], [1, 0, 0, 0]], y_pred)
    >>> [round(float(x), 4) for x in loss]
    [0.0, 1.5]

    References
    ----------
    Berman et al., "The Lovász-Softmax loss", 2018, section 2.
    <https://arxiv.org/abs/1705.08790>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_pred.shape) < 2 or tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape (N, ...) of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    shape = (-1, math.prod(ops.shape(y_pred)[1:]))
    y_true, scores = ops.reshape(y_true, shape), ops.reshape(y_pred, shape)
    positive = ops.equal(y_true, 1)
    # sums of errors need more digits than half precision has
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(scores, "float32") if half else scores
    error = ops.relu(1 - ops.where(positive, wide, -wide))
    order = ops.argsort(-error, axis=-1)
    error = ops.take_along_axis(error, order, axis=-1)
    inside = ops.take_along_axis(ops.cast(positive, "int32"), order, axis=-1)
    growth = jaccard_growth(ops.equal(inside, 1), ops.equal(inside, 0), error.dtype)
    loss = ops.sum(error * growth, axis=-1)
    known = ops.all(ops.logical_or(positive, ops.equal(y_true, 0)), axis=-1)
    return ops.cast(ops.where(known, loss, float("nan")), y_pred.dtype)


def jaccard_growth(
    inside: KerasTensor, outside: KerasTensor, dtype: str
) -> KerasTensor:
    """Growth of 1 - IoU as the pixels inside and outside a mask turn wrong in order."""
    hits = ops.cumsum(ops.cast(inside, "int32"), axis=-1)
    left = ops.cast(hits[..., -1:] - hits, dtype)
    union = hits[..., -1:] + ops.cumsum(ops.cast(outside, "int32"), axis=-1)
    union = ops.cast(union, dtype)
    # not as the difference of two neighbours: that would lose the digits of many pixels
    whole = ops.logical_or(inside, ops.equal(union, 1))
    growth = ops.where(whole, 1 / union, left / (union * (union - 1)))
    return ops.where(ops.logical_or(inside, outside), growth, 0.0)
