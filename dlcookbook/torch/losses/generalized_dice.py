"""Generalised Dice loss: rare classes weigh as much as common ones."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["generalized_dice_loss"]


def generalized_dice_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    absent: str = "count",
    ignore_index: int | None = None,
) -> Tensor:
    r"""Dice loss of all classes at once, weighted by size, one value per image.

    $1 - 2 \sum_c w_c \sum p y / \sum_c w_c \sum (p + y)$ over the pixels of one image,
    $w_c = 1 / (\sum y)^2$. For classes of one size: the mean 1 - p of the true class.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores before any softmax, any floating dtype, at least one pixel axis.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`, any integer dtype.
    absent : "count" or "skip"
        Whether false alarms of a class that is not in the image count. If so, it weighs
        as much as the rarest class that is: its own weight would be infinite.
    ignore_index : int, optional
        Pixels with this target count neither as prediction nor as target.

    Returns
    -------
    Tensor, shape (N,)
        One loss per image, 0 to 1, in the dtype of `logits`; 0 without any class.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a class index or `absent` is out of range.

    Examples
    --------
    >>> # the one pixel of class 1 is missed, nine of class 0 are found
    >>> logits = torch.tensor([[9.0], [-9.0]]).expand(1, 2, 10)
    >>> generalized_dice_loss(logits, torch.tensor([[1] + [0] * 9]))
    tensor([0.8200])

    References
    ----------
    Sudre et al., "Generalised Dice overlap as a deep learning loss function for highly
    unbalanced segmentations", 2017, section 2.1. <https://arxiv.org/abs/1707.03237>
    """
    if logits.ndim < 3 or targets.shape != logits.shape[:1] + logits.shape[2:]:
        raise ValueError(
            "targets must have the shape of logits (N, C, ...) without its class axis. "
            f"Received: logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
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
    count = labels.new_zeros(p.shape[:2]).scatter_add(1, labels, (~ignored).long())
    volume = count.to(wide)
    # the rarest class weighs 1: a common factor of the weights does not matter
    rarest = torch.where(count > 0, volume, torch.inf).amin(dim=1, keepdim=True)
    weight = (rarest / volume).square()
    weight = torch.where(count > 0, weight, float(absent == "count"))
    size = (weight * (p.sum(dim=2) + volume)).sum(dim=1)
    # 0 / 0 where every pixel is ignored
    loss = (weight * error.sum(dim=2)).sum(dim=1) / torch.where(size > 0, size, 1)
    return loss.to(logits.dtype)
