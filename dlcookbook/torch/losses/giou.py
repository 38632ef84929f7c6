"""GIoU loss of boxes: IoU that also pulls boxes together when they are apart."""

import torch
from torch import Tensor

__all__ = ["generalized_box_iou_loss"]


def generalized_box_iou_loss(boxes: Tensor, target_boxes: Tensor) -> Tensor:
    r"""Generalised IoU loss of boxes, one value per box.

    $1 - \mathrm{IoU} + (|H| - |A \cup B|) / |H|$ with the hull $H$, the smallest box
    around both. Where a box fills the hull, as one inside the other, it is IoU loss.

    Parameters
    ----------
    boxes : Tensor, shape (..., 4)
        Predicted corners (x1, y1, x2, y2) with x1 <= x2 and y1 <= y2, any floating
        dtype. Convert centres and sizes first: they pass as corners too often.
    target_boxes : Tensor, shape (..., 4)
        True corners, same shape and unit, any dtype.

    Returns
    -------
    Tensor, shape (...)
        One loss per box, from 0 (the same box) to 2 (far apart), in the dtype of
        `boxes`. IoU counts as 0 where neither box has an area, the penalty where the
        hull has none.

    Raises
    ------
    ValueError
        If the shapes differ or do not end in 4, or a box has x1 > x2, y1 > y2 or NaN.

    Examples
    --------
    >>> box, truth = torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.tensor([[2, 0, 3, 1]])
    >>> generalized_box_iou_loss(box, truth)
    tensor([1.3333])

    References
    ----------
    Rezatofighi et al., "Generalized Intersection over Union", 2019, algorithm 2.
    <https://arxiv.org/abs/1902.09630>
    """
    if boxes.shape != target_boxes.shape or boxes.shape[-1:] != (4,):
        raise ValueError(
            "target_boxes must have the shape (..., 4) of boxes. Received: "
            f"boxes {tuple(boxes.shape)}, target_boxes {tuple(target_boxes.shape)}"
        )
    for name, corners in (("boxes", boxes), ("target_boxes", target_boxes)):
        wrong = ~(corners[..., :2] <= corners[..., 2:]).all(dim=-1)
        if wrong.any():
            raise ValueError(
                f"{name} must have x1 <= x2 and y1 <= y2. Received: "
                f"{corners[wrong][0].tolist()} at {wrong.nonzero()[0].tolist()}"
            )
    # half precision would overflow in the areas
    wide = torch.promote_types(boxes.dtype, torch.float32)
    x1, y1, x2, y2 = boxes.to(wide).unbind(dim=-1)
    u1, v1, u2, v2 = target_boxes.to(wide).unbind(dim=-1)
    width = (torch.minimum(x2, u2) - torch.maximum(x1, u1)).clamp(min=0)
    height = (torch.minimum(y2, v2) - torch.maximum(y1, v1)).clamp(min=0)
    shared = width * height
    union = (x2 - x1) * (y2 - y1) + (u2 - u1) * (v2 - v1) - shared
    # 0 / 0 where nothing has an area; a smaller bound would overflow in the gradient
    some = union > 1e-37
    iou = torch.where(some, shared, 0) / torch.where(some, union, 1)
    hull_width = torch.maximum(x2, u2) - torch.minimum(x1, u1)
    hull_height = torch.maximum(y2, v2) - torch.minimum(y1, v1)
    hull = hull_width * hull_height
    waste = (hull - union) / torch.where(hull > 1e-37, hull, 1)
    return (1 - iou + waste).to(boxes.dtype)
