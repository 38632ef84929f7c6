"""KL divergence: how far a predicted distribution is from a given one."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["kl_divergence_loss"]


def kl_divergence_loss(logits: Tensor, target_probabilities: Tensor) -> Tensor:
    r"""KL divergence of the prediction from the target, one value per example.

    $\mathrm{KL}(t \Vert q) = \sum_c t_c \ln\frac{t_c}{q_c}$ with $q$ the softmax of
    the logits and $0 \ln 0 = 0$. For one-hot targets it is cross-entropy.

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
        One divergence per example, >= 0 up to rounding, in nats, in the dtype of
        `logits`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is negative or the targets of an example miss
        the sum of 1 by more than 0.01.

    Examples
    --------
    >>> logits = torch.tensor([[0.0, 0.0], [0.0, 0.0]])
    >>> kl_divergence_loss(logits, torch.tensor([[0.5, 0.5], [0.0, 1.0]]))
    tensor([0.0000, 0.6931])

    References
    ----------
    Kullback, Leibler, "On Information and Sufficiency", 1951, eq. 2.4.
    <https://doi.org/10.1214/aoms/1177729694>
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
    # the inner one keeps log 0 out of the gradient, the outer one 0 * inf
    log_t = torch.where(target > 0, target, 1).log()
    terms = torch.where(target > 0, target * (log_t - log_q), 0)
    return terms.sum(dim=1).to(logits.dtype)
