"""CIoU loss of boxes: IoU, distance of the centres and aspect ratio."""

import math

import numpy as np

__all__ = ["complete_box_iou_loss"]


def complete_box_iou_loss(boxes, target_boxes):
    r"""$1 - \mathrm{IoU} + d^2 / c^2 + \alpha v$, where $v$ compares aspect ratios.

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
    >>> complete_box_iou_loss([[0, 0, 2, 1]], [[0, 0, 1, 2]])
    array([0.76291834])

    References
    ----------
    Zheng et al., "Distance-IoU Loss", 2020, eq. 8 to 11.
    <https://arxiv.org/abs/1911.08287>
    """
    boxes, target_boxes = np.asarray(boxes, float), np.asarray(target_boxes, float)
    losses = np.empty(boxes.shape[:-1])
    for i in np.ndindex(losses.shape):
        losses[i] = ciou_loss(boxes[i], target_boxes[i])
    return losses


def ciou_loss(a, b):
    """DIoU loss plus the weighted difference of the aspect ratios, as angles."""
    sides = [max(0.0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1)]
    shared = sides[0] * sides[1]
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    overlap = shared / union if union > 0 else 0.0
    centre_a, centre_b = (a[:2] + a[2:]) / 2, (b[:2] + b[2:]) / 2
    hull = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2])
    loss = 1 - overlap
    if hull.any():
        loss += ((centre_a - centre_b) ** 2).sum() / (hull**2).sum()
    turn = math.atan2(*(b[2:] - b[:2])) - math.atan2(*(a[2:] - a[:2]))
    v = 4 / math.pi**2 * turn**2
    return loss + v * v / (1 - overlap + v) if v > 0 else loss
