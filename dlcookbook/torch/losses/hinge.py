"""Hinge loss: ask a binary score to be right by a margin."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["hinge_loss"]


def hinge_loss(logits: Tensor, targets: Tensor, *, margin: float = 1.0) -> Tensor:
    r"""Binary or multi-label hinge loss, one value per label.

    $\max(0, m - s z)$, where $s$ is $+1$ for label 1 and $-1$ for label 0. A score of
    0 costs $m$ for either label; right by $m$ or more costs nothing.

    Parameters
    ----------
    logits : Tensor, shape (...)
        Raw scores $z$, any floating dtype. Do not apply a sigmoid or tanh.
    targets : Tensor, shape (...)
        0 or 1, not -1 or 1; same shape as `logits`, any dtype.
    margin : float >= 0
        Score $m$ from which an example counts as safely right.

    Returns
    -------
    Tensor, shape (...)
        One loss per label, in units of the score, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 0 nor 1 or `margin` is negative.

    Examples
    --------
    >>> hinge_loss(torch.tensor([2.0, 0.5, 0.5]), torch.tensor([1, 1, 0]))
    tensor([0.0000, 0.5000, 1.5000])

    References
    ----------
    Cortes and Vapnik, "Support-Vector Networks", 1995, section 3.
    <https://doi.org/10.1007/BF00994018>
    """
    if logits.shape != targets.shape:
        raise ValueError(
            "targets must have the shape of logits. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    if not margin >= 0:
        raise ValueError(f"margin must be >= 0. Received: {margin}")
    positive = targets == 1
    if not (positive | (targets == 0)).all():
        raise ValueError(f"targets must be 0 or 1. Received: {targets.unique()}")
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    # positive where the label is predicted right
    score = torch.where(positive, wide, -wide)
    return F.relu(margin - score).to(logits.dtype)
