"""PolyLoss: cross-entropy with an adjustable weight on its leading term."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["poly_bce_loss", "poly_cross_entropy_loss"]


def poly_bce_loss(logits: Tensor, targets: Tensor, *, epsilon: float = 1.0) -> Tensor:
    r"""Binary or multi-label Poly-1 loss, one value per label.

    $-\log p_t + \epsilon (1 - p_t)$, where $p_t$ is the probability given to the true
    label. `epsilon=0` is binary cross-entropy.

    Parameters
    ----------
    logits : Tensor, shape (...)
        Raw scores, any floating dtype. Do not apply a sigmoid first.
    targets : Tensor, shape (...)
        0 or 1, same shape as `logits`, any dtype.
    epsilon : float >= -1
        Added to the weight 1 of the leading term $1 - p_t$ of cross-entropy. Below -1,
        a small mistake would be rewarded.

    Returns
    -------
    Tensor, shape (...)
        One loss per label, in nats, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 0 nor 1 or `epsilon` is below -1.

    Examples
    --------
    >>> poly_bce_loss(torch.tensor([2.0, -2.0]), torch.tensor([1, 1]))
    tensor([0.2461, 3.0077])

    References
    ----------
    Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss
    Functions", 2022, section 4. <https://arxiv.org/abs/2204.12511>
    """
    if logits.shape != targets.shape:
        raise ValueError(
            "targets must have the shape of logits. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    if not epsilon >= -1:
        raise ValueError(f"epsilon must be >= -1. Received: {epsilon}")
    positive = targets == 1
    if not (positive | (targets == 0)).all():
        raise ValueError(f"targets must be 0 or 1. Received: {targets.unique()}")
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    log_p = F.logsigmoid(torch.where(positive, wide, -wide))
    # 1 - p, exact where p rounds to 1
    loss = -log_p - epsilon * torch.expm1(log_p)
    return loss.to(logits.dtype)


def poly_cross_entropy_loss(
    logits: Tensor, targets: Tensor, *, epsilon: float = 1.0
) -> Tensor:
    r"""Multi-class Poly-1 loss, one value per example (or pixel).

    $-\log p_y + \epsilon (1 - p_y)$, where $p_y$ is the softmax probability of the
    true class $y$. `epsilon=0` is cross-entropy.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second. Do not apply a softmax first.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, any integer dtype.
    epsilon : float >= -1
        Added to the weight 1 of the leading term $1 - p_y$ of cross-entropy. Below -1,
        a small mistake would be rewarded.

    Returns
    -------
    Tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C) or `epsilon` is below
        -1.

    Examples
    --------
    >>> logits = torch.tensor([[2.0, 0.0, -1.0], [2.0, 0.0, -1.0]])
    >>> poly_cross_entropy_loss(logits, torch.tensor([0, 2]))
    tensor([0.3261, 4.1278])

    References
    ----------
    Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss
    Functions", 2022, section 4. <https://arxiv.org/abs/2204.12511>
    """
    if logits.ndim < 2 or targets.shape != logits.shape[:1] + logits.shape[2:]:
        raise ValueError(
            "targets must have the shape of logits without its class axis. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    classes = logits.shape[1]
    if targets.numel() and not 0 <= targets.min() <= targets.max() < classes:
        raise ValueError(
            f"targets must be in [0, {classes}). Received: "
            f"{targets.min().item()} to {targets.max().item()}"
        )
    if not epsilon >= -1:
        raise ValueError(f"epsilon must be >= -1. Received: {epsilon}")
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    cross_entropy = F.cross_entropy(wide, targets.long(), reduction="none")
    # 1 - p, exact where p rounds to 1
    loss = cross_entropy - epsilon * torch.expm1(-cross_entropy)
    return loss.to(logits.dtype)
