"""IoU of boxes: overlap of every pair, with the corrections for boxes apart."""

import math

import numpy as np

__all__ = [
    "box_iou",
    "complete_box_iou",
    "distance_box_iou",
    "generalized_box_iou",
]


def box_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    r"""Intersection over union of every pair of boxes.

    $|A \cap B| / |A \cup B|$. The same box gives 1, boxes apart 0.

    Parameters
    ----------
    boxes : ndarray, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : ndarray, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    ndarray of float64, shape (N, M)
        From 0 to 1; 0 where neither box has an area.

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
    return np.array([[_iou(a, b)[0] for b in others] for a in boxes], float)


def generalized_box_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    r"""Generalized IoU of every pair of boxes: IoU less the empty part of their hull.

    $\mathrm{IoU} - (|C| - |A \cup B|) / |C|$ with the smallest box $C$ around both.
    It is IoU where the hull has no empty part.

    Parameters
    ----------
    boxes : ndarray, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : ndarray, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    ndarray of float64, shape (N, M)
        From -1 to 1; a quotient is 0 where its divisor is.

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
    table = np.zeros((len(boxes), len(others)))
    for i, j in np.ndindex(table.shape):
        iou, union, hull = _iou(boxes[i], others[j])
        area = hull[0] * hull[1]
        table[i, j] = iou - (area - union) / area if area else iou
    return table


def distance_box_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    r"""Distance IoU of every pair of boxes: IoU less the distance of the centres.

    $\mathrm{IoU} - d^2 / c^2$ with the distance $d$ of the centres and the diagonal $c$
    of the smallest box around both. It is IoU where the centres agree.

    Parameters
    ----------
    boxes : ndarray, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : ndarray, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    ndarray of float64, shape (N, M)
        From -1 to 1; a quotient is 0 where its divisor is.

    Examples
    --------
    >>> distance_box_iou([[0, 0, 2, 2], [5, 5, 6, 6]], [[1, 0, 3, 2]]).round(4)
    array([[ 0.2564],
           [-0.5328]])

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 7. <https://arxiv.org/abs/1911.08287>
    """
    table = np.zeros((len(boxes), len(others)))
    for i, j in np.ndindex(table.shape):
        a, b = boxes[i], others[j]
        table[i, j], _, hull = _iou(a, b)
        if any(hull):
            centres = [((x[0] + x[2]) / 2, (x[1] + x[3]) / 2) for x in (a, b)]
            table[i, j] -= (math.dist(*centres) / math.hypot(*hull)) ** 2
    return table


def complete_box_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    r"""Complete IoU of every pair of boxes: distance IoU less the change of shape.

    $\mathrm{DIoU} - \alpha v$ with $v = 4 / \pi^2 (\arctan w'/h' - \arctan w/h)^2$ and
    $\alpha = v / (1 - \mathrm{IoU} + v)$. It is DIoU where the aspect ratios agree.

    Parameters
    ----------
    boxes : ndarray, shape (N, 4)
        Corners (x1, y1, x2, y2). Centres and sizes pass as corners too often.
    others : ndarray, shape (M, 4)
        Corners in the same unit.

    Returns
    -------
    ndarray of float64, shape (N, M)
        From -1.5 to 1; a quotient is 0 where its divisor is.

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
    table = distance_box_iou(boxes, others)
    for i, j in np.ndindex(table.shape):
        a, b = boxes[i], others[j]
        turns = [math.atan2(x[2] - x[0], x[3] - x[1]) for x in (a, b)]
        v = 4 / math.pi**2 * (turns[0] - turns[1]) ** 2
        if v:
            table[i, j] -= v * v / (1 - _iou(a, b)[0] + v)
    return table


def _iou(a, b):
    """IoU, union and the sides of the hull of two boxes."""
    sides = [max(0.0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1)]
    shared = sides[0] * sides[1]
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    hull = [max(a[k + 2], b[k + 2]) - min(a[k], b[k]) for k in (0, 1)]
    return (shared / union if union else 0.0), union, hull
