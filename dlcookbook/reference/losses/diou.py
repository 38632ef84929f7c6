"""DIoU loss of boxes: IoU that also pulls their centres together."""

import numpy as np

__all__ = ["distance_box_iou_loss"]


def distance_box_iou_loss(boxes, target_boxes):
    r"""$1 - \mathrm{IoU} + d^2 / c^2$: distance of the centres, diagonal of the hull.

    Parameters
    ----------
    boxes : ndarray, shape (..., 4)
        Predicted corners (x1, y1, x2, y2).
    target_boxes : ndarray, shape (..., 4)
        True corners.

    Returns
    -------
    ndarray, shape (...)
        One loss per box, float64; a quotient is 0 where its divisor is.

    Examples
    --------
    >>> distance_box_iou_loss([[0, 0, 1, 1]], [[2, 0, 3, 1]])
    array([1.4])

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 7.
    <https://arxiv.org/abs/1911.08287>
    """
    boxes, target_boxes = np.asarray(boxes, float), np.asarray(target_boxes, float)
    losses = np.empty(boxes.shape[:-1])
    for i in np.ndindex(losses.shape):
        losses[i] = diou_loss(boxes[i], target_boxes[i])
    return losses


def diou_loss(a, b):
    """Missing overlap plus the squared distance of the centres in hull diagonals."""
    sides = [max(0.0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1)]
    shared = sides[0] * sides[1]
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    overlap = shared / union if union > 0 else 0.0
    centre_a, centre_b = (a[:2] + a[2:]) / 2, (b[:2] + b[2:]) / 2
    hull = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2])
    if not hull.any():
        return 1 - overlap
    return 1 - overlap + ((centre_a - centre_b) ** 2).sum() / (hull**2).sum()
