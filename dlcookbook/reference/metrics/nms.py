"""Non-maximum suppression: one box per object, exactly and fast."""

import math

import numpy as np

__all__ = ["batched_nms", "nms", "soft_nms"]


def nms(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> np.ndarray:
    """Keep a box if it does not cover a better one that is kept.

    Parameters
    ----------
    boxes : ndarray, shape (N, 4)
        Corners (x1, y1, x2, y2).
    scores : ndarray, shape (N,)
        The higher, the better. The first of equal ones wins.
    iou_threshold : float
        From 0 to 1.

    Returns
    -------
    ndarray of float64, shape (K,)
        Indices of the boxes to keep, by falling score.

    Examples
    --------
    >>> nms([[0, 0, 2, 2], [0, 0, 2, 3], [5, 5, 6, 6]], [0.8, 0.9, 0.7], 0.5)
    array([1., 2.])

    References
    ----------
    Felzenszwalb et al., 2010, section 7.2. <https://doi.org/10.1109/TPAMI.2009.167>
    """
    return batched_nms(boxes, scores, np.zeros(len(boxes)), iou_threshold)


def batched_nms(
    boxes: np.ndarray, scores: np.ndarray, classes: np.ndarray, iou_threshold: float
) -> np.ndarray:
    """Suppress among the boxes of each class alone.

    Parameters
    ----------
    boxes : ndarray, shape (N, 4)
        Corners (x1, y1, x2, y2).
    scores : ndarray, shape (N,)
        The higher, the better. The first of equal ones wins.
    classes : ndarray, shape (N,)
        Class or image of each box: boxes of different ones never meet.
    iou_threshold : float
        From 0 to 1.

    Returns
    -------
    ndarray of float64, shape (K,)
        Indices of the boxes to keep, by falling score.

    Examples
    --------
    >>> batched_nms([[0, 0, 2, 2], [0, 0, 2, 3]], [0.8, 0.9], [0, 1], 0.5)
    array([1., 0.])

    References
    ----------
    Felzenszwalb et al., 2010, section 7.2. <https://doi.org/10.1109/TPAMI.2009.167>
    """
    kept: list[int] = []
    for i in sorted(range(len(boxes)), key=lambda i: (-scores[i], i)):
        rivals = [j for j in kept if classes[j] == classes[i]]
        if all(_iou(boxes[i], boxes[j]) <= iou_threshold for j in rivals):
            kept.append(i)
    return np.array(kept, float)


def soft_nms(
    boxes: np.ndarray,
    scores: np.ndarray,
    *,
    method: str = "gaussian",
    iou_threshold: float = 0.3,
    sigma: float = 0.5,
    score_threshold: float = 0.001,
) -> tuple[np.ndarray, np.ndarray]:
    """Lower the scores of boxes that cover a better one, instead of dropping them.

    Parameters
    ----------
    boxes : ndarray, shape (N, 4)
        Corners (x1, y1, x2, y2).
    scores : ndarray, shape (N,)
        At least 0. The first of equal ones wins.
    method : {"gaussian", "linear"}
        How the scores fall.
    iou_threshold : float
        From 0 to 1, for "linear".
    sigma : float
        Above 0, for "gaussian": the larger, the softer.
    score_threshold : float
        Boxes whose score falls below are dropped.

    Returns
    -------
    indices : ndarray of float64, shape (K,)
        The boxes that stay, in the order in which they were taken.
    scores : ndarray of float64, shape (K,)
        Their scores, lowered.

    Examples
    --------
    >>> soft_nms([[0, 0, 2, 2], [0, 0, 2, 4]], [0.8, 0.9], method="linear")
    (array([1., 0.]), array([0.9, 0.4]))

    References
    ----------
    Bodla et al., "Soft-NMS", 2017. <https://arxiv.org/abs/1704.04503>
    """
    left, taken = {i: float(s) for i, s in enumerate(scores)}, []
    while left:
        best = min(left, key=lambda i: (-left[i], i))
        score = left.pop(best)
        if score >= score_threshold:
            taken.append((best, score))
        for i in left:
            iou = _iou(boxes[best], boxes[i])
            if method == "gaussian":
                left[i] *= math.exp(-(iou**2) / sigma)
            elif iou > iou_threshold:
                left[i] *= 1 - iou
    return np.array([t[0] for t in taken], float), np.array([t[1] for t in taken])


def _iou(a, b):
    sides = [max(0.0, min(a[k + 2], b[k + 2]) - max(a[k], b[k])) for k in (0, 1)]
    shared = sides[0] * sides[1]
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if union > 0 else 0.0
