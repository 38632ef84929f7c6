"""IoU of boxes: overlap of every pair, with the corrections for boxes apart."""

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "box_iou",
    "complete_box_iou",
    "distance_box_iou",
    "generalized_box_iou",
]


def box_iou(boxes: ArrayLike, others: ArrayLike) -> np.ndarray:
    r"""Intersection over union of every pair of boxes.

    $|A \cap B| / |A \cup B|$. The same box gives 1, boxes apart 0.

    Parameters
    ----------
    boxes : array-like, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : array-like, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    ndarray of float64, shape (N, M)
        From 0 to 1; 0 where neither box has an area.

    Raises
    ------
    ValueError
        If a shape is not (N, 4), or a box has x1 > x2, y1 > y2, NaN or infinity.

    Examples
    --------
    >>> box_iou([[0, 0, 2, 2], [5, 5, 6, 6]], [[1, 0, 3, 2]]).round(4)
    array([[0.3333],
           [0.    ]])

    References
    ----------
    Jaccard, "The Distribution of the Flora in the Alpine Zone", 1912.
    <https://doi.org/10.1111/j.1469-8137.1912.tb05611.x>
    """
    return _compare(boxes, others)[0]


def generalized_box_iou(boxes: ArrayLike, others: ArrayLike) -> np.ndarray:
    r"""Generalized IoU of every pair of boxes: IoU less the empty part of their hull.

    $\mathrm{IoU} - (|C| - |A \cup B|) / |C|$ with the smallest box $C$ around both.
    It is IoU where the hull has no empty part.

    Parameters
    ----------
    boxes : array-like, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : array-like, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    ndarray of float64, shape (N, M)
        From -1 to 1; a quotient is 0 where its divisor is.

    Raises
    ------
    ValueError
        If a shape is not (N, 4), or a box has x1 > x2, y1 > y2, NaN or infinity.

    Examples
    --------
    >>> generalized_box_iou([[0, 0, 2, 2], [5, 5, 6, 6]], [[1, 0, 3, 2]]).round(4)
    array([[ 0.3333],
           [-0.8333]])

    References
    ----------
    Rezatofighi et al., "Generalized Intersection over Union", 2019.
    <https://arxiv.org/abs/1902.09630>
    """
    iou, union, hull, _ = _compare(boxes, others)
    area = hull[0] * hull[1]
    return iou - _ratio(area - union, area)


def distance_box_iou(boxes: ArrayLike, others: ArrayLike) -> np.ndarray:
    r"""Distance IoU of every pair of boxes: IoU less the distance of the centres.

    $\mathrm{IoU} - d^2 / c^2$ with the distance $d$ of the centres and the diagonal $c$
    of the smallest box around both. It is IoU where the centres agree.

    Parameters
    ----------
    boxes : array-like, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : array-like, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    ndarray of float64, shape (N, M)
        From -1 to 1; a quotient is 0 where its divisor is.

    Raises
    ------
    ValueError
        If a shape is not (N, 4), or a box has x1 > x2, y1 > y2, NaN or infinity.

    Examples
    --------
    >>> distance_box_iou([[0, 0, 2, 2], [5, 5, 6, 6]], [[1, 0, 3, 2]]).round(4)
    array([[ 0.2564],
           [-0.5328]])

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 7. <https://arxiv.org/abs/1911.08287>
    """
    iou, _, hull, apart = _compare(boxes, others)
    return iou - _ratio(apart, hull[0] ** 2 + hull[1] ** 2)


def complete_box_iou(boxes: ArrayLike, others: ArrayLike) -> np.ndarray:
    r"""Complete IoU of every pair of boxes: distance IoU less the change of shape.

    $\mathrm{DIoU} - \alpha v$ with $v = 4 / \pi^2 (\arctan w'/h' - \arctan w/h)^2$ and
    $\alpha = v / (1 - \mathrm{IoU} + v)$. It is DIoU where the aspect ratios agree.

    Parameters
    ----------
    boxes : array-like, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : array-like, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    ndarray of float64, shape (N, M)
        From -1.5 to 1; a quotient is 0 where its divisor is.

    Raises
    ------
    ValueError
        If a shape is not (N, 4), or a box has x1 > x2, y1 > y2, NaN or infinity.

    Examples
    --------
    >>> complete_box_iou([[0, 0, 2, 2], [5, 5, 6, 6]], [[1, 0, 3, 2]]).round(4)
    array([[ 0.2564],
           [-0.5328]])

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 8 to 11.
    <https://arxiv.org/abs/1911.08287>
    """
    iou, _, hull, apart = _compare(boxes, others)
    pull = _ratio(apart, hull[0] ** 2 + hull[1] ** 2)
    sizes = [x[..., 2:] - x[..., :2] for x in (_checked(boxes), _checked(others))]
    angle, other = (np.arctan2(s[..., 0], s[..., 1]) for s in sizes)
    change = 4 / math.pi**2 * (other - angle[:, None]) ** 2
    return iou - pull - _ratio(change**2, 1 - iou + change)


def _checked(boxes: ArrayLike) -> np.ndarray:
    array = np.asarray(boxes, np.float64)
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError(f"boxes must have the shape (N, 4). Received: {array.shape}")
    valid = np.isfinite(array).all(1) & (array[:, :2] <= array[:, 2:]).all(1)
    if not valid.all():
        raise ValueError(
            "boxes must be finite, with x1 <= x2 and y1 <= y2. "
            f"Received: {array[~valid][0]}"
        )
    return array


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def _compare(boxes: ArrayLike, others: ArrayLike) -> tuple:
    """IoU, union, sides of the hull and squared distance of the centres."""
    a, b = _checked(boxes)[:, None], _checked(others)[None]
    sides = np.minimum(a, b)[..., 2:] - np.maximum(a, b)[..., :2]
    shared = np.maximum(sides, 0).prod(-1)
    areas = [(x[..., 2:] - x[..., :2]).prod(-1) for x in (a, b)]
    union = areas[0] + areas[1] - shared
    hull = np.maximum(a, b)[..., 2:] - np.minimum(a, b)[..., :2]
    apart = (((a - b)[..., :2] + (a - b)[..., 2:]) ** 2).sum(-1) / 4
    return _ratio(shared, union), union, (hull[..., 0], hull[..., 1]), apart
