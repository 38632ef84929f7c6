"""Generalized cross-entropy: trust examples less whose label looks wrong."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["generalized_cross_entropy_loss"]


def generalized_cross_entropy_loss(
    logits: Tensor, targets: Tensor, *, q: float = 0.7
) -> Tensor:
    r"""Multi-class loss for noisy labels, one value per example (or pixel).

    $(1 - p_y^q) / q$, where $p_y$ is the softmax probability of the labelled class
    $y$. `q=0` is its limit, cross-entropy; `q=1` is $1 - p_y$, half the absolute error
    of the probabilities.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second. Do not apply a softmax first.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1, any integer dtype.
    q : float in [0, 1]
        The larger, the less an example weighs whose label the model does not believe:
        its gradient is that of cross-entropy times $p_y^q$. The paper uses 0.7.

    Returns
    -------
    Tensor, shape (N, ...)
        One loss per example, from 0 to 1 / q, in the dtype of `logits`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C) or `q` is outside
        [0, 1].

    Examples
    --------
    >>> logits = torch.tensor([[2.0, 0.0, -1.0], [2.0, 0.0, -1.0]])
    >>> generalized_cross_entropy_loss(logits, torch.tensor([0, 2]))
    tensor([0.1601, 1.2732])

    References
    ----------
    Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks
    with Noisy Labels", 2018, section 3. <https://arxiv.org/abs/1805.07836>
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
    if not 0 <= q <= 1:
        raise ValueError(f"q must be in [0, 1]. Received: {q}")
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    loss = F.cross_entropy(wide, targets.long(), reduction="none")
    if q > 0:
        # the power of p in logs: a slope where p underflows, digits where q is small
        loss = -torch.expm1(-q * loss) / q
    return loss.to(logits.dtype)
