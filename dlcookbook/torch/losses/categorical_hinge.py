"""Categorical hinge loss: beat the best wrong class by a margin."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["categorical_hinge_loss"]


def categorical_hinge_loss(
    logits: Tensor, targets: Tensor, *, margin: float = 1.0
) -> Tensor:
    r"""Multi-class hinge loss of Crammer and Singer, one value per example (or pixel).

    $\max(0, m + \max_{j \ne y} z_j - z_y)$. Equal scores cost $m$; a true class ahead
    of every other by $m$ or more costs nothing.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores $z$, any floating dtype, classes second. Do not apply a softmax.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, any integer dtype.
    margin : float >= 0
        Lead $m$ from which an example counts as safely right.

    Returns
    -------
    Tensor, shape (N, ...)
        One loss per example, in units of the score, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C) or `margin` is
        negative.

    Examples
    --------
    >>> logits = torch.tensor([[2.0, 0.5, -1.0], [-1.0, -3.0, -3.0]])
    >>> categorical_hinge_loss(logits, torch.tensor([1, 0]))
    tensor([2.5000, 0.0000])

    References
    ----------
    Crammer and Singer, "On the Algorithmic Implementation of Multiclass Kernel-based
    Vector Machines", 2001, section 3.
    <https://www.jmlr.org/papers/v2/crammer01a.html>
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
    if not margin >= 0:
        raise ValueError(f"margin must be >= 0. Received: {margin}")
    index = targets.long().unsqueeze(1)
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    true = wide.gather(1, index).squeeze(1)
    # a zero in place of the true score would win against negative scores
    rival = wide.scatter(1, index, -torch.inf).amax(dim=1)
    return F.relu(margin + rival - true).to(logits.dtype)
