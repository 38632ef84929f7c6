"""GIoU loss of boxes: IoU that also pulls boxes together when they are apart."""

import numpy as np

__all__ = ["generalized_box_iou_loss"]


def generalized_box_iou_loss(boxes, target_boxes):
    r"""$1 - \mathrm{IoU} + (|H| - |A \cup B|) / |H|$, where the hull $H$ holds both.

    Parameters
    ----------
    boxes : ndarray, shape (..., 4)
        Predicted corners (x1, y1, x2, y2).
    target_boxes : ndarray, shape (..., 4)
        True corners.

    Returns
    -------
    ndarray, shape (...)
        One loss per box, float64; a quotient of areas is 0 where the divisor is.

    Examples
    --------
    >>> generalized_box_iou_loss([[0, 0, 1, 1]], [[2, 0, 3, 1]])
    array([1.33333333])

    References
    ----------
    Rezatofighi et al., "Generalized Intersection over Union", 2019, algorithm 2.
    <https://arxiv.org/abs/1902.09630>
    """
    boxes, target_boxes = np.asarray(boxes, float), np.asarray(target_boxes, float)
    losses = np.empty(boxes.shape[:-1])
    for i in np.ndindex(losses.shape):
        losses[i] = giou_loss(boxes[i], target_boxes[i])
    return losses


def giou_loss(a, b):
    """Missing overlap plus the share of the hull that neither box covers."""
    sides = [max(0.0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1)]
    shared = sides[0] * sides[1]
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    hull = [max(a[k + 2], b[k + 2]) - min(a[k], b[k]) for k in (0, 1)]
    hull = hull[0] * hull[1]
    overlap = shared / union if union > 0 else 0.0
    return 1 - overlap + ((hull - union) / hull if hull > 0 else 0.0)
