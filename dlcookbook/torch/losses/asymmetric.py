"""Asymmetric loss: multi-label loss that forgets the many easy negatives."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["asymmetric_loss"]


def asymmetric_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    gamma_positive: float = 0.0,
    gamma_negative: float = 4.0,
    clip: float = 0.05,
) -> Tensor:
    r"""Multi-label asymmetric loss, one value per label.

    $-(1 - p)^{\gamma_+} \log p$ for label 1, $-p_m^{\gamma_-} \log(1 - p_m)$ for label
    0, where $p$ is the sigmoid of the logit and $p_m = \max(p - m, 0)$. `clip=0` with
    equal gammas is focal loss, with gammas of 0 binary cross-entropy.

    Parameters
    ----------
    logits : Tensor, shape (...)
        Raw scores, any floating dtype. Do not apply a sigmoid first.
    targets : Tensor, shape (...)
        0 or 1, same shape as `logits`, any dtype.
    gamma_positive : float >= 0
        Focus $\gamma_+$ on label 1: the larger, the less an easy one counts.
    gamma_negative : float >= 0
        Focus $\gamma_-$ on label 0: the larger, the less an easy one counts.
    clip : float in [0, 1)
        Probability $m$ up to which label 0 costs nothing and has no gradient.

    Returns
    -------
    Tensor, shape (...)
        One loss per label, in nats, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 0 nor 1, a gamma is negative or
        `clip` is outside [0, 1).

    Examples
    --------
    >>> logits, targets = torch.tensor([-2.0, 0.0, 2.0]), torch.tensor([1, 0, 0])
    >>> asymmetric_loss(logits, targets)
    tensor([2.1269, 0.0245, 0.8464])

    References
    ----------
    Ridnik et al., "Asymmetric Loss For Multi-Label Classification", 2021, section 2.
    <https://arxiv.org/abs/2009.14119>
    """
    if logits.shape != targets.shape:
        raise ValueError(
            "targets must have the shape of logits. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    if not (gamma_positive >= 0 and gamma_negative >= 0):
        raise ValueError(
            "gamma_positive and gamma_negative must be >= 0. Received: "
            f"{gamma_positive}, {gamma_negative}"
        )
    if not 0 <= clip < 1:
        raise ValueError(f"clip must be in [0, 1). Received: {clip}")
    positive = targets == 1
    if not (positive | (targets == 0)).all():
        raise ValueError(f"targets must be 0 or 1. Received: {targets.unique()}")
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    log_p, log_q = F.logsigmoid(wide), F.logsigmoid(-wide)
    loss = -torch.exp(gamma_positive * log_q) * log_p
    if clip > 0:
        over = torch.sigmoid(wide) - clip
        # log 1 where clipped: 0, with a slope of 0
        log_p = torch.where(over > 0, over, 1).log()
        log_q = torch.where(over > 0, torch.sigmoid(-wide) + clip, 1).log()
    loss = torch.where(positive, loss, -torch.exp(gamma_negative * log_p) * log_q)
    return loss.to(logits.dtype)
