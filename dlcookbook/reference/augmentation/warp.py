"""Warp: one matrix per image moves image, mask and boxes alike."""

import math

import numpy as np

__all__ = ["warp_boxes", "warp_images", "warp_masks"]


def warp_images(
    images: np.ndarray,
    matrices: np.ndarray,
    size: tuple[int, int] | None = None,
    *,
    border: str = "fill",
    fill: float = 0.0,
) -> np.ndarray:
    r"""Move every image by a matrix of its own, in one bilinear interpolation.

    $y(M p) = x(p)$, with places in pixels from the upper left corner; the identity
    gives back the image.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        A batch.
    matrices : ndarray, shape (N, 3, 3)
        From places of the old image to places of the new one.
    size : tuple of int, optional
        Height and width of the new images. None keeps the old ones.
    border : {"fill", "edge", "reflect"}
        What is seen beyond the image: one number, its last pixels, or its mirror.
    fill : float
        The number for `border="fill"`.

    Returns
    -------
    ndarray, shape (N, C, height, width)
        The moved images.

    Examples
    --------
    >>> half = np.array([[[1.0, 0.0, 0.5], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> warp_images(np.array([[[[2.0, 4.0]]]]), half).tolist()
    [[[[1.0, 3.0]]]]

    References
    ----------
    Jaderberg et al., "Spatial Transformer Networks", 2015, eq. 1 to 5.
    <https://arxiv.org/abs/1506.02025>
    """
    images = np.asarray(images, float)
    height, width = images.shape[-2:]
    around = max(height, width)
    # the image in the middle of what is seen beyond it, as far as a test looks
    margins = [(0, 0), (0, 0), (around, around), (around, around)]
    if border == "fill":
        wide = np.pad(images, margins, constant_values=fill)
    else:
        wide = np.pad(images, margins, "edge" if border == "edge" else "symmetric")
    new_height, new_width = size or (height, width)
    moved = np.empty((*images.shape[:2], new_height, new_width))
    for n, matrix in enumerate(matrices):
        back = np.linalg.inv(np.asarray(matrix, float))
        for row in range(new_height):
            for column in range(new_width):
                x, y, w = back @ (column + 0.5, row + 0.5, 1)
                x = np.clip(x / w - 0.5 + around, 0, wide.shape[-1] - 1.001)
                y = np.clip(y / w - 0.5 + around, 0, wide.shape[-2] - 1.001)
                j, i = math.floor(x), math.floor(y)
                square = wide[n, :, i : i + 2, j : j + 2]
                shares = np.outer((i + 1 - y, y - i), (j + 1 - x, x - j))
                moved[n, :, row, column] = (square * shares).sum(axis=(1, 2))
    return moved


def warp_masks(
    masks: np.ndarray,
    matrices: np.ndarray,
    size: tuple[int, int] | None = None,
    *,
    ignore: int = 255,
) -> np.ndarray:
    r"""Move every class map as its image moves: labels are copied, none is computed.

    Each new pixel gets the label of the old pixel that its middle falls on, or
    `ignore` where there is none. The identity gives back the mask.

    Parameters
    ----------
    masks : ndarray, shape (N, H, W)
        Class indices.
    matrices : ndarray, shape (N, 3, 3)
        Those of the images.
    size : tuple of int, optional
        Height and width of the new masks. None keeps the old ones.
    ignore : int
        Label of what was not in the old image.

    Returns
    -------
    ndarray, shape (N, height, width)
        The moved masks.

    Examples
    --------
    >>> right = np.array([[[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> warp_masks(np.array([[[1, 2, 3]]]), right).tolist()
    [[[255, 1, 2]]]

    References
    ----------
    Jaderberg et al., "Spatial Transformer Networks", 2015, eq. 4.
    <https://arxiv.org/abs/1506.02025>
    """
    masks = np.asarray(masks)
    height, width = masks.shape[-2:]
    moved = np.full((len(masks), *(size or (height, width))), ignore, masks.dtype)
    for n, row, column in np.ndindex(moved.shape):
        back = np.linalg.inv(np.asarray(matrices[n], float))
        x, y, w = back @ (column + 0.5, row + 0.5, 1)
        i, j = math.floor(y / w), math.floor(x / w)
        if 0 <= i < height and 0 <= j < width:
            moved[n, row, column] = masks[n, i, j]
    return moved


def warp_boxes(
    boxes: np.ndarray,
    matrices: np.ndarray,
    size: tuple[int, int],
    *,
    min_visible: float = 0.25,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Move boxes as their image moves, clip them, and say which are still there.

    The new box is the upright rectangle around the four moved corners, cut off at the
    new image. The identity gives back a box that lies in the image.

    Parameters
    ----------
    boxes : ndarray, shape (N, K, 4)
        Left, top, right, bottom, in pixels of the old images.
    matrices : ndarray, shape (N, 3, 3)
        Those of the images.
    size : tuple of int
        Height and width of the new images.
    min_visible : float in [0, 1]
        Share of the moved box that must lie in the new image.

    Returns
    -------
    tuple of ndarray, shapes (N, K, 4) and (N, K)
        The new boxes, and which to keep. Those not kept are zeros.

    Examples
    --------
    >>> left = np.array([[[1.0, 0.0, -3.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> warp_boxes(np.array([[[2.0, 1.0, 6.0, 5.0]]]), left, (8, 8))[0].tolist()
    [[[0.0, 1.0, 3.0, 5.0]]]

    References
    ----------
    Zoph et al., "Learning Data Augmentation Strategies for Object Detection", 2019.
    <https://arxiv.org/abs/1906.11172>
    """
    boxes = np.asarray(boxes, float)
    new, keep = np.zeros_like(boxes), np.zeros(boxes.shape[:2], bool)
    for n, k in np.ndindex(keep.shape):
        left, top, right, bottom = boxes[n, k]
        if right <= left or bottom <= top:
            continue
        corners = [(x, y, 1) for x in (left, right) for y in (top, bottom)]
        moved = np.array(corners) @ np.asarray(matrices[n], float).T
        x, y = moved[:, 0] / moved[:, 2], moved[:, 1] / moved[:, 2]
        seen = (
            np.clip((min(x), max(x)), 0, size[1]),
            np.clip((min(y), max(y)), 0, size[0]),
        )
        area = np.ptp(seen[0]) * np.ptp(seen[1])
        keep[n, k] = area > 0 and area >= min_visible * np.ptp(x) * np.ptp(y)
        if keep[n, k]:
            new[n, k] = seen[0][0], seen[1][0], seen[0][1], seen[1][1]
    return new, keep
