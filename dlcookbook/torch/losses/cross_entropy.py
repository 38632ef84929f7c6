"""Cross-entropy with class weights, ignored labels, smoothing and soft targets."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["cross_entropy_loss", "mean_cross_entropy_loss", "soft_cross_entropy_loss"]


def cross_entropy_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    class_weights: Tensor | Sequence[float] | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    r"""Cross-entropy of class indices, one value per example (or pixel).

    $-\sum_c w_c q_c \log p_c$, where $p$ is the softmax of the logits and $q$ gives the
    true class $1 - \epsilon + \epsilon / C$ and every other $\epsilon / C$. Equal
    logits cost $\log C$ if all weights are 1.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second. Do not apply a softmax first.
        -inf rules a class out; with smoothing, the loss of a ruled-out class is inf.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1 or `ignore_index`, any integer dtype.
    class_weights : Tensor or sequence, shape (C,), optional
        Weight $w$ of each class, >= 0. None weighs every class with 1.
    ignore_index : int, optional
        Label of examples that cost nothing. None ignores no example.
    label_smoothing : float in [0, 1]
        Probability $\epsilon$ that is spread evenly over all classes.

    Returns
    -------
    Tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `logits`; 0 where ignored.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class index is outside [0, C), `class_weights` does
        not hold C values or `label_smoothing` is outside [0, 1].

    Examples
    --------
    >>> logits = torch.tensor([[2.0, 0.0, -1.0], [2.0, 0.0, -1.0]])
    >>> cross_entropy_loss(logits, torch.tensor([0, 255]), ignore_index=255)
    tensor([0.1698, 0.0000])

    References
    ----------
    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015,
    section 7. <https://arxiv.org/abs/1512.00567>
    """
    if logits.ndim < 2 or targets.shape != logits.shape[:1] + logits.shape[2:]:
        raise ValueError(
            "targets must have the shape of logits without its class axis. Received: "
            f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}"
        )
    classes, index = logits.shape[1], targets.long()
    kept = index if ignore_index is None else index[index != ignore_index]
    if kept.numel() and not 0 <= kept.min() <= kept.max() < classes:
        raise ValueError(
            f"targets must be in [0, {classes}). Received: "
            f"{kept.min().item()} to {kept.max().item()}"
        )
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing not in [0, 1]. Received: {label_smoothing}")
    wide = torch.promote_types(logits.dtype, torch.float32)
    weight = torch.ones(classes) if class_weights is None else class_weights
    weight = torch.as_tensor(weight, dtype=wide, device=logits.device)
    if (shape := tuple(weight.shape)) != (classes,):
        raise ValueError(f"class_weights must hold {classes} values. Received: {shape}")
    log_p = F.log_softmax(logits, dim=1, dtype=wide)
    # an index that no checked label has ignores nothing
    skip = -1 if ignore_index is None else ignore_index
    loss = F.nll_loss(log_p, index, weight, ignore_index=skip, reduction="none")
    if label_smoothing > 0:
        # a class of weight 0 costs nothing even where it is ruled out
        even = torch.where(weight == 0, 0, weight * log_p.movedim(1, -1)).mean(dim=-1)
        even = even.masked_fill(index == skip, 0)
        loss = (1 - label_smoothing) * loss - label_smoothing * even
    return loss.to(logits.dtype)


def mean_cross_entropy_loss(
    logits: Tensor,
    targets: Tensor,
    *,
    class_weights: Tensor | Sequence[float] | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    r"""Weighted mean of the cross-entropy over the examples that are not ignored.

    $\sum_i \ell_i / \sum_i w_{y_i}$: the mean of `torch.nn.CrossEntropyLoss` for class
    indices, and of Keras with `reduction="mean_with_sample_weight"`. Keras divides by
    the number of examples by default, as torch does for probabilities. If nothing is
    kept, it is 0 with gradient 0, where torch has NaN.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second. Do not apply a softmax first.
    targets : Tensor, shape (N, ...)
        Class indices from 0 to C - 1 or `ignore_index`, any integer dtype.
    class_weights : Tensor or sequence, shape (C,), optional
        Weight $w$ of each class, >= 0. None weighs every class with 1.
    ignore_index : int, optional
        Label of examples that cost nothing. None ignores no example.
    label_smoothing : float in [0, 1]
        Probability $\epsilon$ that is spread evenly over all classes.

    Returns
    -------
    Tensor, shape ()
        Mean loss, in nats, in the dtype of `logits`.

    Examples
    --------
    >>> logits, targets = torch.tensor([[2.0, 0.0], [2.0, 0.0]]), torch.tensor([0, 1])
    >>> mean_cross_entropy_loss(logits, targets, class_weights=[1.0, 3.0])
    tensor(1.6269)

    References
    ----------
    PyTorch, "CrossEntropyLoss", reduction "mean" of class indices.
    <https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html>
    """
    # half precision would overflow in the sum
    losses = cross_entropy_loss(
        logits.to(torch.promote_types(logits.dtype, torch.float32)),
        targets,
        class_weights=class_weights,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
    )
    weights = torch.ones_like(losses)
    if class_weights is not None:
        index = targets.long().clamp(0, logits.shape[1] - 1)
        weights = torch.as_tensor(
            class_weights, dtype=losses.dtype, device=index.device
        )[index]
    if ignore_index is not None:
        weights = weights.masked_fill(targets == ignore_index, 0)
    total = weights.sum()
    # dividing by inf makes the value and its gradient 0
    return (losses.sum() / torch.where(total > 0, total, torch.inf)).to(logits.dtype)


def soft_cross_entropy_loss(
    logits: Tensor,
    target_probabilities: Tensor,
    *,
    class_weights: Tensor | Sequence[float] | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    r"""Cross-entropy of class probabilities, one value per example (or pixel).

    $-\sum_c w_c q_c \log p_c$, where $p$ is the softmax of the logits and $q$ are the
    target probabilities after smoothing. A class with $q_c = 0$ costs nothing, even
    where it is ruled out by a logit of -inf. One-hot targets give `cross_entropy_loss`.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second. Do not apply a softmax first.
    target_probabilities : Tensor, shape (N, C, ...)
        Probabilities that add up to 1 over the classes (to 1 %), any dtype. Not labels
        of which several may be 1: these need a binary loss.
    class_weights : Tensor or sequence, shape (C,), optional
        Weight $w$ of each class, >= 0. None weighs every class with 1.
    label_smoothing : float in [0, 1]
        Probability $\epsilon$ that is spread evenly over all classes.

    Returns
    -------
    Tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `logits`. With class weights,
        divide by what your mean calls for: torch divides by the number of examples.

    Raises
    ------
    ValueError
        If the shapes differ, a target is negative or a sum is not 1, `class_weights`
        does not hold C values or `label_smoothing` is outside [0, 1].

    Examples
    --------
    >>> logits = torch.tensor([[2.0, 0.0, -1.0]])
    >>> soft_cross_entropy_loss(logits, torch.tensor([[0.7, 0.3, 0.0]]))
    tensor([0.7698])

    References
    ----------
    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015,
    section 7. <https://arxiv.org/abs/1512.00567>
    """
    if logits.ndim < 2 or target_probabilities.shape != logits.shape:
        raise ValueError(
            "target_probabilities must have the shape of logits. Received: logits "
            f"{tuple(logits.shape)}, targets {tuple(target_probabilities.shape)}"
        )
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing not in [0, 1]. Received: {label_smoothing}")
    wide = torch.promote_types(logits.dtype, torch.float32)
    q = target_probabilities.to(wide).movedim(1, -1)
    sums = q.sum(dim=-1)
    if not ((q >= 0).all() and ((sums - 1).abs() <= 0.01).all()):
        raise ValueError(
            "target_probabilities must be >= 0 and add up to 1 over the classes. "
            f"Received: values from {q.min()}, sums from {sums.min()} to {sums.max()}"
        )
    classes = logits.shape[1]
    weight = torch.ones(classes) if class_weights is None else class_weights
    weight = torch.as_tensor(weight, dtype=wide, device=logits.device)
    if (shape := tuple(weight.shape)) != (classes,):
        raise ValueError(f"class_weights must hold {classes} values. Received: {shape}")
    q = weight * ((1 - label_smoothing) * q + label_smoothing / classes)
    log_p = F.log_softmax(logits, dim=1, dtype=wide).movedim(1, -1)
    # 0 log 0 is 0
    return -torch.where(q == 0, 0, q * log_p).sum(dim=-1).to(logits.dtype)
