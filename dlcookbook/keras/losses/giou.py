"""GIoU loss of boxes: IoU that also pulls boxes together when they are apart."""

import keras
from keras import KerasTensor, ops

__all__ = ["generalized_box_iou_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def generalized_box_iou_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    r"""Generalised IoU loss of boxes, one value per box.

    $1 - \mathrm{IoU} + (|H| - |A \cup B|) / |H|$ with the hull $H$, the smallest box
    around both. Where a box fills the hull, as one inside the other, it is IoU loss.

    Parameters
    ----------
    y_true : tensor, shape (..., 4)
        True corners (x1, y1, x2, y2) with x1 <= x2 and y1 <= y2, any dtype.
    y_pred : tensor, shape (..., 4)
        Predicted corners, same shape and unit, any floating dtype. Convert centres and
        sizes first: they pass as corners too often.

    Returns
    -------
    tensor, shape (...)
        One loss per box, from 0 (the same box) to 2 (far apart), in the dtype of
        `y_pred`. IoU counts as 0 where neither box has an area, the penalty where the
        hull has none. NaN where a box has x1 > x2, y1 > y2 or NaN: a compiled graph
        cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ or do not end in 4.

    Examples
    --------
    >>> loss = generalized_box_iou_loss([[2, 0, 3, 1]], [[0.0, 0.0, 1.0, 1.0]])
    >>> [round(float(x), 4) for x in loss]
    [1.3333]

    References
    ----------
    Rezatofighi et al., "Generalized Intersection over Union", 2019, algorithm 2.
    <https://arxiv.org/abs/1902.09630>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape) or tuple(y_pred.shape[-1:]) != (4,):
        raise ValueError(
            "y_true must have the shape (..., 4) of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    # half precision would overflow in the areas
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    x1, y1, x2, y2 = ops.unstack(wide, 4, axis=-1)
    u1, v1, u2, v2 = ops.unstack(ops.cast(y_true, wide.dtype), 4, axis=-1)
    # ops.minimum would round float64 on some backends
    width = ops.where(x2 < u2, x2, u2) - ops.where(x1 > u1, x1, u1)
    height = ops.where(y2 < v2, y2, v2) - ops.where(y1 > v1, y1, v1)
    shared = ops.relu(width) * ops.relu(height)
    union = (x2 - x1) * (y2 - y1) + (u2 - u1) * (v2 - v1) - shared
    # 0 / 0 where nothing has an area; a smaller bound would overflow in the gradient
    some = union > 1e-37
    iou = ops.where(some, shared, 0.0) / ops.where(some, union, 1.0)
    hull_width = ops.where(x2 > u2, x2, u2) - ops.where(x1 < u1, x1, u1)
    hull_height = ops.where(y2 > v2, y2, v2) - ops.where(y1 < v1, y1, v1)
    hull = hull_width * hull_height
    waste = (hull - union) / ops.where(hull > 1e-37, hull, 1.0)
    valid = ops.logical_and(
        ops.logical_and(x1 <= x2, y1 <= y2), ops.logical_and(u1 <= u2, v1 <= v2)
    )
    return ops.cast(ops.where(valid, 1 - iou + waste, float("nan")), y_pred.dtype)
