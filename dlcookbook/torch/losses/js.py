"""Jensen-Shannon divergence: a symmetric and bounded distance of two distributions."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["js_divergence_loss"]


def js_divergence_loss(logits: Tensor, target_probabilities: Tensor) -> Tensor:
    r"""Jensen-Shannon divergence of prediction and target, one value per example.

    $\frac12 \mathrm{KL}(t \Vert m) + \frac12 \mathrm{KL}(q \Vert m)$ with $q$ the
    softmax of the logits and $m = \frac12(t + q)$. It is $\ln 2$ at most.

    Parameters
    ----------
    logits : Tensor, shape (N, C, ...)
        Raw scores, any floating dtype, classes second. Do not apply a softmax first.
    target_probabilities : Tensor, shape (N, C, ...)
        What the prediction should be: >= 0, adding up to 1 over the classes.
        Probabilities, not their logarithms.

    Returns
    -------
    Tensor, shape (N, ...)
        One divergence per example, from 0 to 0.6931 up to rounding, in nats, in the
        dtype of `logits`. Its square root is a metric.

    Raises
    ------
    ValueError
        If the shapes differ, a target is negative or the targets of an example miss
        the sum of 1 by more than 0.01.

    Examples
    --------
    >>> logits = torch.tensor([[0.0, 0.0], [100.0, 0.0]])
    >>> js_divergence_loss(logits, torch.tensor([[0.5, 0.5], [0.0, 1.0]]))
    tensor([0.0000, 0.6931])

    References
    ----------
    Lin, "Divergence Measures Based on the Shannon Entropy", 1991, eq. 3.4 and 4.1.
    <https://doi.org/10.1109/18.61115>
    """
    if logits.ndim < 2 or target_probabilities.shape != logits.shape:
        raise ValueError(
            "target_probabilities must have the shape (N, C, ...) of logits. Received: "
            f"{tuple(target_probabilities.shape)}, logits {tuple(logits.shape)}"
        )
    wide = torch.promote_types(logits.dtype, torch.float32)
    target = target_probabilities.to(wide)
    total = target.sum(dim=1)
    if not ((target >= 0).all() and ((total - 1).abs() <= 0.01).all()):
        raise ValueError(
            "target_probabilities must be >= 0 and add up to 1. Received: from "
            f"{target.min().item()}, sums {total.min().item()} to {total.max().item()}"
        )
    log_q = F.log_softmax(logits, dim=1, dtype=wide)
    gap = torch.where(target > 0, target, 1).log() - log_q
    # ln(t / m) = ln 2 + logsigmoid(ln t - ln q), and likewise for q: with the ln 2
    # summed apart, the gradient of a sure and wrong prediction keeps its digits
    terms = target * F.logsigmoid(gap) + log_q.exp() * F.logsigmoid(-gap)
    terms = torch.where(target > 0, terms, 0).sum(dim=1)
    return ((terms + math.log(2) * (1 + total)) / 2).to(logits.dtype)
