"""Class-balanced cross-entropy: weigh classes by their effective number of examples."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["class_balanced_loss", "class_balanced_weights"]


def class_balanced_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    class_counts: Tensor | Sequence[int],
    beta: float = 0.9999,
) -> Tensor:
    r"""Class-balanced softmax cross-entropy, one value per example (or pixel).

    $-w_y \log p_y$, where $p$ is the softmax of the logits and $w$ are the
    `class_balanced_weights`. Equal counts, or `beta=0`, give cross-entropy.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second. Do not apply a softmax first.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, any integer dtype.
    class_counts : Tensor or sequence, shape (C,)
        Training examples of each class, > 0. Not the counts of one batch.
    beta : float in [0, 1)
        The closer to 1, the nearer the weights come to one over the counts.

    Returns
    -------
    Tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C), `class_counts` does
        not hold C values > 0 or `beta` is outside [0, 1).

    Examples
    --------
    >>> logits, targets = torch.zeros(2, 2), torch.tensor([0, 1])
    >>> class_balanced_loss(logits, targets, class_counts=[900, 100])
    tensor([0.1437, 1.2426])

    References
    ----------
    Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", 2019,
    section 4. <https://arxiv.org/abs/1901.05555>
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
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    counts = torch.as_tensor(class_counts, dtype=wide.dtype, device=wide.device)
    if (shape := tuple(counts.shape)) != (classes,):
        raise ValueError(f"class_counts must hold {classes} values. Received: {shape}")
    weight = class_balanced_weights(counts, beta=beta)
    loss = F.cross_entropy(wide, targets.long(), weight=weight, reduction="none")
    return loss.to(logits.dtype)


def class_balanced_weights(
    class_counts: Tensor | Sequence[int], *, beta: float = 0.9999
) -> Tensor:
    r"""Weights of the classes that make up for their unequal frequency.

    $w_c \propto (1 - \beta) / (1 - \beta^{n_c})$ with mean 1. `beta=0` weighs every
    class with 1; as `beta` nears 1, the weights near $1 / n_c$ times a constant.

    Parameters
    ----------
    class_counts : Tensor or sequence, shape (C,)
        Training examples of each class, > 0. Not the counts of one batch.
    beta : float in [0, 1)
        The closer to 1, the nearer the weights come to one over the counts.

    Returns
    -------
    Tensor, shape (C,)
        Weights with sum C, without a unit; float64 for float64 counts, else float32.

    Raises
    ------
    ValueError
        If a count is not > 0 or `beta` is outside [0, 1).

    Examples
    --------
    >>> class_balanced_weights([900, 100])
    tensor([0.2073, 1.7927])

    References
    ----------
    Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", 2019,
    section 4. <https://arxiv.org/abs/1901.05555>
    """
    if not 0 <= beta < 1:
        raise ValueError(f"beta must be in [0, 1). Received: {beta}")
    counts = torch.as_tensor(class_counts)
    if not (counts > 0).all():
        raise ValueError(f"class_counts must be > 0. Received: {counts.tolist()}")
    counts = counts.to(torch.promote_types(counts.dtype, torch.float32))
    # expm1 keeps the digits of 1 - beta**n that are lost as beta nears 1
    log_beta = math.log(beta) if beta > 0 else -math.inf
    weights = -1 / torch.expm1(counts * log_beta)
    return weights / weights.mean()
