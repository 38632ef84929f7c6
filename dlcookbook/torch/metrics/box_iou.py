"""IoU of boxes: overlap of every pair, with the corrections for boxes apart."""

import math

import torch
from torch import Tensor

__all__ = [
    "box_iou",
    "complete_box_iou",
    "distance_box_iou",
    "generalized_box_iou",
]


def box_iou(boxes: Tensor, others: Tensor) -> Tensor:
    r"""Intersection over union of every pair of boxes.

    $|A \cap B| / |A \cup B|$. The same box gives 1, boxes apart 0.

    Parameters
    ----------
    boxes : Tensor, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : Tensor, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    Tensor, shape (N, M)
        From 0 to 1; 0 where neither box has an area. float64 stays, else
        float32.

    Raises
    ------
    ValueError
        If a shape is not (N, 4), or a box has x1 > x2, y1 > y2, NaN or infinity. On a
        GPU the value of such a pair is NaN: to look would be to wait.

    Examples
    --------
    >>> boxes = torch.tensor([[0.0, 0, 2, 2], [5, 5, 6, 6]])
    >>> box_iou(boxes, torch.tensor([[1.0, 0, 3, 2]]))
    tensor([[0.3333],
            [0.0000]])

    References
    ----------
    Jaccard, "The Distribution of the Flora in the Alpine Zone", 1912.
    <https://doi.org/10.1111/j.1469-8137.1912.tb05611.x>
    """
    return _compare(boxes, others)[0]


def generalized_box_iou(boxes: Tensor, others: Tensor) -> Tensor:
    r"""Generalized IoU of every pair of boxes: IoU less the empty part of their hull.

    $\mathrm{IoU} - (|C| - |A \cup B|) / |C|$ with the smallest box $C$ around both.
    It is IoU where the hull has no empty part.

    Parameters
    ----------
    boxes : Tensor, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : Tensor, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    Tensor, shape (N, M)
        From -1 to 1; a quotient is 0 where its divisor is. float64 stays, else
        float32.

    Raises
    ------
    ValueError
        If a shape is not (N, 4), or a box has x1 > x2, y1 > y2, NaN or infinity. On a
        GPU the value of such a pair is NaN: to look would be to wait.

    Examples
    --------
    >>> boxes = torch.tensor([[0.0, 0, 2, 2], [5, 5, 6, 6]])
    >>> generalized_box_iou(boxes, torch.tensor([[1.0, 0, 3, 2]]))
    tensor([[ 0.3333],
            [-0.8333]])

    References
    ----------
    Rezatofighi et al., "Generalized Intersection over Union", 2019.
    <https://arxiv.org/abs/1902.09630>
    """
    iou, union, hull, _ = _compare(boxes, others)
    area = hull[0] * hull[1]
    return iou - _ratio(area - union, area)


def distance_box_iou(boxes: Tensor, others: Tensor) -> Tensor:
    r"""Distance IoU of every pair of boxes: IoU less the distance of the centres.

    $\mathrm{IoU} - d^2 / c^2$ with the distance $d$ of the centres and the diagonal $c$
    of the smallest box around both. It is IoU where the centres agree.

    Parameters
    ----------
    boxes : Tensor, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : Tensor, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    Tensor, shape (N, M)
        From -1 to 1; a quotient is 0 where its divisor is. float64 stays, else
        float32.

    Raises
    ------
    ValueError
        If a shape is not (N, 4), or a box has x1 > x2, y1 > y2, NaN or infinity. On a
        GPU the value of such a pair is NaN: to look would be to wait.

    Examples
    --------
    >>> boxes = torch.tensor([[0.0, 0, 2, 2], [5, 5, 6, 6]])
    >>> distance_box_iou(boxes, torch.tensor([[1.0, 0, 3, 2]]))
    tensor([[ 0.2564],
            [-0.5328]])

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 7. <https://arxiv.org/abs/1911.08287>
    """
    iou, _, hull, apart = _compare(boxes, others)
    return iou - _ratio(apart, hull[0] ** 2 + hull[1] ** 2)


def complete_box_iou(boxes: Tensor, others: Tensor) -> Tensor:
    r"""Complete IoU of every pair of boxes: distance IoU less the change of shape.

    $\mathrm{DIoU} - \alpha v$ with $v = 4 / \pi^2 (\arctan w'/h' - \arctan w/h)^2$ and
    $\alpha = v / (1 - \mathrm{IoU} + v)$. It is DIoU where the aspect ratios agree.

    Parameters
    ----------
    boxes : Tensor, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : Tensor, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    Tensor, shape (N, M)
        From -1.5 to 1; a quotient is 0 where its divisor is. float64 stays, else
        float32.

    Raises
    ------
    ValueError
        If a shape is not (N, 4), or a box has x1 > x2, y1 > y2, NaN or infinity. On a
        GPU the value of such a pair is NaN: to look would be to wait.

    Examples
    --------
    >>> boxes = torch.tensor([[0.0, 0, 2, 2], [5, 5, 6, 6]])
    >>> complete_box_iou(boxes, torch.tensor([[1.0, 0, 3, 2]]))
    tensor([[ 0.2564],
            [-0.5328]])

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 8 to 11.
    <https://arxiv.org/abs/1911.08287>
    """
    iou, _, hull, apart = _compare(boxes, others)
    pull = _ratio(apart, hull[0] ** 2 + hull[1] ** 2)
    sizes = [x[:, 2:] - x[:, :2] for x in (_checked(boxes), _checked(others))]
    angle, other = (torch.arctan2(s[:, 0], s[:, 1]) for s in sizes)
    change = 4 / math.pi**2 * (other - angle[:, None]) ** 2
    return iou - pull - _ratio(change**2, 1 - iou + change)


def _checked(boxes: Tensor) -> Tensor:
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(
            f"boxes must have the shape (N, 4). Received: {tuple(boxes.shape)}"
        )
    # half precision would overflow in the areas
    wide = boxes.to(torch.promote_types(boxes.dtype, torch.float32))
    valid = wide.isfinite().all(1) & (wide[:, :2] <= wide[:, 2:]).all(1)
    if wide.device.type == "cpu" and not valid.all():
        raise ValueError(
            "boxes must be finite, with x1 <= x2 and y1 <= y2. "
            f"Received: {wide[~valid][0].tolist()}"
        )
    return torch.where(valid[:, None], wide, torch.nan)


def _ratio(a: Tensor, b: Tensor) -> Tensor:
    return torch.where(b == 0, 0, a / torch.where(b == 0, 1, b))


def _compare(boxes: Tensor, others: Tensor) -> tuple:
    """IoU, union, sides of the hull and squared distance of the centres."""
    a, b = _checked(boxes)[:, None], _checked(others)[None]
    sides = torch.minimum(a, b)[..., 2:] - torch.maximum(a, b)[..., :2]
    shared = sides.clamp(min=0).prod(-1)
    areas = [(x[..., 2:] - x[..., :2]).prod(-1) for x in (a, b)]
    union = areas[0] + areas[1] - shared
    hull = torch.maximum(a, b)[..., 2:] - torch.minimum(a, b)[..., :2]
    apart = (((a - b)[..., :2] + (a - b)[..., 2:]) ** 2).sum(-1) / 4
    return _ratio(shared, union), union, (hull[..., 0], hull[..., 1]), apart
