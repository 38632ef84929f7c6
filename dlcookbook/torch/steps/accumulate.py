"""Accumulation: the gradient of a large batch from small ones, also uneven ones."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

__all__ = ["accumulate"]


def accumulate(
    parts: Iterable[Any],
    loss_of: Callable[[Any], Tensor],
    weight_of: Callable[[Any], float],
    backward: Callable[[Tensor], Any] = Tensor.backward,
) -> Tensor:
    r"""$\nabla \sum_i w_i L_i / \sum_i w_i$, added to `.grad` part by part.

    $L_i$ is the mean loss of part $i$ and $w_i$ what that mean was divided by: then it
    is the mean over all of them. Parts of one size have $w_i = 1$, and $L_i / n$
    is right; for any others a mean of means is not. Exact but for BatchNorm, which
    normalises each part by itself, and for dropout's random numbers.

    Parameters
    ----------
    parts : iterable
        Small batches of one step, the last of any size. They are all held at once.
    loss_of : callable
        From a part to the mean loss of it: model and loss function.
    weight_of : callable
        From a part to what its mean was divided by: `len(labels)`, or for tokens
        `(labels != -100).sum()`; never the `len` of a pair, which is 2. A part of
        weight 0 is skipped.
    backward : callable
        What to do with a share of the loss. With a `GradScaler`:
        `lambda loss: scaler.scale(loss).backward()`.

    Returns
    -------
    Tensor, shape ()
        The mean loss of the large batch, without a graph, in float32 at least.

    Raises
    ------
    ValueError
        If a weight is negative, the sum of all is 0 or infinite, or a loss no scalar.

    Examples
    --------
    >>> w = torch.tensor(0.0, requires_grad=True)
    >>> parts = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([10.0])
    >>> loss = accumulate(parts, lambda x: (w * x).mean(), len)
    >>> w.grad, torch.cat(parts).mean()
    (tensor(4.), tensor(4.))

    References
    ----------
    Ott et al., "Scaling Neural Machine Translation", 2018, section 3: delayed updates.
    <https://arxiv.org/abs/1806.00187>
    """
    parts = list(parts)
    weights = [float(weight_of(part)) for part in parts]
    if not all(0 <= weight < float("inf") for weight in weights):
        raise ValueError(f"weight_of must give numbers >= 0. Received: {weights}")
    total = sum(weights)
    if not 0 < total < float("inf"):
        raise ValueError(f"parts must have a finite weight. Received: {total}")
    mean = torch.zeros(())
    for part, weight in zip(parts, weights, strict=True):
        if weight == 0:  # its mean may be 0 / 0
            continue
        loss = loss_of(part)
        if loss.ndim:
            raise ValueError(f"loss_of must give one number. Received: {loss.shape}")
        share = loss * (weight / total)
        backward(share)
        mean = mean + share.detach()
    return mean
