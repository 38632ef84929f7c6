"""Lovász losses: train on intersection over union itself, made convex."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["lovasz_hinge_loss", "lovasz_softmax_loss"]


def lovasz_softmax_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    classes: str = "present",
    ignore_index: int | None = None,
) -> Tensor:
    r"""Lovász extension of 1 - IoU, one value per image: the mean over its classes.

    Each pixel errs by $m = |y - p|$. Sorted from the largest $m$ down, a pixel weighs
    what 1 - IoU grows by when it joins the mistakes. Hard predictions give 1 - IoU.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores before any softmax, any floating dtype, at least one pixel axis.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`, any integer dtype.
    classes : "present" or "all"
        Which classes the mean takes: those in the image, or all. A class that is not
        costs its largest probability.
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
        If the shapes do not fit, a class index is outside [0, C) or `classes` is
        neither "present" nor "all".

    Examples
    --------
    >>> logits = torch.tensor([[[9.0, 9.0, -9.0], [-9.0, -9.0, 9.0]]])
    >>> lovasz_softmax_loss(logits, torch.tensor([[0, 1, 1]]))
    tensor([0.5000])

    References
    ----------
    Berman et al., "The Lovász-Softmax loss", 2018, algorithm 1.
    <https://arxiv.org/abs/1705.08790>
    """
    if logits.ndim < 3 or targets.shape != logits.shape[:1] + logits.shape[2:]:
        raise ValueError(
            "targets must have the shape of logits (N, C, ...) without its class axis. "
            f"Received: logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    if classes not in ("present", "all"):
        raise ValueError(f"classes must be 'present' or 'all'. Received: {classes!r}")
    labels, number = targets.flatten(1).long(), logits.shape[1]
    ignored = torch.zeros_like(labels, dtype=torch.bool)
    if ignore_index is not None:
        ignored = labels == ignore_index
    labels = labels.masked_fill(ignored, 0)
    if labels.numel() and not 0 <= labels.min() <= labels.max() < number:
        raise ValueError(
            f"targets must be in [0, {number}). Received: "
            f"{labels.min().item()} to {labels.max().item()}"
        )
    # sums of errors need more digits than half precision has
    wide = torch.promote_types(logits.dtype, torch.float32)
    p = F.softmax(logits.flatten(2), dim=1, dtype=wide)
    # |p - y|, with 1 - p as the sum over the other classes: exact where p rounds to 1
    index = labels.unsqueeze(1)
    error = p.scatter(1, index, 0)
    error = error.scatter(1, index, error.sum(dim=1, keepdim=True))
    error, order = error.sort(dim=2, descending=True)
    # no class has the number -1
    labels = labels.masked_fill(ignored, -1).unsqueeze(1).expand_as(order)
    labels = labels.gather(2, order)
    inside = labels == torch.arange(number, device=labels.device).unsqueeze(1)
    growth = jaccard_growth(inside, (labels >= 0) & ~inside, wide)
    loss = (error * growth).sum(dim=2)
    counted = inside.any(dim=2) | (classes == "all")
    mean = (loss * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1)
    return mean.to(logits.dtype)


def lovasz_hinge_loss(logits: Tensor, targets: Tensor) -> Tensor:
    r"""Lovász extension of 1 - IoU of a mask over its hinge losses, one per image.

    Each pixel errs by $m = \max(0, 1 - z)$ if it is in the mask, else $\max(0, 1 + z)$.
    Sorted from the largest $m$ down, a pixel weighs what 1 - IoU grows by when it joins
    the mistakes. Where every $m$ is 0 or 1, it is 1 - IoU.

    Parameters
    ----------
    logits : Tensor, shape (N, ...)
        Raw scores, any floating dtype. Do not apply a sigmoid: 0 is the threshold.
    targets : Tensor, shape (N, ...)
        0 or 1, same shape as `logits`, any dtype.

    Returns
    -------
    Tensor, shape (N,)
        One loss per image, >= 0, in the dtype of `logits`. An empty mask costs its
        largest error; 0 once every score is below -1.

    Raises
    ------
    ValueError
        If the shapes differ or have no pixel axis, or a target is neither 0 nor 1.

    Examples
    --------
    >>> logits = torch.tensor([[2.0, 2.0, -2.0, -2.0]])
    >>> lovasz_hinge_loss(logits, torch.tensor([[1, 1, 0, 0]]))
    tensor([0.])
    >>> lovasz_hinge_loss(logits, torch.tensor([[1, 0, 0, 0]]))
    tensor([1.5000])

    References
    ----------
    Berman et al., "The Lovász-Softmax loss", 2018, section 2.
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
    # sums of errors need more digits than half precision has
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    error = F.relu(1 - torch.where(positive, wide, -wide)).flatten(1)
    error, order = error.sort(dim=1, descending=True)
    inside = positive.flatten(1).gather(1, order)
    growth = jaccard_growth(inside, ~inside, wide.dtype)
    return (error * growth).sum(dim=1).to(logits.dtype)


def jaccard_growth(inside: Tensor, outside: Tensor, dtype: torch.dtype) -> Tensor:
    """Growth of 1 - IoU as the pixels inside and outside a mask turn wrong in order."""
    volume = inside.sum(dim=-1, keepdim=True)
    left = volume - inside.cumsum(dim=-1, dtype=dtype)
    union = volume + outside.cumsum(dim=-1, dtype=dtype)
    # not as the difference of two neighbours: that would lose the digits of many pixels
    growth = torch.where(inside | (union == 1), 1 / union, left / (union * (union - 1)))
    return torch.where(inside | outside, growth, 0)
