"""Squared hinge loss: hinge loss that punishes large violations more."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["squared_hinge_loss"]


def squared_hinge_loss(
    logits: Tensor, targets: Tensor, *, margin: float = 1.0
) -> Tensor:
    r"""Binary or multi-label squared hinge loss, one value per label.

    $\max(0, m - s z)^2$, where $s$ is $+1$ for label 1 and $-1$ for label 0. A score
    of 0 costs $m^2$ for either label; right by $m$ or more costs nothing.

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
        One loss per label, in units of the score squared, in the dtype of `logits`:
        float16 overflows where a score misses its margin by more than 255.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 0 nor 1 or `margin` is negative.

    Examples
    --------
    >>> squared_hinge_loss(torch.tensor([2.0, 0.5, 0.5]), torch.tensor([1, 1, 0]))
    tensor([0.0000, 0.2500, 2.2500])

    References
    ----------
    Tang, "Deep Learning using Linear Support Vector Machines", 2013, section 2.
    <https://arxiv.org/abs/1306.0239>
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
    return F.relu(margin - score).square().to(logits.dtype)
