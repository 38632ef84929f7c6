"""Non-maximum suppression: one box per object, exactly and fast."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["batched_nms", "nms", "soft_nms"]


def nms(boxes: ArrayLike, scores: ArrayLike, iou_threshold: float) -> np.ndarray:
    r"""Keep the best box and drop what covers it, until none is left.

    A box is dropped if $\mathrm{IoU} >$ `iou_threshold` with a better one that is kept.
    At a threshold of 1 all stay.

    Parameters
    ----------
    boxes : array-like, shape (N, 4)
        Corners (x1, y1, x2, y2).
    scores : array-like, shape (N,)
        The higher, the better. The first of equal ones wins.
    iou_threshold : float
        From 0 to 1, often 0.5.

    Returns
    -------
    ndarray of int64, shape (K,)
        Indices of the boxes to keep, by falling score.

    Raises
    ------
    ValueError
        If a shape does not fit, a score is not finite, a box has x1 > x2, y1 > y2 or
        NaN, or `iou_threshold` is not in [0, 1].

    Examples
    --------
    >>> nms([[0, 0, 2, 2], [0, 0, 2, 3], [5, 5, 6, 6]], [0.8, 0.9, 0.7], 0.5)
    array([1, 2])

    References
    ----------
    Felzenszwalb et al., 2010, section 7.2. <https://doi.org/10.1109/TPAMI.2009.167>
    """
    corners, values = _checked(boxes, scores, iou_threshold)
    order = np.argsort(-values, kind="stable")
    return order[_keep(corners[order], iou_threshold)]


def batched_nms(
    boxes: ArrayLike, scores: ArrayLike, classes: ArrayLike, iou_threshold: float
) -> np.ndarray:
    """Suppress among the boxes of each class alone.

    With one class it is `nms`. No offset per class rounds the boxes.

    Parameters
    ----------
    boxes : array-like, shape (N, 4)
        Corners (x1, y1, x2, y2).
    scores : array-like, shape (N,)
        The higher, the better. The first of equal ones wins.
    classes : array-like, shape (N,)
        Class or image of each box: boxes of different ones never meet.
    iou_threshold : float
        From 0 to 1, often 0.5.

    Returns
    -------
    ndarray of int64, shape (K,)
        Indices of the boxes to keep, by falling score.

    Raises
    ------
    ValueError
        If a shape does not fit, a score is not finite, a box has x1 > x2, y1 > y2 or
        NaN, or `iou_threshold` is not in [0, 1].

    Examples
    --------
    >>> batched_nms([[0, 0, 2, 2], [0, 0, 2, 3]], [0.8, 0.9], [0, 1], 0.5)
    array([1, 0])

    References
    ----------
    Felzenszwalb et al., 2010, section 7.2. <https://doi.org/10.1109/TPAMI.2009.167>
    """
    corners, values = _checked(boxes, scores, iou_threshold)
    kinds = np.asarray(classes)
    if kinds.shape != values.shape:
        text = f"classes must have the shape {values.shape}."
        raise ValueError(f"{text} Received: {kinds.shape}")
    order = np.argsort(-values, kind="stable")
    kept = np.zeros(len(order), bool)
    by_class = np.argsort(kinds[order], kind="stable")
    ranked = kinds[order][by_class]
    starts = np.flatnonzero(ranked[1:] != ranked[:-1]) + 1
    for members in np.split(by_class, starts):
        kept[members[_keep(corners[order[members]], iou_threshold)]] = True
    return order[kept]


def soft_nms(
    boxes: ArrayLike,
    scores: ArrayLike,
    *,
    method: str = "gaussian",
    iou_threshold: float = 0.3,
    sigma: float = 0.5,
    score_threshold: float = 0.001,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Lower the scores of boxes that cover a better one, instead of dropping them.

    With the best one taken, the others are multiplied by $1 - \mathrm{IoU}$ where IoU
    is above the threshold (linear), or by $\exp(-\mathrm{IoU}^2 / \sigma)$. Boxes
    apart keep their scores. Takes $O(N K)$ time.

    Parameters
    ----------
    boxes : array-like, shape (N, 4)
        Corners (x1, y1, x2, y2).
    scores : array-like, shape (N,)
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
    indices : ndarray of int64, shape (K,)
        The boxes that stay, in the order in which they were taken.
    scores : ndarray of float64, shape (K,)
        Their scores, lowered.

    Raises
    ------
    ValueError
        If a shape does not fit, a score is negative or not finite, a box has x1 > x2,
        y1 > y2 or NaN, or an option is none of the above.

    Examples
    --------
    >>> soft_nms([[0, 0, 2, 2], [0, 0, 2, 4]], [0.8, 0.9], method="linear")
    (array([1, 0]), array([0.9, 0.4]))

    References
    ----------
    Bodla et al., "Soft-NMS", 2017. <https://arxiv.org/abs/1704.04503>
    """
    corners, left = _checked(boxes, scores, iou_threshold)
    if method not in ("gaussian", "linear"):
        raise ValueError(f"method must be 'gaussian' or 'linear'. Received: {method}")
    if not sigma > 0:
        raise ValueError(f"sigma must be > 0. Received: {sigma}")
    if (left < 0).any():
        raise ValueError(f"scores must be >= 0. Received: {left.min()}")
    index = np.arange(len(left))
    taken, values = [], []
    while left.size and left.max() >= score_threshold:
        best = left.argmax()
        taken.append(index[best])
        values.append(left[best])
        iou = _iou(corners[best], corners)
        if method == "gaussian":
            left = left * np.exp(-(iou**2) / sigma)
        else:
            left = np.where(iou > iou_threshold, left * (1 - iou), left)
        stay = left >= score_threshold
        stay[best] = False
        corners, left, index = corners[stay], left[stay], index[stay]
    return np.array(taken, np.int64), np.array(values, np.float64)


def _checked(boxes: ArrayLike, scores: ArrayLike, threshold: float) -> tuple:
    corners, values = np.asarray(boxes, np.float64), np.asarray(scores, np.float64)
    if corners.ndim != 2 or corners.shape[1] != 4:
        raise ValueError(f"boxes must have the shape (N, 4). Received: {corners.shape}")
    if values.shape != corners.shape[:1]:
        text = f"scores must have the shape {corners.shape[:1]}."
        raise ValueError(f"{text} Received: {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"scores must be finite. Received: {values}")
    valid = np.isfinite(corners).all(1) & (corners[:, :2] <= corners[:, 2:]).all(1)
    if not valid.all():
        text = "boxes must be finite, with x1 <= x2 and y1 <= y2."
        raise ValueError(f"{text} Received: {corners[~valid][0]}")
    if not 0 <= threshold <= 1:
        raise ValueError(f"iou_threshold must be in [0, 1]. Received: {threshold}")
    return corners, values


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    areas = [(x[..., 2] - x[..., 0]) * (x[..., 3] - x[..., 1]) for x in (a, b)]
    union = areas[0] + areas[1] - shared
    return np.divide(shared, union, out=np.zeros_like(union), where=union > 0)


def _keep(boxes: np.ndarray, threshold: float) -> np.ndarray:
    """Positions to keep of boxes that come by falling score."""
    sides = boxes[:, 2:] - boxes[:, :2]
    # tiles of 64 boxes of a similar size and place, and the bounds of each
    level = np.floor(np.log2(np.maximum(sides.max(1, initial=0), 1e-30)))
    column = np.floor(boxes[:, 0] / (4 * 2.0**level))
    order = np.lexsort((boxes[:, 1], column, level))
    filler = np.full(-len(order) % 64, order[-1:].sum())
    members = np.append(order, filler).reshape(-1, 64)
    low, high = boxes[members].min(1)[:, :2], boxes[members].max(1)[:, 2:]
    small, large = sides[members].min(1), sides[members].max(1)
    # a rounded IoU may exceed a bound that is not
    bound = threshold * (1 - 1e-9)
    undecided, kept = np.ones(len(boxes), bool), np.zeros(len(boxes), bool)
    while len(chosen := np.flatnonzero(undecided)[:256]):
        over = _iou(boxes[chosen][:, None], boxes[chosen][None]) > threshold
        alive = np.ones(len(chosen), bool)
        for i in range(len(chosen)):
            if alive[i]:
                alive[i + 1 :] &= ~over[i, i + 1 :]
        undecided[chosen], kept[chosen[alive]] = False, True
        best = boxes[chosen[alive]]
        near = np.ones((len(best), len(members)), bool)
        for axis in (0, 1):
            start, end = best[:, axis, None], best[:, axis + 2, None]
            reach = np.minimum(end, high[:, axis]) - np.maximum(start, low[:, axis])
            near &= reach >= bound * np.maximum(end - start, small[:, axis])
            near &= large[:, axis] >= bound * (end - start)
            near &= end - start >= bound * small[:, axis]
        pairs = np.argwhere(near)
        for part in range(0, len(pairs), 4096):
            who, tile = pairs[part : part + 4096].T
            others = members[tile]
            covered = _iou(best[who][:, None], boxes[others]) > threshold
            undecided[others[covered]] = False
    return np.flatnonzero(kept)
