"""IoU loss of boxes: one minus their overlap, alike for small and large objects."""

import keras
from keras import KerasTensor, ops

__all__ = ["box_iou_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def box_iou_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    r"""Loss of predicted boxes by their overlap with the true ones, one value per box.

    $1 - \mathrm{IoU} = 1 - |A \cap B| / |A \cup B|$. Boxes that do not touch all cost
    1 and get no gradient: `generalized_box_iou_loss` and its kin pull them together.

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
        One loss per box, from 0 (the same box) to 1, in the dtype of `y_pred`. Two
        boxes without area cost 1 and get no gradient. NaN where a box has x1 > x2,
        y1 > y2 or NaN: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ or do not end in 4.

    Examples
    --------
    >>> loss = box_iou_loss([[1, 0, 3, 2]], [[0.0, 0.0, 2.0, 2.0]])
    >>> [round(float(x), 4) for x in loss]
    [0.6667]

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
    valid = ops.logical_and(
        ops.logical_and(x1 <= x2, y1 <= y2), ops.logical_and(u1 <= u2, v1 <= v2)
    )
    return ops.cast(ops.where(valid, 1 - iou, float("nan")), y_pred.dtype)
