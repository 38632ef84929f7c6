"""Dice loss: overlap of prediction and mask, blind to how large the background is."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["binary_dice_loss", "dice_loss"]


def dice_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    smooth: float = 1.0,
    absent: str = "count",
    ignore_index: int | None = None,
) -> Tensor:
    r"""Multi-class Dice loss, one value per image: the mean over its classes.

    $1 - (2 \sum p y + s) / (\sum p + \sum y + s)$ for each class, with sums over the
    pixels of one image. For hard predictions and $s = 0$ it is 1 - F1 of the pixels.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second, at least one pixel axis. Do not
        apply a softmax first.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`, any integer dtype.
    smooth : float >= 0
        $s$, in pixels: a missed object of k pixels costs k / (k + s). With 0, nothing
        pushes predictions down where a class is absent.
    absent : "count" or "skip"
        Whether the mean counts a class that is not in the image, by its false alarms.
    ignore_index : int, optional
        Pixels with this target count neither as prediction nor as target.

    Returns
    -------
    Tensor, shape (N,)
        One loss per image, from 0 to 1, in the dtype of `logits`. A class absent from
        target and prediction alike costs 0, as does an image without any class.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C), `smooth` is negative
        or `absent` is neither "count" nor "skip".

    Examples
    --------
    >>> logits = torch.tensor([[[4.0, 4.0, -4.0], [-4.0, -4.0, 4.0]]])
    >>> targets = torch.tensor([[0, 0, 1], [0, 1, 1]])
    >>> dice_loss(logits.expand(2, 2, 3), targets, smooth=0.0)
    tensor([0.0004, 0.3334])

    References
    ----------
    Milletari et al., "V-Net", 2016, section 3, without the squares in the
    denominator. <https://arxiv.org/abs/1606.04797>
    """
    if logits.ndim < 3 or targets.shape != logits.shape[:1] + logits.shape[2:]:
        raise ValueError(
            "targets must have the shape of logits (N, C, ...) without its class axis. "
            f"Received: logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    if not smooth >= 0:
        raise ValueError(f"smooth must be >= 0. Received: {smooth}")
    if absent not in ("count", "skip"):
        raise ValueError(f"absent must be 'count' or 'skip'. Received: {absent!r}")
    labels, classes = targets.flatten(1).long(), logits.shape[1]
    ignored = torch.zeros_like(labels, dtype=torch.bool)
    if ignore_index is not None:
        ignored = labels == ignore_index
    labels = labels.masked_fill(ignored, 0)
    if labels.numel() and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(
            f"targets must be in [0, {classes}). Received: "
            f"{labels.min().item()} to {labels.max().item()}"
        )
    # half precision would overflow in the sum over a mask of 512 x 512
    wide = torch.promote_types(logits.dtype, torch.float32)
    p = F.softmax(logits.flatten(2), dim=1, dtype=wide).masked_fill(ignored[:, None], 0)
    # |p - y|, with 1 - p as the sum over the other classes: exact where p rounds to 1
    index = labels.unsqueeze(1)
    error = p.scatter(1, index, 0)
    error = error.scatter(1, index, error.sum(dim=1, keepdim=True))
    volume = labels.new_zeros(p.shape[:2]).scatter_add(1, labels, (~ignored).long())
    size = p.sum(dim=2) + volume + smooth
    # 0 / 0 where nobody saw the class; a smaller bound would overflow in the gradient
    loss = error.sum(dim=2) / torch.where(size > 1e-37, size, 1)
    counted = (volume > 0) | (absent == "count")
    mean = (loss * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1)
    return mean.to(logits.dtype)


def binary_dice_loss(logits: Tensor, targets: Tensor, *, smooth: float = 1.0) -> Tensor:
    r"""Dice loss of a mask, one value per image.

    $1 - (2 \sum p y + s) / (\sum p + \sum y + s)$ with the sigmoid $p$ and sums over
    everything but the first axis. For hard predictions and $s = 0$ it is 1 - F1.

    Parameters
    ----------
    logits : Tensor, shape (N, ...)
        Raw scores, any floating dtype. Do not apply a sigmoid first.
    targets : Tensor, shape (N, ...)
        0 or 1, same shape as `logits`, any dtype.
    smooth : float >= 0
        $s$, in pixels: a missed object of k pixels costs k / (k + s). With 0, nothing
        pushes predictions down where the mask is empty.

    Returns
    -------
    Tensor, shape (N,)
        One loss per image, from 0 to 1, in the dtype of `logits`. An empty mask and an
        empty prediction cost 0.

    Raises
    ------
    ValueError
        If the shapes differ or have no pixel axis, a target is neither 0 nor 1 or
        `smooth` is negative.

    Examples
    --------
    A missed object of 1 pixel and one of 100:

    >>> mask = torch.zeros(2, 10, 10)
    >>> mask[0, 0, 0] = mask[1] = 1
    >>> binary_dice_loss(torch.full((2, 10, 10), -20.0), mask)
    tensor([0.5000, 0.9901])

    References
    ----------
    Milletari et al., "V-Net", 2016, section 3, without the squares in the
    denominator. <https://arxiv.org/abs/1606.04797>
    """
    if logits.ndim < 2 or logits.shape != targets.shape:
        raise ValueError(
            "targets must have the shape (N, ...) of logits. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    if not smooth >= 0:
        raise ValueError(f"smooth must be >= 0. Received: {smooth}")
    positive = targets == 1
    if not (positive | (targets == 0)).all():
        raise ValueError(f"targets must be 0 or 1. Received: {targets.unique()}")
    # half precision would overflow in the sum over a mask of 512 x 512
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    # |p - y| as a sigmoid of its own: exact where p rounds to 1
    error = torch.where(positive, -wide, wide).sigmoid().flatten(1).sum(dim=1)
    volume = positive.flatten(1).sum(dim=1)
    size = wide.sigmoid().flatten(1).sum(dim=1) + volume + smooth
    # 0 / 0 where both are empty; a smaller bound would overflow in the gradient
    return (error / torch.where(size > 1e-37, size, 1)).to(logits.dtype)
