"""Lovász losses: the intersection over union itself, made differentiable."""

import keras
from keras import KerasTensor, ops

__all__ = ["lovasz_hinge_loss", "lovasz_softmax_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def lovasz_hinge_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    r"""Lovász hinge of a mask, one value per image.

    The hinge errors $\max(0, 1 - s z)$, $s = \pm 1$, largest first, each weighted with
    what it takes from the intersection over union. All errors 1 cost 1.

    Parameters
    ----------
    y_true : tensor, shape (N, ...)
        0 or 1, same shape as `y_pred`, any dtype.
    y_pred : tensor, shape (N, ...)
        Raw scores (logits), any floating dtype. Do not apply a sigmoid first.

    Returns
    -------
    tensor, shape (N,)
        One loss per image, >= 0, in the dtype of `y_pred`. Where the mask is empty, it
        is the largest error. NaN where `y_true` holds neither 0 nor 1: a compiled graph
        cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ or have no pixel axis.

    Examples
    --------
    Four pixels, one of them wrong, in a mask of two:

    >>> loss = lovasz_hinge_loss([[1, 1, 0, 0]], [[9.0, -1.0, -9.0, -9.0]])
    >>> [round(float(x), 4) for x in loss]
    [1.0]

    References
    ----------
    Berman et al., "The Lovász-Softmax Loss", 2018, eq. 9 and algorithm 1.
    <https://arxiv.org/abs/1705.08790>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_pred.shape) < 2 or tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape (N, ...) of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    positive, pixels = ops.equal(y_true, 1), tuple(range(1, len(y_pred.shape)))
    # half precision would merge errors and lose the order
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    errors = ops.relu(1 - ops.where(positive, wide, -wide))
    flat = (ops.shape(y_pred)[0], -1)
    loss = _extension(ops.reshape(errors, flat), ops.reshape(positive, flat))
    known = ops.all(ops.logical_or(positive, ops.equal(y_true, 0)), axis=pixels)
    return ops.cast(ops.where(known, loss, float("nan")), y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def lovasz_softmax_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    absent: str = "skip",
    ignore_index: int | None = None,
) -> KerasTensor:
    r"""Lovász-Softmax loss, one value per image: the mean over its classes.

    For each class the errors $|y - p|$, largest first, each weighted with what it takes
    from the intersection over union. For hard predictions it is 1 - IoU.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, or `ignore_index`, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Raw scores (logits), any floating dtype, classes last, at least one pixel axis.
        Do not apply a softmax first.
    absent : "skip" or "count"
        What a class does of which an image has no pixel: "skip" leaves it out, as the
        paper does, "count" takes its largest false alarm into the mean.
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
        If the shapes do not fit or `absent` is neither "skip" nor "count".

    Examples
    --------
    >>> y_pred = [[[9.0, -9.0], [9.0, -9.0], [-9.0, 9.0]]]
    >>> loss = lovasz_softmax_loss([[0, 1, 1]], y_pred)
    >>> [round(float(x), 4) for x in loss]
    [0.5]

    References
    ----------
    Berman et al., "The Lovász-Softmax Loss", 2018, eq. 11 and algorithm 1.
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
    if absent not in ("skip", "count"):
        raise ValueError(f"absent must be 'skip' or 'count'. Received: {absent!r}")
    size, classes = ops.shape(y_pred)[0], y_pred.shape[-1]
    labels = ops.reshape(ops.cast(y_true, "int32"), (size, -1, 1))
    ignored = ops.zeros_like(labels, dtype="bool")
    if ignore_index is not None:
        ignored = ops.equal(labels, ignore_index)
    valid = ops.logical_or(ignored, ops.logical_and(labels >= 0, labels < classes))
    # no class has the number -1
    masks = ops.where(ignored, -1, labels) == ops.arange(classes)
    # half precision would merge errors and lose the order
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    p = ops.softmax(ops.reshape(wide, (size, -1, classes)), axis=-1)
    # |p - y|, with 1 - p as the sum over the other classes: exact where p rounds to 1
    errors = ops.where(masks, 0.0, p)
    errors = ops.where(masks, ops.sum(errors, axis=-1, keepdims=True), errors)
    # an ignored pixel is one without an error: it comes last and costs nothing
    errors = ops.where(ignored, 0.0, errors)
    masks = ops.transpose(masks, (0, 2, 1))
    losses = _extension(ops.transpose(errors, (0, 2, 1)), masks)
    counted = ops.logical_or(ops.any(masks, axis=2), absent == "count")
    counted = ops.cast(counted, wide.dtype)
    mean = ops.sum(losses * counted, axis=1) / ops.maximum(ops.sum(counted, axis=1), 1)
    mean = ops.where(ops.all(valid, axis=(1, 2)), mean, float("nan"))
    return ops.cast(mean, y_pred.dtype)


def _extension(errors: KerasTensor, masks: KerasTensor) -> KerasTensor:
    """Return the Lovász extension of 1 - IoU along the last axis."""
    order = ops.argsort(-errors, axis=-1)
    errors = ops.take_along_axis(errors, order, axis=-1)
    masks = ops.take_along_axis(ops.cast(masks, errors.dtype), order, axis=-1)
    found = ops.sum(masks, axis=-1, keepdims=True)
    intersection = found - ops.cumsum(masks, axis=-1)
    union = found + ops.cumsum(1 - masks, axis=-1)
    # step of 1 - IoU at each pixel; as a difference of two IoUs it would cancel
    alarm = intersection / ops.maximum((union - 1) * union, 1)
    # the first false alarm where there is nothing to find
    alarm = ops.where(union == 1, 1.0, alarm)
    step = ops.where(masks == 1, 1 / ops.maximum(union, 1), alarm)
    return ops.sum(errors * step, axis=-1)
