"""Boundary IoU: how well the edges of a mask agree, however large it is."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["boundary_iou"]


def boundary_iou(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    distance: int | None = None,
    empty: str = "nan",
) -> np.ndarray:
    r"""IoU of the inner edges of masks, of a width in pixels.

    $|A_d \cap B_d| / |A_d \cup B_d|$, where $A_d$ are the pixels of the mask $A$ with a
    pixel outside of it at most $d$ away, diagonally as well (the mask less its erosion
    by a square). Beyond the image all is outside. A $d$ of the size of the image gives
    the IoU of the masks.

    Parameters
    ----------
    y_true : array-like, shape (N, H, W)
        True masks, boolean or of 0 and 1.
    y_pred : array-like, shape (N, H, W)
        Predicted masks, boolean or of 0 and 1.
    distance : int, optional
        Width $d$ of the edge. None takes 2% of the image's diagonal, rounded, at least
        1, as the authors do.
    empty : {"nan", "zero", "one"}
        What an image counts without a pixel in either mask.

    Returns
    -------
    ndarray of float64, shape (N,)
        From 0 to 1, one value per image.

    Raises
    ------
    ValueError
        If the shapes differ or are not (N, H, W), a mask is not boolean or of 0 and 1,
        `distance` is less than 1 or `empty` none of the above.

    Examples
    --------
    >>> true = np.zeros((1, 9, 9), int)
    >>> true[0, 1:8, 1:8] = 1
    >>> boundary_iou(true, np.roll(true, 1, 2), distance=1).round(4)
    array([0.3333])

    References
    ----------
    Cheng et al., "Boundary IoU", 2021. <https://arxiv.org/abs/2103.16562>
    """
    true, predicted = np.asarray(y_true), np.asarray(y_pred)
    shapes = true.shape, predicted.shape
    if shapes[0] != shapes[1] or true.ndim != 3:
        raise ValueError(f"y_true and y_pred must be (N, H, W). Received: {shapes}")
    for name, x in (("y_true", true), ("y_pred", predicted)):
        if not np.isin(x, (0, 1)).all():
            raise ValueError(f"{name} must be 0 or 1. Received: {np.unique(x)[:9]}")
    if distance is None:
        distance = max(1, round(0.02 * float(np.hypot(*true.shape[1:]))))
    if distance < 1:
        raise ValueError(f"distance must be >= 1. Received: {distance}")
    if empty not in ("nan", "zero", "one"):
        raise ValueError(f"empty must be 'nan', 'zero' or 'one'. Received: {empty}")
    a, b = (_edge(x != 0, distance) for x in (true, predicted))
    shared, union = (x.sum((1, 2), dtype=np.float64) for x in (a & b, a | b))
    default = {"nan": np.nan, "zero": 0.0, "one": 1.0}[empty]
    return np.divide(shared, union, out=np.full(len(a), default), where=union > 0)


def _edge(mask: np.ndarray, distance: int) -> np.ndarray:
    inner = mask
    for axis in (1, 2):
        around = [(distance, distance) if i == axis else (0, 0) for i in range(3)]
        # how many of the window are inside, as the difference of two sums
        sums = np.cumsum(np.pad(inner, around), axis, dtype=np.int64)
        width, size = 2 * distance + 1, mask.shape[axis]
        sums = np.moveaxis(sums, axis, 0)
        before = np.concatenate([np.zeros_like(sums[:1]), sums[: size - 1]])
        inner = np.moveaxis(sums[width - 1 :] - before == width, 0, axis)
    return mask & ~inner
