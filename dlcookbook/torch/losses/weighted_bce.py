"""Binary cross-entropy with a weight for the positives and label smoothing."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["weighted_bce_loss"]


def weighted_bce_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    pos_weight: float | Tensor | Sequence[float] | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    r"""Weighted binary or multi-label cross-entropy, one value per label.

    $-w q \log p - (1 - q) \log(1 - p)$, where $p$ is the sigmoid of the logit and
    $q = (1 - \epsilon) y + \epsilon / 2$. A logit of 0 costs $\log 2$ for label 0 and
    $w \log 2$ for label 1 (without smoothing).

    Parameters
    ----------
    logits : Tensor, shape (...)
        Raw scores, any floating dtype. Do not apply a sigmoid first.
    targets : Tensor, shape (...)
        Labels $y$ from 0 to 1, soft ones too; same shape as `logits`, any dtype.
    pos_weight : float or Tensor or sequence, shape () or (C,) or (C, 1, ...), optional
        Weight $w$ of label 1, >= 0; negatives per positive is the usual choice. It
        is broadcast against the last axes of `logits`. None weighs both labels with 1.
    label_smoothing : float in [0, 1]
        Share $\epsilon$ of a label that is replaced by one half.

    Returns
    -------
    Tensor, shape (...)
        One loss per label, in nats, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is outside [0, 1], `pos_weight` does not fit
        the last axes of `logits` or `label_smoothing` is outside [0, 1].

    Examples
    --------
    >>> logits, targets = torch.tensor([0.0, 2.0]), torch.tensor([1, 0])
    >>> weighted_bce_loss(logits, targets, pos_weight=3.0)
    tensor([2.0794, 2.1269])

    References
    ----------
    King and Zeng, "Logistic Regression in Rare Events Data", 2001, section 4.2.
    <https://doi.org/10.1093/oxfordjournals.pan.a004868>
    """
    if logits.shape != targets.shape:
        raise ValueError(
            "targets must have the shape of logits. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    if not ((targets >= 0) & (targets <= 1)).all():
        raise ValueError(f"targets must be in [0, 1]. Received: {targets.unique()}")
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing not in [0, 1]. Received: {label_smoothing}")
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    weight = 1.0 if pos_weight is None else pos_weight
    weight = torch.as_tensor(weight, dtype=wide.dtype, device=wide.device)
    last = logits.shape[logits.ndim - weight.ndim :]
    if len(last) != weight.ndim or any(
        w not in (1, n) for w, n in zip(weight.shape, last, strict=True)
    ):
        raise ValueError(
            "pos_weight must fit the last axes of logits. Received: pos_weight "
            f"{tuple(weight.shape)}, logits {tuple(logits.shape)}"
        )
    q = (1 - label_smoothing) * targets.to(wide) + label_smoothing / 2
    loss = -weight * q * F.logsigmoid(wide) - (1 - q) * F.logsigmoid(-wide)
    return loss.to(logits.dtype)
