"""IoU loss of boxes: one minus their overlap, alike for small and large objects."""

import numpy as np

__all__ = ["box_iou_loss"]


def box_iou_loss(boxes, target_boxes):
    r"""$1 - |A \cap B| / |A \cup B|$ for every pair of boxes.

    Parameters
    ----------
    boxes : ndarray, shape (..., 4)
        Predicted corners (x1, y1, x2, y2).
    target_boxes : ndarray, shape (..., 4)
        True corners.

    Returns
    -------
    ndarray, shape (...)
        One loss per box, float64; 1 for two boxes without area.

    Examples
    --------
    >>> box_iou_loss([[0, 0, 2, 2]], [[1, 0, 3, 2]]) * 3
    array([2.])

    References
    ----------
    Rezatofighi et al., "Generalized Intersection over Union", 2019, algorithm 2.
    <https://arxiv.org/abs/1902.09630>
    """
    boxes, target_boxes = np.asarray(boxes, float), np.asarray(target_boxes, float)
    losses = np.empty(boxes.shape[:-1])
    for i in np.ndindex(losses.shape):
        losses[i] = 1 - iou(boxes[i], target_boxes[i])
    return losses


def iou(a, b):
    """Shared area over the area that either box covers."""
    sides = [max(0.0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1)]
    shared = sides[0] * sides[1]
    areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    union = areas[0] + areas[1] - shared
    return shared / union if union > 0 else 0.0
