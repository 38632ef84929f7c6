"""CIoU loss of boxes: IoU, distance of the centres and aspect ratio."""

import math

import torch
from torch import Tensor

__all__ = ["complete_box_iou_loss"]


def complete_box_iou_loss(boxes: Tensor, target_boxes: Tensor) -> Tensor:
    r"""Complete-IoU loss of boxes, one value per box.

    $1 - \mathrm{IoU} + d^2 / c^2 + \alpha v$ with the difference of the aspect ratios
    $v = 4 / \pi^2 (\arctan w'/h' - \arctan w/h)^2$ and its weight
    $\alpha = v / (1 - \mathrm{IoU} + v)$. Where $v = 0$, it is DIoU loss. The gradient
    takes $\alpha$ for a constant, as the authors do: it is not the slope of the value.
    Their factor $w^2 + h^2$ on the gradient of $v$ is left out.

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
        One loss per box, from 0 (the same box) to 2.5, in the dtype of `boxes`. IoU is
        0 where neither box has an area. The aspect ratio of a flat box is constant.

    Raises
    ------
    ValueError
        If the shapes differ or do not end in 4, or a box has x1 > x2, y1 > y2 or NaN.

    Examples
    --------
    >>> box, truth = torch.tensor([[0.0, 0.0, 2.0, 1.0]]), torch.tensor([[0, 0, 1, 2]])
    >>> complete_box_iou_loss(box, truth)
    tensor([0.7629])

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 8 to 11.
    <https://arxiv.org/abs/1911.08287>
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
    diagonal = hull_width.square() + hull_height.square()
    across, along = (x1 - u1) + (x2 - u2), (y1 - v1) + (y2 - v2)
    distance = (across.square() + along.square()) / 4
    pull = distance / torch.where(diagonal > 1e-37, diagonal, 1)
    angles = []
    for w, h in ((x2 - x1, y2 - y1), (u2 - u1, v2 - v1)):
        flat = (w > 0).to(wide) * (math.pi / 2)
        angle = torch.atan(w / torch.where(h > 1e-37, h, 1))
        angles.append(torch.where(h > 1e-37, angle, flat))
    aspect = 4 / math.pi**2 * (angles[1] - angles[0]).square()
    # 0 / 0 for the same box
    alpha = aspect / ((1 - iou).clamp(min=0) + aspect)
    alpha = torch.where(aspect > 0, alpha, 0).detach()
    return (1 - iou + pull + alpha * aspect).to(boxes.dtype)
