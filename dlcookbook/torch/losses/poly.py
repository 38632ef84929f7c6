"""PolyLoss: cross-entropy with a heavier first term of its series."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["poly_bce_loss", "poly_cross_entropy_loss"]


def poly_bce_loss(logits: Tensor, targets: Tensor, *, epsilon: float = 1.0) -> Tensor:
    r"""Poly-1 binary cross-entropy, one value per label.

    $-\log p_t + \epsilon\,(1 - p_t)$, where $p_t$ is the probability given to the true
    label. `epsilon=0` is binary cross-entropy.

    Parameters
    ----------
    logits : Tensor, shape (...)
        Raw scores, any floating dtype. Do not apply a sigmoid first.
    targets : Tensor, shape (...)
        0 or 1, same shape as `logits`, any dtype.
    epsilon : float >= -1
        Extra weight of the first power of the error. The paper tunes it from -1 to 8.

    Returns
    -------
    Tensor, shape (...)
        One loss per label, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a target is neither 0 nor 1 or `epsilon` is below -1.

    Examples
    --------
    >>> poly_bce_loss(torch.tensor([2.0, -2.0]), torch.tensor([1, 1]))
    tensor([0.2461, 3.0077])

    References
    ----------
    Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss
    Functions", 2022, eq. 6. <https://arxiv.org/abs/2204.12511>
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
    # half precision would lose the small errors
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    # positive where the label is predicted right
    margin = torch.where(positive, wide, -wide)
    # 1 - p is the sigmoid of the other side: exact where p rounds to 1
    return (F.softplus(-margin) + epsilon * torch.sigmoid(-margin)).to(logits.dtype)


def poly_cross_entropy_loss(
    logits: Tensor, targets: Tensor, *, epsilon: float = 1.0
) -> Tensor:
    r"""Poly-1 cross-entropy of class indices, one value per example (or pixel).

    $-\log p_y + \epsilon\,(1 - p_y)$, where $p_y$ is the softmax probability of the
    true class. `epsilon=0` is cross-entropy.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second. Do not apply a softmax first.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, any integer dtype.
    epsilon : float >= -1
        Extra weight of the first power of the error. The paper tunes it from -1 to 8.

    Returns
    -------
    Tensor, shape (N, ...)
        One loss per example, in the dtype of `logits`.

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
    Functions", 2022, eq. 6. <https://arxiv.org/abs/2204.12511>
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
    # half precision would lose the small errors
    wide = torch.promote_types(logits.dtype, torch.float32)
    log_p = F.log_softmax(logits, dim=1, dtype=wide)
    log_p = log_p.gather(1, targets.long().unsqueeze(1)).squeeze(1)
    # expm1 keeps the digits of 1 - p where p is close to 1
    return (-log_p - epsilon * torch.expm1(log_p)).to(logits.dtype)
