"""Boundary IoU: how well the edges of a mask agree, however large it is."""

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["boundary_iou"]


def boundary_iou(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    distance: int | None = None,
    empty: str = "nan",
) -> np.ndarray:
    r"""$|A_d \cap B_d| / |A_d \cup B_d|$ of the sets of pixels near the edge of a mask.

    Parameters
    ----------
    predictions : array-like, shape (N, H, W)
        Predicted masks of 0 and 1.
    targets : array-like, shape (N, H, W)
        True masks of 0 and 1.
    distance : int, optional
        Width $d$ of the edge. None takes 2% of the image's diagonal, rounded, at least
        1, as the authors do.
    empty : {"nan", "zero", "one"}
        What an image counts without a pixel in either mask.

    Returns
    -------
    ndarray of float64, shape (N,)
        From 0 to 1, one value per image.

    Examples
    --------
    >>> boundary_iou(np.ones((1, 3, 3)), np.ones((1, 3, 3)))
    array([1.])

    References
    ----------
    Cheng et al., "Boundary IoU", 2021. <https://arxiv.org/abs/2103.16562>
    """
    values = []
    for pair in zip(np.asarray(predictions), np.asarray(targets), strict=True):
        reach = distance or max(1, round(0.02 * math.hypot(*pair[0].shape)))
        a, b = (edge(mask, reach) for mask in pair)
        default = {"nan": math.nan, "zero": 0.0, "one": 1.0}[empty]
        values.append(len(a & b) / len(a | b) if a | b else default)
    return np.array(values)


def edge(mask, reach):
    """Pixels of a mask with one outside of it within reach, in rows and columns."""
    height, width = mask.shape
    found = set()
    for i, j in np.argwhere(mask).tolist():
        rows, columns = slice(max(0, i - reach), i + reach + 1), max(0, j - reach)
        whole = mask[rows, columns : j + reach + 1].all()
        beyond = min(i, j, height - 1 - i, width - 1 - j) < reach
        if beyond or not whole:
            found.add((i, j))
    return found
