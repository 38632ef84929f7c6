"""Warp: one matrix per image moves image, mask and boxes alike."""

import math

import keras
from keras import KerasTensor, ops

__all__ = ["warp_boxes", "warp_images", "warp_masks"]

_BORDERS = ("fill", "edge", "reflect")


def warp_images(
    images: KerasTensor,
    matrices: KerasTensor,
    size: tuple[int, int] | None = None,
    *,
    border: str = "fill",
    fill: float = 0.0,
) -> KerasTensor:
    r"""Move every image by a matrix of its own, in one bilinear interpolation.

    $y(M p) = x(p)$: the matrix takes a place $p = (x, y, 1)$ of the old image to its
    place in the new one. Places are in pixels from the upper left corner of the image;
    the middle of the first pixel is (0.5, 0.5), its far corner (1, 1). The identity
    gives back the image. `b @ a` moves by `a`, then by `b`, and interpolates once.

    Parameters
    ----------
    images : KerasTensor, shape (N, H, W, C)
        A batch of any floating dtype.
    matrices : KerasTensor, shape (N, 3, 3)
        Affine (last row 0, 0, 1) or perspective, such as `random_affine` draws.
    size : tuple of int, optional
        Height and width of the new images. None keeps the old ones. Nothing is
        smoothed: to less than half the size, resize first.
    border : {"fill", "edge", "reflect"}
        What is seen beyond the image: one number, its last pixels, or its mirror.
    fill : float
        The number for `border="fill"`; after normalising, 0 is the mean colour.

    Returns
    -------
    tensor, shape (N, height, width, C)
        The moved images, in the dtype of `images`.

    Raises
    ------
    ValueError
        If the images are no batch of floats, there is not one matrix for each, or an
        option is unknown.

    Examples
    --------
    >>> mirror = ops.array([[[-1.0, 0.0, 3.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> moved = warp_images(ops.array([[[[1.0], [2.0], [3.0]]]]), mirror)
    >>> [round(float(x)) for x in ops.ravel(moved)]
    [3, 2, 1]

    References
    ----------
    Jaderberg et al., "Spatial Transformer Networks", 2015, eq. 1 to 5.
    <https://arxiv.org/abs/1506.02025>
    """
    images = ops.convert_to_tensor(images)
    kind = keras.backend.standardize_dtype(images.dtype)
    if len(images.shape) != 4 or "float" not in kind:
        raise ValueError(
            "images must be floats of shape (N, H, W, C). "
            f"Received: {kind}, shape {tuple(images.shape)}"
        )
    if border not in _BORDERS:
        raise ValueError(f"border must be one of {[*_BORDERS]}. Received: {border!r}")
    if not math.isfinite(fill):
        raise ValueError(f"fill must be finite. Received: {fill}")
    x, y = _places_before(matrices, images, size)
    count, height, width, channels = ops.shape(images)
    wide = ops.cast(images, "float32" if kind in ("float16", "bfloat16") else kind)
    flat = ops.reshape(wide, (-1, channels))
    first = ops.cast(ops.arange(count), "int32")[:, None, None] * (height * width)
    # numbers that no image reaches would not fit into an integer
    x, y = ops.clip(x - 0.5, -1e6, 1e6), ops.clip(y - 0.5, -1e6, 1e6)
    moved = 0.0
    for dy in (0, 1):
        for dx in (0, 1):
            column, row = ops.floor(x) + dx, ops.floor(y) + dy
            share = (1 - ops.abs(x - column)) * (1 - ops.abs(y - row))
            j, known_j = _inside(column, width, border)
            i, known_i = _inside(row, height, border)
            tap = ops.take(flat, first + i * width + j, axis=0)
            known = ops.logical_and(known_i, known_j)[..., None]
            tap = ops.where(known, tap, ops.cast(fill, wide.dtype))
            moved = moved + ops.cast(share, wide.dtype)[..., None] * tap
    return ops.cast(moved, kind)


def warp_masks(
    masks: KerasTensor,
    matrices: KerasTensor,
    size: tuple[int, int] | None = None,
    *,
    ignore: int = 255,
) -> KerasTensor:
    r"""Move every class map as its image moves: labels are copied, none is computed.

    Each new pixel gets the label of the old pixel that its middle falls on; beyond the
    old image there is none, and it gets `ignore`. Give the loss the same number.

    Parameters
    ----------
    masks : KerasTensor, shape (N, H, W)
        Class indices, any dtype.
    matrices : KerasTensor, shape (N, 3, 3)
        Those of the images.
    size : tuple of int, optional
        Height and width of the new masks. None keeps the old ones.
    ignore : int
        Label of what was not in the old image; must fit into the dtype of the masks.

    Returns
    -------
    tensor, shape (N, height, width)
        The moved masks, in the dtype of `masks`.

    Raises
    ------
    ValueError
        If the masks are no batch, there is not one matrix for each, or `ignore` does
        not fit into their dtype.

    Examples
    --------
    >>> right = ops.array([[[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> [int(x) for x in ops.ravel(warp_masks(ops.array([[[1, 2, 3]]]), right))]
    [255, 1, 2]

    References
    ----------
    Jaderberg et al., "Spatial Transformer Networks", 2015, eq. 4.
    <https://arxiv.org/abs/1506.02025>
    """
    masks = ops.convert_to_tensor(masks)
    kind = keras.backend.standardize_dtype(masks.dtype)
    if len(masks.shape) != 3 or 0 in masks.shape:
        raise ValueError(
            f"masks must have the shape (N, H, W). Received: {tuple(masks.shape)}"
        )
    bits = int("".join(filter(str.isdigit, kind)) or 0) - (kind[0] != "u")
    low = 0 if kind[0] == "u" else -(2**bits)
    is_one = low <= ignore < 2**bits and ignore == int(ignore)
    if kind == "bool" or ("int" in kind and not is_one):
        raise ValueError(
            "ignore must fit into the dtype of masks, which is not bool. "
            f"Received: {ignore}, {kind}"
        )
    x, y = _places_before(matrices, masks, size)
    count, height, width = ops.shape(masks)
    inside = ops.logical_and(x >= 0, x < width)
    inside = ops.logical_and(inside, ops.logical_and(y >= 0, y < height))
    first = ops.cast(ops.arange(count), "int32")[:, None, None] * (height * width)
    i, j = (
        ops.cast(ops.clip(at, 0, side - 1), "int32")
        for at, side in ((y, height), (x, width))
    )
    moved = ops.take(ops.reshape(masks, (-1,)), first + i * width + j, axis=0)
    return ops.where(inside, moved, ops.cast(ignore, kind))


def warp_boxes(
    boxes: KerasTensor,
    matrices: KerasTensor,
    size: tuple[int, int],
    *,
    min_visible: float = 0.25,
) -> tuple[KerasTensor, KerasTensor]:
    r"""Move boxes as their image moves, clip them, and say which are still there.

    The new box is the upright rectangle around the four moved corners, cut off at the
    new image. It stays if at least the share `min_visible` of that rectangle is in
    the image, and something of it is. A rotated box grows: it encloses the old
    rectangle, not the thing in it.

    Parameters
    ----------
    boxes : KerasTensor, shape (N, K, 4)
        Left, top, right, bottom, in pixels of the old images. Fill up with zeros.
    matrices : KerasTensor, shape (N, 3, 3)
        Those of the images.
    size : tuple of int
        Height and width of the new images.
    min_visible : float in [0, 1]
        Share of the moved box that must lie in the new image.

    Returns
    -------
    tuple of tensor, shapes (N, K, 4) and (N, K)
        The new boxes, in pixels of the new images and the dtype of `boxes`, and which
        to keep (bool), their labels with them. Those not kept are zeros. A box that
        ends before it begins, as one of width and height would, is kept as NaN: a
        compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit or `min_visible` is outside [0, 1].

    Examples
    --------
    >>> left = ops.array([[[1.0, 0.0, -3.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> boxes = ops.array([[[2.0, 1.0, 6.0, 5.0], [0.0, 0.0, 3.0, 3.0]]])
    >>> moved, keep = warp_boxes(boxes, left, (8, 8))
    >>> [int(x) for x in moved[0, 0]], [bool(k) for k in keep[0]]
    ([0, 1, 3, 5], [True, False])

    References
    ----------
    Zoph et al., "Learning Data Augmentation Strategies for Object Detection", 2019.
    <https://arxiv.org/abs/1906.11172>
    """
    boxes, matrices = ops.convert_to_tensor(boxes), ops.convert_to_tensor(matrices)
    kind = keras.backend.standardize_dtype(boxes.dtype)
    if len(boxes.shape) != 3 or boxes.shape[-1] != 4 or "float" not in kind:
        raise ValueError(
            "boxes must be floats of shape (N, K, 4). "
            f"Received: {kind}, shape {tuple(boxes.shape)}"
        )
    if not 0 <= min_visible <= 1:
        raise ValueError(f"min_visible must be in [0, 1]. Received: {min_visible}")
    _check(matrices, boxes.shape[0], size)
    wide = ops.cast(boxes, "float32" if kind in ("float16", "bfloat16") else kind)
    left, top, right, bottom = (wide[..., i] for i in range(4))
    x = ops.stack([left, right, left, right], axis=-1)
    y = ops.stack([top, top, bottom, bottom], axis=-1)
    rows = ops.cast(matrices, wide.dtype)[:, :, :, None, None]
    u, v, w = (rows[:, i, 0] * x + rows[:, i, 1] * y + rows[:, i, 2] for i in range(3))
    x, y = u / w, v / w
    far = float("inf")
    # with a start, for there may be no box
    around = [ops.min(at, axis=-1, initial=far) for at in (x, y)]
    around += [ops.max(at, axis=-1, initial=-far) for at in (x, y)]
    height, width = size
    clipped = [ops.clip(at, 0, (width, height)[i % 2]) for i, at in enumerate(around)]
    whole, seen = ((b[2] - b[0]) * (b[3] - b[1]) for b in (around, clipped))
    keep = ops.logical_and(right > left, bottom > top)
    keep = ops.logical_and(keep, ops.logical_and(seen > 0, seen >= min_visible * whole))
    new = ops.stack(clipped, axis=-1)
    new = ops.where(keep[..., None], new, ops.zeros_like(new))
    # a graph cannot raise: NaN where a box ends before it begins
    is_box = ops.logical_and(right >= left, bottom >= top)
    new = ops.where(is_box[..., None], new, float("nan"))
    return ops.cast(new, kind), ops.logical_or(keep, ops.logical_not(is_box))


def _check(matrices: KerasTensor, count: int | None, size: tuple[int, ...]) -> None:
    """Refuse what would be silently wrong."""
    kind, shape = keras.backend.standardize_dtype(matrices.dtype), tuple(matrices.shape)
    same = len(shape) == 3 and (None in (count, shape[0]) or count == shape[0])
    if not same or shape[1:] != (3, 3) or "float" not in kind:
        raise ValueError(
            f"matrices must be floats of shape ({count}, 3, 3). "
            f"Received: {kind}, shape {shape}"
        )
    known = [side for side in size if isinstance(side, (int, float))]
    if len(size) != 2 or not all(side >= 1 and side == int(side) for side in known):
        raise ValueError(
            f"size must be two whole numbers >= 1, height and width. Received: {size}"
        )


def _places_before(
    matrices: KerasTensor, batch: KerasTensor, size: tuple[int, int] | None
) -> tuple[KerasTensor, KerasTensor]:
    """Return the place in the old image of the middle of every new pixel."""
    matrices = ops.convert_to_tensor(matrices)
    sides = tuple(size or ops.shape(batch)[1:3])
    _check(matrices, batch.shape[0], sides)
    height, width = sides
    back = ops.inv(ops.cast(matrices, "float32"))
    y = (ops.cast(ops.arange(height), "float32") + 0.5)[:, None]
    x = ops.cast(ops.arange(width), "float32") + 0.5
    rows = back[..., None, None]
    u, v, w = (rows[:, i, 0] * x + rows[:, i, 1] * y + rows[:, i, 2] for i in range(3))
    return u / w, v / w


def _inside(at: KerasTensor, side: int, border: str) -> tuple[KerasTensor, KerasTensor]:
    """Return which pixel stands at a place, and whether there is one."""
    at = ops.cast(at, "int32")
    known = ops.logical_and(at >= 0, at < side)
    if border == "reflect":
        at = ops.mod(at, 2 * side)
        at = ops.minimum(at, 2 * side - 1 - at)
    if border != "fill":
        known = ops.ones_like(known)
    return ops.clip(at, 0, side - 1), known
