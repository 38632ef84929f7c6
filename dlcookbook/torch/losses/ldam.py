"""LDAM loss: larger margins for rarer classes."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["ldam_loss"]


def ldam_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    class_counts: Sequence[float],
    max_margin: float = 0.5,
    scale: float = 30.0,
) -> Tensor:
    r"""Label-distribution-aware margin loss, one value per example (or pixel).

    Cross-entropy of $s\,(z - \Delta_y e_y)$: the score of the true class is lowered by
    a margin $\Delta_y = m (n_{\min} / n_y)^{1/4}$ that is largest for the rarest class.
    `max_margin=0` and `scale=1` is cross-entropy.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Cosines between features and class weights, as in the paper, or raw scores with
        `scale=1`; any floating dtype, classes second.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, any integer dtype.
    class_counts : sequence of C numbers > 0
        Examples of each class in the training set.
    max_margin : float >= 0
        Margin $m$ of the rarest class. The paper uses 0.5.
    scale : float > 0
        Factor $s$ that makes up for the small range of cosines. The paper uses 30.

    Returns
    -------
    Tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C), `class_counts` does
        not hold C positive numbers, `max_margin` is negative or `scale` not positive.

    Examples
    --------
    The same scores cost more where the class is rare:

    >>> logits, targets = torch.zeros(2, 2), torch.tensor([0, 1])
    >>> ldam_loss(logits, targets, class_counts=[10_000, 1], scale=1.0)
    tensor([0.7185, 0.9741])

    References
    ----------
    Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin
    Loss", 2019, eq. 13. <https://arxiv.org/abs/1906.07413>
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
    counts = [float(n) for n in class_counts]
    if len(counts) != classes or not all(n > 0 for n in counts):
        raise ValueError(
            f"class_counts must hold {classes} positive numbers. Received: {counts}"
        )
    if not max_margin >= 0:
        raise ValueError(f"max_margin must be >= 0. Received: {max_margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    margins = [max_margin * (min(counts) / n) ** 0.25 for n in counts]
    # half precision would round the margins away
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    margin = wide.new_tensor(margins)[targets.long()].unsqueeze(1)
    index = targets.long().unsqueeze(1)
    lowered = scale * wide.scatter_add(1, index, -margin)
    return F.cross_entropy(lowered, targets.long(), reduction="none").to(logits.dtype)
