"""IoU of boxes: overlap of every pair, with the corrections for boxes apart."""

import math

import keras
from keras import KerasTensor, ops

__all__ = [
    "box_iou",
    "complete_box_iou",
    "distance_box_iou",
    "generalized_box_iou",
]


def box_iou(boxes: KerasTensor, others: KerasTensor) -> KerasTensor:
    r"""Intersection over union of every pair of boxes.

    $|A \cap B| / |A \cup B|$. The same box gives 1, boxes apart 0.

    Parameters
    ----------
    boxes : tensor, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : tensor, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    tensor, shape (N, M)
        From 0 to 1; 0 where neither box has an area. float64 stays, else
        float32. NaN for a box with x1 > x2, y1 > y2, NaN or infinity.

    Raises
    ------
    ValueError
        If a shape is not (N, 4).

    Examples
    --------
    >>> iou = box_iou([[0, 0, 2, 2], [5, 5, 6, 6]], [[1, 0, 3, 2]])
    >>> ops.convert_to_numpy(iou).round(4).tolist()
    [[0.33329999446868896], [0.0]]

    References
    ----------
    Jaccard, "The Distribution of the Flora in the Alpine Zone", 1912.
    <https://doi.org/10.1111/j.1469-8137.1912.tb05611.x>
    """
    return _compare(boxes, others)[0]


def generalized_box_iou(boxes: KerasTensor, others: KerasTensor) -> KerasTensor:
    r"""Generalized IoU of every pair of boxes: IoU less the empty part of their hull.

    $\mathrm{IoU} - (|C| - |A \cup B|) / |C|$ with the smallest box $C$ around both.
    It is IoU where the hull has no empty part.

    Parameters
    ----------
    boxes : tensor, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : tensor, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    tensor, shape (N, M)
        From -1 to 1; a quotient is 0 where its divisor is. float64 stays, else
        float32. NaN for a box with x1 > x2, y1 > y2, NaN or infinity.

    Raises
    ------
    ValueError
        If a shape is not (N, 4).

    Examples
    --------
    >>> iou = generalized_box_iou([[0, 0, 2, 2], [5, 5, 6, 6]], [[1, 0, 3, 2]])
    >>> ops.convert_to_numpy(iou).round(4).tolist()
    [[0.33329999446868896], [-0.833299994468689]]

    References
    ----------
    Rezatofighi et al., "Generalized Intersection over Union", 2019.
    <https://arxiv.org/abs/1902.09630>
    """
    iou, union, hull, _ = _compare(boxes, others)
    area = hull[0] * hull[1]
    return iou - _ratio(area - union, area)


def distance_box_iou(boxes: KerasTensor, others: KerasTensor) -> KerasTensor:
    r"""Distance IoU of every pair of boxes: IoU less the distance of the centres.

    $\mathrm{IoU} - d^2 / c^2$ with the distance $d$ of the centres and the diagonal $c$
    of the smallest box around both. It is IoU where the centres agree.

    Parameters
    ----------
    boxes : tensor, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : tensor, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    tensor, shape (N, M)
        From -1 to 1; a quotient is 0 where its divisor is. float64 stays, else
        float32. NaN for a box with x1 > x2, y1 > y2, NaN or infinity.

    Raises
    ------
    ValueError
        If a shape is not (N, 4).

    Examples
    --------
    >>> iou = distance_box_iou([[0, 0, 2, 2], [5, 5, 6, 6]], [[1, 0, 3, 2]])
    >>> ops.convert_to_numpy(iou).round(4).tolist()
    [[0.2563999891281128], [-0.532800018787384]]

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 7. <https://arxiv.org/abs/1911.08287>
    """
    iou, _, hull, apart = _compare(boxes, others)
    return iou - _ratio(apart, hull[0] ** 2 + hull[1] ** 2)


def complete_box_iou(boxes: KerasTensor, others: KerasTensor) -> KerasTensor:
    r"""Complete IoU of every pair of boxes: distance IoU less the change of shape.

    $\mathrm{DIoU} - \alpha v$ with $v = 4 / \pi^2 (\arctan w'/h' - \arctan w/h)^2$ and
    $\alpha = v / (1 - \mathrm{IoU} + v)$. It is DIoU where the aspect ratios agree.

    Parameters
    ----------
    boxes : tensor, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : tensor, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    tensor, shape (N, M)
        From -1.5 to 1; a quotient is 0 where its divisor is. float64 stays, else
        float32. NaN for a box with x1 > x2, y1 > y2, NaN or infinity.

    Raises
    ------
    ValueError
        If a shape is not (N, 4).

    Examples
    --------
    >>> iou = complete_box_iou([[0, 0, 2, 2], [5, 5, 6, 6]], [[1, 0, 3, 2]])
    >>> ops.convert_to_numpy(iou).round(4).tolist()
    [[0.2563999891281128], [-0.532800018787384]]

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 8 to 11.
    <https://arxiv.org/abs/1911.08287>
    """
    iou, _, hull, apart = _compare(boxes, others)
    pull = _ratio(apart, hull[0] ** 2 + hull[1] ** 2)
    sizes = [x[:, 2:] - x[:, :2] for x in (_checked(boxes), _checked(others))]
    angles = []
    for width, height in ((s[:, 0], s[:, 1]) for s in sizes):
        # ops.arctan2 would round float64 on some backends
        turn = ops.arctan(width / ops.where(height == 0, 1.0, height))
        flat = ops.where(width == 0, 0.0, width * 0 + math.pi / 2)
        angles.append(ops.where(height == 0, flat, turn))
    angle, other = angles
    change = 4 / math.pi**2 * (other - ops.expand_dims(angle, 1)) ** 2
    return iou - pull - _ratio(change**2, 1 - iou + change)


def _checked(boxes: KerasTensor) -> KerasTensor:
    boxes = ops.convert_to_tensor(boxes)
    if len(boxes.shape) != 2 or boxes.shape[1] != 4:
        shape = tuple(boxes.shape)
        raise ValueError(f"boxes must have the shape (N, 4). Received: {shape}")
    # half precision would overflow in the areas
    kind = keras.backend.standardize_dtype(boxes.dtype)
    wide = ops.cast(boxes, "float64" if kind == "float64" else "float32")
    valid = ops.logical_and(ops.isfinite(wide[:, :2]), ops.isfinite(wide[:, 2:]))
    valid = ops.logical_and(valid, wide[:, :2] <= wide[:, 2:])
    return ops.where(ops.all(valid, axis=1, keepdims=True), wide, float("nan"))


def _ratio(a: KerasTensor, b: KerasTensor) -> KerasTensor:
    return ops.where(b == 0, 0.0, a / ops.where(b == 0, 1.0, b))


def _compare(boxes: KerasTensor, others: KerasTensor) -> tuple:
    """IoU, union, sides of the hull and squared distance of the centres."""
    a = ops.expand_dims(_checked(boxes), 1)
    b = ops.cast(ops.expand_dims(_checked(others), 0), a.dtype)
    # ops.minimum would round float64 on some backends
    low, high = ops.where(b < a, b, a), ops.where(b > a, b, a)
    sides = low[..., 2:] - high[..., :2]
    sides = ops.where(sides < 0, 0.0, sides)
    shared = sides[..., 0] * sides[..., 1]
    sizes = [x[..., 2:] - x[..., :2] for x in (a, b)]
    union = sum(s[..., 0] * s[..., 1] for s in sizes) - shared
    hull = high[..., 2:] - low[..., :2]
    apart = ops.sum(((a - b)[..., :2] + (a - b)[..., 2:]) ** 2, axis=-1) / 4
    # where() took the other box for one that is NaN
    union = union + 0 * ops.sum(a - b, axis=-1)
    return _ratio(shared, union), union, (hull[..., 0], hull[..., 1]), apart
