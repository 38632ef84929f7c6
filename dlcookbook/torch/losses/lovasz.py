"""Lovász losses: the intersection over union itself, made differentiable."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["lovasz_hinge_loss", "lovasz_softmax_loss"]


def lovasz_hinge_loss(logits: Tensor, targets: Tensor) -> Tensor:
    r"""Lovász hinge of a mask, one value per image.

    The hinge errors $\max(0, 1 - s z)$, $s = \pm 1$, largest first, each weighted with
    what it takes from the intersection over union. All errors 1 cost 1.

    Parameters
    ----------
    logits : Tensor, shape (N, ...)
        Raw scores, any floating dtype. Do not apply a sigmoid first.
    targets : Tensor, shape (N, ...)
        0 or 1, same shape as `logits`, any dtype.

    Returns
    -------
    Tensor, shape (N,)
        One loss per image, >= 0, in the dtype of `logits`. Where the mask is empty, it
        is the largest error.

    Raises
    ------
    ValueError
        If the shapes differ or have no pixel axis, or a target is neither 0 nor 1.

    Examples
    --------
    Four pixels, one of them wrong, in a mask of two:

    >>> mask = torch.tensor([[1, 1, 0, 0]])
    >>> lovasz_hinge_loss(torch.tensor([[9.0, -1.0, -9.0, -9.0]]), mask)
    tensor([1.])

    References
    ----------
    Berman et al., "The Lovász-Softmax Loss", 2018, eq. 9 and algorithm 1.
    <https://arxiv.org/abs/1705.08790>
    """
    if logits.ndim < 2 or logits.shape != targets.shape:
        raise ValueError(
            "targets must have the shape (N, ...) of logits. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    positive = targets == 1
    if not (positive | (targets == 0)).all():
        raise ValueError(f"targets must be 0 or 1. Received: {targets.unique()}")
    # half precision would merge errors and lose the order
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    errors = F.relu(1 - torch.where(positive, wide, -wide)).flatten(1)
    return _extension(errors, positive.flatten(1)).to(logits.dtype)


def lovasz_softmax_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    absent: str = "skip",
    ignore_index: int | None = None,
) -> Tensor:
    r"""Lovász-Softmax loss, one value per image: the mean over its classes.

    For each class the errors $|y - p|$, largest first, each weighted with what it takes
    from the intersection over union. For hard predictions it is 1 - IoU.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second, at least one pixel axis. Do not
        apply a softmax first.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`, any integer dtype.
    absent : "skip" or "count"
        What a class does of which an image has no pixel: "skip" leaves it out, as the
        paper does, "count" takes its largest false alarm into the mean.
    ignore_index : int, optional
        Pixels with this target count neither as prediction nor as target.

    Returns
    -------
    Tensor, shape (N,)
        One loss per image, from 0 to 1, in the dtype of `logits`. An image without any
        class costs 0.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C) or `absent` is neither
        "skip" nor "count".

    Examples
    --------
    >>> logits = torch.tensor([[[9.0, 9.0, -9.0], [-9.0, -9.0, 9.0]]])
    >>> lovasz_softmax_loss(logits, torch.tensor([[0, 1, 1]]))
    tensor([0.5000])

    References
    ----------
    Berman et al., "The Lovász-Softmax Loss", 2018, eq. 11 and algorithm 1.
    <https://arxiv.org/abs/1705.08790>
    """
    if logits.ndim < 3 or targets.shape != logits.shape[:1] + logits.shape[2:]:
        raise ValueError(
            "targets must have the shape of logits (N, C, ...) without its class axis. "
            f"Received: logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    if absent not in ("skip", "count"):
        raise ValueError(f"absent must be 'skip' or 'count'. Received: {absent!r}")
    labels, classes = targets.long().flatten(1), logits.shape[1]
    ignored = torch.zeros_like(labels, dtype=torch.bool)
    if ignore_index is not None:
        ignored = labels == ignore_index
    labels = labels.masked_fill(ignored, 0)
    if labels.numel() and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(
            f"targets must be in [0, {classes}). Received: "
            f"{labels.min().item()} to {labels.max().item()}"
        )
    # half precision would merge errors and lose the order
    wide = torch.promote_types(logits.dtype, torch.float32)
    index, ignored = labels.unsqueeze(1), ignored.unsqueeze(1)
    # an ignored pixel is one without an error: it comes last and costs nothing
    p = F.softmax(logits.flatten(2), dim=1, dtype=wide).masked_fill(ignored, 0)
    # |p - y|, with 1 - p as the sum over the other classes: exact where p rounds to 1
    errors = p.scatter(1, index, 0)
    errors = errors.scatter(1, index, errors.sum(dim=1, keepdim=True))
    masks = torch.zeros_like(p, dtype=torch.bool).scatter(1, index, ~ignored)
    losses = _extension(errors, masks)
    counted = masks.any(dim=2) | (absent == "count")
    mean = (losses * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1)
    return mean.to(logits.dtype)


def _extension(errors: Tensor, masks: Tensor) -> Tensor:
    """Return the Lovász extension of 1 - IoU along the last axis."""
    errors, order = errors.sort(dim=-1, descending=True, stable=True)
    masks = masks.gather(-1, order)
    found = masks.sum(dim=-1, keepdim=True)
    intersection = (found - masks.cumsum(dim=-1)).to(errors)
    union = (found + (~masks).cumsum(dim=-1)).to(errors)
    # step of 1 - IoU at each pixel; as a difference of two IoUs it would cancel
    alarm = intersection / ((union - 1) * union).clamp(min=1)
    # the first false alarm where there is nothing to find
    alarm = torch.where(union == 1, 1.0, alarm)
    return (errors * torch.where(masks, 1 / union, alarm)).sum(dim=-1)
