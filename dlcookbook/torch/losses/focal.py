"""Focal loss: down-weight what the model already gets right."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["sigmoid_focal_loss", "softmax_focal_loss"]


def sigmoid_focal_loss(
    logits: Tensor, targets: Tensor, *, alpha: float | None = None, gamma: float = 2.0
) -> Tensor:
    r"""Binary or multi-label focal loss, one value per label.

    $\mathrm{FL} = -\alpha_t (1 - p_t)^\gamma \log p_t$, where $p_t$ is the
    probability given to the true label. `gamma=0` is binary cross-entropy.

    Parameters
    ----------
    logits : Tensor, shape (...)
        Raw scores, any floating dtype. Do not apply a sigmoid first.
    targets : Tensor, shape (...)
        0 or 1, same shape as `logits`, any dtype.
    alpha : float in [0, 1], optional
        Weight of label 1; label 0 gets `1 - alpha`. None weighs both with 1.
    gamma : float >= 0
        Focus: the larger, the less an easy label counts. The paper uses 2.

    Returns
    -------
    Tensor, shape (...)
        One loss per label, in nats, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 0 nor 1, `alpha` is outside
        [0, 1] or `gamma` is negative.

    Examples
    --------
    >>> sigmoid_focal_loss(torch.tensor([2.0, -2.0]), torch.tensor([1, 1]))
    tensor([0.0018, 1.6501])

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", 2017, eq. 5.
    <https://arxiv.org/abs/1708.02002>
    """
    if logits.shape != targets.shape:
        raise ValueError(
            "targets must have the shape of logits. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    if alpha is not None and not 0 <= alpha <= 1:
        raise ValueError(f"alpha must be in [0, 1]. Received: {alpha}")
    if not gamma >= 0:
        raise ValueError(f"gamma must be >= 0. Received: {gamma}")
    positive = targets == 1
    if not (positive | (targets == 0)).all():
        raise ValueError(f"targets must be 0 or 1. Received: {targets.unique()}")
    # half precision would overflow in the gradient of a hard label
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    # positive where the label is predicted right
    margin = torch.where(positive, wide, -wide)
    # (1 - p)^gamma in logs: its gradient stays finite for every gamma
    loss = -torch.exp(gamma * F.logsigmoid(-margin)) * F.logsigmoid(margin)
    if alpha is not None:
        loss = torch.where(positive, alpha * loss, (1 - alpha) * loss)
    return loss.to(logits.dtype)


def softmax_focal_loss(
    logits: Tensor, targets: Tensor, *, alpha: Tensor | None = None, gamma: float = 2.0
) -> Tensor:
    r"""Multi-class focal loss, one value per example (or pixel).

    $\mathrm{FL} = -\alpha_y (1 - p_y)^\gamma \log p_y$, where $p_y$ is the softmax
    probability of the true class $y$. `gamma=0` is cross-entropy.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second. Do not apply a softmax first.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, any integer dtype.
    alpha : Tensor, shape (C,), optional
        Weight of each class, >= 0. None weighs every class with 1.
    gamma : float >= 0
        Focus: the larger, the less an easy example counts. The paper uses 2.

    Returns
    -------
    Tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C), `alpha` does not
        hold C values or `gamma` is negative.

    Examples
    --------
    >>> logits = torch.tensor([[2.0, 0.0, -1.0], [2.0, 0.0, -1.0]])
    >>> softmax_focal_loss(logits, torch.tensor([0, 2]))
    tensor([0.0041, 2.9091])

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", 2017, eq. 5, with the softmax
    in place of the sigmoid. <https://arxiv.org/abs/1708.02002>
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
    if alpha is not None and alpha.shape != (classes,):
        raise ValueError(
            f"alpha must hold {classes} values. Received: shape {tuple(alpha.shape)}"
        )
    if not gamma >= 0:
        raise ValueError(f"gamma must be >= 0. Received: {gamma}")
    index = targets.long().unsqueeze(1)
    # half precision would overflow in the gradient of a hard example
    wide = torch.promote_types(logits.dtype, torch.float32)
    log_p = F.log_softmax(logits, dim=1, dtype=wide)
    true = log_p.gather(1, index)
    # log(1 - p) as the sum over the other classes: exact where p rounds to 1
    others = log_p.scatter(1, index, -torch.inf).logsumexp(dim=1, keepdim=True)
    loss = (-torch.exp(gamma * others) * true).squeeze(1)
    if alpha is not None:
        loss = alpha.to(loss)[targets.long()] * loss
    return loss.to(logits.dtype)
