"""LDAM loss: demand a larger margin of rarer classes."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["ldam_loss"]


def ldam_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    class_counts: Tensor | Sequence[int],
    max_margin: float = 0.5,
    scale: float = 30.0,
) -> Tensor:
    r"""Label-distribution-aware margin loss, one value per example (or pixel).

    Softmax cross-entropy of the scores $s (z_j - \Delta_j [j = y])$, where class $j$
    with $n_j$ examples has the margin $\Delta_j = m (n_{\min} / n_j)^{1/4}$.
    `max_margin=0` with `scale=1` is cross-entropy.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Cosines of the features with the weights of each class, any floating dtype,
        classes second. For logits without a bound, set `scale=1`.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, any integer dtype.
    class_counts : Tensor or sequence, shape (C,)
        Training examples of each class, > 0. Not the counts of one batch.
    max_margin : float >= 0
        Margin $m$ of the rarest class, in units of the logits.
    scale : float > 0
        Factor $s$ that makes a softmax of cosines sharp.

    Returns
    -------
    Tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C), `class_counts` does
        not hold C values > 0, `max_margin` is negative or `scale` is not > 0.

    Examples
    --------
    >>> logits, targets = torch.tensor([[0.9, 0.8], [0.9, 0.8]]), torch.tensor([0, 1])
    >>> ldam_loss(logits, targets, class_counts=[1600, 100])
    tensor([ 4.5110, 18.0000])

    References
    ----------
    Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin
    Loss", 2019, section 3. <https://arxiv.org/abs/1906.07413>
    """
    if logits.ndim < 2 or targets.shape != logits.shape[:1] + logits.shape[2:]:
        raise ValueError(
            "targets must have the shape of logits without its class axis. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    classes, index = logits.shape[1], targets.long()
    if index.numel() and not 0 <= index.min() <= index.max() < classes:
        raise ValueError(
            f"targets must be in [0, {classes}). Received: "
            f"{index.min().item()} to {index.max().item()}"
        )
    if not max_margin >= 0:
        raise ValueError(f"max_margin must be >= 0. Received: {max_margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    counts = torch.as_tensor(class_counts, dtype=wide.dtype, device=wide.device)
    if counts.shape != (classes,) or not (counts > 0).all():
        raise ValueError(
            f"class_counts must hold {classes} values > 0. Received: {counts.tolist()}"
        )
    margins = max_margin * (counts.min() / counts) ** 0.25
    true = wide.gather(1, index.unsqueeze(1)) - margins[index].unsqueeze(1)
    shifted = scale * wide.scatter(1, index.unsqueeze(1), true)
    return F.cross_entropy(shifted, index, reduction="none").to(logits.dtype)
