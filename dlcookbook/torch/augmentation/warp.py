"""Warp: one matrix per image moves image, mask and boxes alike."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["warp_boxes", "warp_images", "warp_masks"]

_BORDERS = {"fill": "zeros", "edge": "border", "reflect": "reflection"}


def warp_images(
    images: Tensor,
    matrices: Tensor,
    size: tuple[int, int] | None = None,
    *,
    border: str = "fill",
    fill: float = 0.0,
) -> Tensor:
    r"""Move every image by a matrix of its own, in one bilinear interpolation.

    $y(M p) = x(p)$: the matrix takes a place $p = (x, y, 1)$ of the old image to its
    place in the new one. Places are in pixels from the upper left corner of the image;
    the middle of the first pixel is (0.5, 0.5), its far corner (1, 1). The identity
    gives back the image. `b @ a` moves by `a`, then by `b`, and interpolates once.

    Parameters
    ----------
    images : Tensor, shape (N, C, H, W)
        A batch of any floating dtype.
    matrices : Tensor, shape (N, 3, 3)
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
    Tensor, shape (N, C, height, width)
        The moved images, in the dtype of `images`.

    Raises
    ------
    ValueError
        If the images are no batch of floats, there is not one matrix for each, one is
        not finite (looked at on the CPU alone), or an option is unknown.

    Examples
    --------
    >>> mirror = torch.tensor([[[-1.0, 0.0, 3.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> warp_images(torch.tensor([[[[1.0, 2.0, 3.0]]]]), mirror).round()
    tensor([[[[3., 2., 1.]]]])

    References
    ----------
    Jaderberg et al., "Spatial Transformer Networks", 2015, eq. 1 to 5.
    <https://arxiv.org/abs/1506.02025>
    """
    if images.ndim != 4 or not images.is_floating_point():
        raise ValueError(
            "images must be floats of shape (N, C, H, W). "
            f"Received: {images.dtype}, shape {tuple(images.shape)}"
        )
    if border not in _BORDERS:
        raise ValueError(f"border must be one of {[*_BORDERS]}. Received: {border!r}")
    if not math.isfinite(fill):
        raise ValueError(f"fill must be finite. Received: {fill}")
    x, y = _places_before(matrices, images, size)
    height, width = images.shape[-2:]
    kind = torch.promote_types(images.dtype, torch.float32)
    grid = torch.stack([2 * x / width - 1, 2 * y / height - 1], dim=-1).to(kind)
    offset = fill if border == "fill" else 0.0
    wide = images.to(kind) - offset if offset else images.to(kind)
    moved = F.grid_sample(
        wide, grid, padding_mode=_BORDERS[border], align_corners=False
    )
    return (moved + offset if offset else moved).to(images.dtype)


def warp_masks(
    masks: Tensor,
    matrices: Tensor,
    size: tuple[int, int] | None = None,
    *,
    ignore: int = 255,
) -> Tensor:
    r"""Move every class map as its image moves: labels are copied, none is computed.

    Each new pixel gets the label of the old pixel that its middle falls on; beyond the
    old image there is none, and it gets `ignore`. Give the loss the same number.

    Parameters
    ----------
    masks : Tensor, shape (N, H, W)
        Class indices, any dtype.
    matrices : Tensor, shape (N, 3, 3)
        Those of the images.
    size : tuple of int, optional
        Height and width of the new masks. None keeps the old ones.
    ignore : int
        Label of what was not in the old image; must fit into the dtype of the masks.

    Returns
    -------
    Tensor, shape (N, height, width)
        The moved masks, in the dtype of `masks`.

    Raises
    ------
    ValueError
        If the masks are no batch, there is not one matrix for each, or `ignore` does
        not fit into their dtype.

    Examples
    --------
    >>> right = torch.tensor([[[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> warp_masks(torch.tensor([[[1, 2, 3]]]), right)
    tensor([[[255,   1,   2]]])

    References
    ----------
    Jaderberg et al., "Spatial Transformer Networks", 2015, eq. 4.
    <https://arxiv.org/abs/1506.02025>
    """
    if masks.ndim != 3 or not masks.numel():
        raise ValueError(
            f"masks must have the shape (N, H, W). Received: {tuple(masks.shape)}"
        )
    if torch.tensor(ignore).to(masks.dtype).item() != ignore or (
        masks.dtype == torch.bool
    ):
        raise ValueError(
            "ignore must fit into the dtype of masks, which is not bool. "
            f"Received: {ignore}, {masks.dtype}"
        )
    x, y = _places_before(matrices, masks, size)
    height, width = masks.shape[-2:]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    at = (y.clamp(0, height - 1).long() * width + x.clamp(0, width - 1).long()).flatten(
        1
    )
    return torch.where(inside, masks.flatten(1).gather(1, at).view(x.shape), ignore)


def warp_boxes(
    boxes: Tensor,
    matrices: Tensor,
    size: tuple[int, int],
    *,
    min_visible: float = 0.25,
) -> tuple[Tensor, Tensor]:
    r"""Move boxes as their image moves, clip them, and say which are still there.

    The new box is the upright rectangle around the four moved corners, cut off at the
    new image. It stays if at least the share `min_visible` of that rectangle is in
    the image, and something of it is. A rotated box grows: it encloses the old
    rectangle, not the thing in it.

    Parameters
    ----------
    boxes : Tensor, shape (N, K, 4)
        Left, top, right, bottom, in pixels of the old images. Fill up with zeros.
    matrices : Tensor, shape (N, 3, 3)
        Those of the images.
    size : tuple of int
        Height and width of the new images.
    min_visible : float in [0, 1]
        Share of the moved box that must lie in the new image.

    Returns
    -------
    tuple of Tensor, shapes (N, K, 4) and (N, K)
        The new boxes, in pixels of the new images and the dtype of `boxes`, and which
        to keep (bool), their labels with them. Those not kept are zeros.

    Raises
    ------
    ValueError
        If the shapes do not fit, `min_visible` is outside [0, 1], or a box ends before
        it begins, as one of width and height would (looked at on the CPU alone).

    Examples
    --------
    >>> left = torch.tensor([[[1.0, 0.0, -3.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> boxes = torch.tensor([[[2.0, 1.0, 6.0, 5.0], [0.0, 0.0, 3.0, 3.0]]])
    >>> warp_boxes(boxes, left, (8, 8))
    (tensor([[[0., 1., 3., 5.],
             [0., 0., 0., 0.]]]), tensor([[ True, False]]))

    References
    ----------
    Zoph et al., "Learning Data Augmentation Strategies for Object Detection", 2019.
    <https://arxiv.org/abs/1906.11172>
    """
    if boxes.ndim != 3 or boxes.shape[-1] != 4 or not boxes.is_floating_point():
        raise ValueError(
            "boxes must be floats of shape (N, K, 4). "
            f"Received: {boxes.dtype}, shape {tuple(boxes.shape)}"
        )
    if boxes.is_cpu and not (ends := boxes[..., 2:] >= boxes[..., :2]).all():
        wrong = boxes[~ends.all(dim=-1)][0].tolist()
        raise ValueError(f"boxes must be left, top, right, bottom. Received: {wrong}")
    if not 0 <= min_visible <= 1:
        raise ValueError(f"min_visible must be in [0, 1]. Received: {min_visible}")
    _check(matrices, len(boxes), size)
    kind = torch.promote_types(boxes.dtype, torch.float32)
    x, y = boxes.to(kind)[..., [0, 2, 0, 2]], boxes.to(kind)[..., [1, 1, 3, 3]]
    corners = torch.stack([x, y, torch.ones_like(x)], dim=-1)
    moved = torch.einsum("nij,nkcj->nkci", matrices.to(corners), corners)
    places = moved[..., :2] / moved[..., 2:]
    around = torch.cat([places.amin(dim=2), places.amax(dim=2)], dim=-1)
    height, width = size
    limits = torch.tensor([width, height] * 2).to(around)
    clipped = around.clamp_min(0).minimum(limits)
    whole, seen = (
        (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1]) for b in (around, clipped)
    )
    right_way = (boxes[..., 2] > boxes[..., 0]) & (boxes[..., 3] > boxes[..., 1])
    keep = right_way & (seen > 0) & (seen >= min_visible * whole)
    return torch.where(keep[..., None], clipped, 0).to(boxes.dtype), keep


def _check(matrices: Tensor, count: int, size: tuple[int, ...]) -> None:
    """Refuse what would be silently wrong."""
    if tuple(matrices.shape) != (count, 3, 3) or not matrices.is_floating_point():
        raise ValueError(
            f"matrices must be floats of shape ({count}, 3, 3). "
            f"Received: {matrices.dtype}, shape {tuple(matrices.shape)}"
        )
    if matrices.is_cpu and not matrices.isfinite().all():
        raise ValueError(f"matrices must be finite. Received: {matrices}")
    if len(size) != 2 or not all(side >= 1 and side == int(side) for side in size):
        raise ValueError(
            f"size must be two whole numbers >= 1, height and width. Received: {size}"
        )


def _places_before(
    matrices: Tensor, batch: Tensor, size: tuple[int, int] | None
) -> tuple[Tensor, Tensor]:
    """Return the place in the old image of the middle of every new pixel."""
    sides = tuple(size or batch.shape[-2:])
    _check(matrices, len(batch), sides)
    height, width = sides
    kind = torch.promote_types(matrices.dtype, torch.float32)
    back = torch.linalg.inv(matrices.to(batch.device, kind))
    y = (torch.arange(height, device=batch.device, dtype=kind) + 0.5)[:, None]
    x = torch.arange(width, device=batch.device, dtype=kind) + 0.5
    rows = back[..., None, None]
    u, v, w = (rows[:, i, 0] * x + rows[:, i, 1] * y + rows[:, i, 2] for i in range(3))
    return u / w, v / w
