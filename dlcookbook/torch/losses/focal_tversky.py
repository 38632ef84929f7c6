"""Focal Tversky loss: a power that shifts the gradient between good and bad masks."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["binary_focal_tversky_loss", "focal_tversky_loss"]


def focal_tversky_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    alpha: float = 0.3,
    beta: float = 0.7,
    gamma: float = 4 / 3,
    smooth: float = 1.0,
    absent: str = "count",
    ignore_index: int | None = None,
) -> Tensor:
    r"""Multi-class focal Tversky loss, one value per image: the mean over its classes.

    $(1 - T)^{1 / \gamma}$ for each class, with the Tversky index of its soft counts in
    one image, $T = (TP + s) / (TP + \alpha FP + \beta FN + s)$. `gamma=1` is Tversky.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores before any softmax, any floating dtype, at least one pixel axis.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`, any integer dtype.
    alpha, beta : float >= 0
        Price of a false alarm (FP) and of a miss (FN). The paper swaps the letters.
    gamma : float > 0
        The exponent is `1 / gamma`, as in the paper; their code calls 0.75 gamma.
        Above 1, masks that are nearly right gain gradient; below 1, bad ones do.
    smooth : float >= 0
        $s$, in pixels. With 0, nothing pushes predictions down where a class is absent.
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
        If the shapes do not fit, or a class index or an option is out of range.

    Examples
    --------
    >>> logits = torch.tensor([[[9.0, 9.0, -9.0], [-9.0, -9.0, 9.0]]])
    >>> focal_tversky_loss(logits, torch.tensor([[0, 1, 1]]), smooth=0.0)
    tensor([0.4235])

    References
    ----------
    Abraham and Khan, "A novel Focal Tversky loss function with improved Attention U-Net
    for lesion segmentation", 2019. <https://arxiv.org/abs/1810.07842>
    """
    if logits.ndim < 3 or targets.shape != logits.shape[:1] + logits.shape[2:]:
        raise ValueError(
            "targets must have the shape of logits (N, C, ...) without its class axis. "
            f"Received: logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    for name, value in (("alpha", alpha), ("beta", beta), ("smooth", smooth)):
        if not value >= 0:
            raise ValueError(f"{name} must be >= 0. Received: {value}")
    if not gamma > 0:
        raise ValueError(f"gamma must be > 0. Received: {gamma}")
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
    index, shade = labels.unsqueeze(1), ignored.unsqueeze(1)
    p = F.softmax(logits.flatten(2), dim=1, dtype=wide).masked_fill(shade, 0)
    false = p.scatter(1, index, 0)
    # a miss is 1 - p as the sum over the other classes: exact where p rounds to 1
    missed = false.sum(dim=1, keepdim=True)
    error = (alpha * false).scatter(1, index, beta * missed).sum(dim=2)
    size = (p - false).sum(dim=2) + error + smooth
    # 0 / 0 where nobody saw the class; a smaller bound would overflow in the gradient
    loss = root(error / torch.where(size > 1e-37, size, 1), gamma)
    volume = labels.new_zeros(p.shape[:2]).scatter_add(1, labels, (~ignored).long())
    counted = (volume > 0) | (absent == "count")
    mean = (loss * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1)
    return mean.to(logits.dtype)


def binary_focal_tversky_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    alpha: float = 0.3,
    beta: float = 0.7,
    gamma: float = 4 / 3,
    smooth: float = 1.0,
) -> Tensor:
    r"""Focal Tversky loss of a mask, one value per image.

    $(1 - T)^{1 / \gamma}$, $T = (TP + s) / (TP + \alpha FP + \beta FN + s)$, with soft
    counts over everything but the first axis. `gamma=1` is Tversky loss.

    Parameters
    ----------
    logits : Tensor, shape (N, ...)
        Raw scores, any floating dtype. Do not apply a sigmoid first.
    targets : Tensor, shape (N, ...)
        0 or 1, same shape as `logits`, any dtype.
    alpha, beta, gamma, smooth : float >= 0, `gamma` > 0
        Prices, focus and smoothing, as in `focal_tversky_loss`.

    Returns
    -------
    Tensor, shape (N,)
        One loss per image, 0 to 1, in the dtype of `logits`; 0 if both are empty.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a target or an option is out of range.

    Examples
    --------
    >>> # a false alarm, then a miss
    >>> logits = torch.tensor([[20.0, 20.0], [20.0, -20.0]])
    >>> binary_focal_tversky_loss(logits, torch.tensor([[1, 0], [1, 1]]))
    tensor([0.2170, 0.3633])

    References
    ----------
    Abraham and Khan, 2019. <https://arxiv.org/abs/1810.07842>
    """
    if logits.ndim < 2 or logits.shape != targets.shape:
        raise ValueError(
            "targets must have the shape (N, ...) of logits. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    for name, value in (("alpha", alpha), ("beta", beta), ("smooth", smooth)):
        if not value >= 0:
            raise ValueError(f"{name} must be >= 0. Received: {value}")
    if not gamma > 0:
        raise ValueError(f"gamma must be > 0. Received: {gamma}")
    positive = targets == 1
    if not (positive | (targets == 0)).all():
        raise ValueError(f"targets must be 0 or 1. Received: {targets.unique()}")
    # half precision would overflow in the sum over a mask of 512 x 512
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    hit = torch.where(positive, wide.sigmoid(), 0).flatten(1).sum(dim=1)
    # |p - y| as a sigmoid of its own: exact where p rounds to 1
    wrong = torch.where(positive, -wide, wide).sigmoid()
    error = torch.where(positive, beta * wrong, alpha * wrong).flatten(1).sum(dim=1)
    size = hit + error + smooth
    # 0 / 0 where both are empty; a smaller bound would overflow in the gradient
    loss = root(error / torch.where(size > 1e-37, size, 1), gamma)
    return loss.to(logits.dtype)


def root(x: Tensor, gamma: float) -> Tensor:
    """Take x^(1 / gamma), infinitely steep at 0, where x comes by underflow alone."""
    some = x > 1e-37
    return torch.where(some, torch.where(some, x, 1) ** (1 / gamma), 0)
