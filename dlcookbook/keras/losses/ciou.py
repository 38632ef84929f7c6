"""CIoU loss of boxes: IoU, distance of the centres and aspect ratio."""

import math

import keras
from keras import KerasTensor, ops

__all__ = ["complete_box_iou_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def complete_box_iou_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    r"""Complete-IoU loss of boxes, one value per box.

    $1 - \mathrm{IoU} + d^2 / c^2 + \alpha v$ with the difference of the aspect ratios
    $v = 4 / \pi^2 (\arctan w'/h' - \arctan w/h)^2$ and its weight
    $\alpha = v / (1 - \mathrm{IoU} + v)$. Where $v = 0$, it is DIoU loss. The gradient
    takes $\alpha$ for a constant, as the authors do: it is not the slope of the value.
    Their factor $w^2 + h^2$ on the gradient of $v$ is left out.

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
        One loss per box, from 0 (the same box) to 2.5, in the dtype of `y_pred`. IoU is
        0 where neither box has an area. The aspect ratio of a flat box is constant. NaN
        where a box has x1 > x2, y1 > y2 or NaN: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ or do not end in 4.

    Examples
    --------
    >>> loss = complete_box_iou_loss([[0, 0, 1, 2]], [[0.0, 0.0, 2.0, 1.0]])
    >>> [round(float(x), 4) for x in loss]
    [0.7629]

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 8 to 11.
    <https://arxiv.org/abs/1911.08287>
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
    diagonal = ops.square(hull_width) + ops.square(hull_height)
    across, along = (x1 - u1) + (x2 - u2), (y1 - v1) + (y2 - v2)
    distance = (ops.square(across) + ops.square(along)) / 4
    pull = distance / ops.where(diagonal > 1e-37, diagonal, 1.0)
    angles = []
    for w, h in ((x2 - x1, y2 - y1), (u2 - u1, v2 - v1)):
        flat = ops.cast(w > 0, wide.dtype) * (math.pi / 2)
        angle = ops.arctan(w / ops.where(h > 1e-37, h, 1.0))
        angles.append(ops.where(h > 1e-37, angle, flat))
    aspect = 4 / math.pi**2 * ops.square(angles[1] - angles[0])
    # 0 / 0 for the same box
    alpha = aspect / (ops.relu(1 - iou) + aspect)
    alpha = ops.stop_gradient(ops.where(aspect > 0, alpha, 0.0))
    loss = 1 - iou + pull + alpha * aspect
    valid = ops.logical_and(
        ops.logical_and(x1 <= x2, y1 <= y2), ops.logical_and(u1 <= u2, v1 <= v2)
    )
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)
