"""Perplexity: among how many equally likely tokens a language model hesitates."""

import math
from typing import Self

import torch
from torch import Tensor

__all__ = ["Perplexity", "perplexity"]


class Perplexity:
    r"""Perplexity of as many batches as there are.

    $\exp(-\operatorname{mean} \ln p(y))$ over all tokens of all batches, long texts and
    short ones. A model that knows nothing has one of the size of the vocabulary, a
    perfect one 1. Its logarithm to base 2 is the number of bits per token.

    Parameters
    ----------
    ignore_index : int, optional
        Target to leave out, such as the padding.

    Examples
    --------
    >>> metric = Perplexity(ignore_index=-100)
    >>> metric.update(torch.zeros(1, 2, 3), torch.tensor([[0, -100]]))
    >>> metric.update(torch.zeros(1, 2, 3), torch.tensor([[1, 2]]))
    >>> metric.compute()
    tensor(3.0000, dtype=torch.float64)

    References
    ----------
    Jelinek et al., "Perplexity: a measure of the difficulty of speech recognition
    tasks", 1977. <https://doi.org/10.1121/1.2016299>
    """

    def __init__(self, *, ignore_index: int | None = None) -> None:
        self.ignore_index = ignore_index
        self.reset()

    def reset(self) -> None:
        """Forget every token."""
        # loss and tokens
        self.sums = torch.zeros(2, dtype=torch.float64)

    def update(
        self, logits: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Add a batch on the device where it lies.

        Parameters
        ----------
        logits : Tensor, shape (..., tokens of the vocabulary)
            Logits, any floating dtype: no probabilities, these would pass for logits.
            Those of the targets' own positions: shift one of the two by a token before.
        targets : Tensor of int, shape (...)
            The token that came next, or `ignore_index`.
        sample_weight : Tensor, shape of the first axes of `targets`, optional
            What a text or a token counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, a target is no integer or out of range, a logit
            gives no probability or a weight is negative. On a GPU `compute` tells of
            the values: to look at them here would be to wait.
        """
        weight = logits.new_ones((), dtype=torch.float64)
        if sample_weight is not None:
            weight = sample_weight.double()
        shape, size = targets.shape, logits.shape[-1]
        if shape != logits.shape[:-1] or weight.shape != shape[: weight.ndim]:
            raise ValueError(
                "logits must have the shape of targets and the vocabulary last, "
                "sample_weight its first axes. Received: "
                f"{tuple(logits.shape)}, {tuple(shape)}, {tuple(weight.shape)}"
            )
        if targets.is_floating_point():
            raise ValueError(f"targets must be integers. Received: {targets.dtype}")
        weight = weight.reshape(weight.shape + (1,) * (len(shape) - weight.ndim))
        weight, true = weight.expand(shape).flatten(), targets.flatten().long()
        rows = logits.detach().reshape(-1, size)
        counts = torch.ones_like(true, dtype=torch.bool)
        if self.ignore_index is not None:
            counts = true != self.ignore_index
        known = (true >= 0) & (true < size) & (weight >= 0)
        total = torch.zeros_like(self.sums, device=logits.device)
        # small enough for the cache
        step = max(1, (1 << 16) // size) if logits.device.type == "cpu" else len(true)
        for start in range(0, len(true), max(1, step)):
            inside = slice(start, start + step)
            wide = rows[inside].double()
            own = wide.gather(1, true[inside].clamp(0, size - 1)[:, None])[:, 0]
            whole = wide.logsumexp(1)
            # a +inf among the others would pass for a text that cannot be
            fine = known[inside] & (whole < math.inf)
            loss = torch.where(fine, whole - own, math.nan)
            pair = torch.stack([weight[inside] * loss, weight[inside]])
            total = total + torch.where(counts[inside], pair, 0.0).sum(1)
        if logits.device.type == "cpu":
            self._check(total, (true[counts], weight, size))
        self.sums = self.sums.to(total.device) + total

    def _check(self, sums: Tensor, seen: tuple[Tensor, Tensor, int] | None) -> None:
        if not sums[0].isnan() and sums[1].isfinite():
            return
        if seen and not ((seen[0] >= 0) & (seen[0] < seen[2])).all():
            low, high = seen[0].aminmax()
            raise ValueError(
                f"targets must be in [0, {seen[2]}). "
                f"Received: {int(low)} to {int(high)}"
            )
        if seen and not (seen[1] >= 0).all():
            raise ValueError(
                f"sample_weight must be >= 0. Received: {float(seen[1].min())}"
            )
        raise ValueError(
            "logits must hold no NaN or +inf and one finite number, targets be in "
            "range, and sample_weight be finite and >= 0. "
            f"Received: a loss of {float(sums[0])}"
        )

    def compute(self) -> Tensor:
        """Return the perplexity of everything so far.

        Returns
        -------
        Tensor of float64, shape ()
            From 1; infinite if a token came that had a logit of -inf.

        Raises
        ------
        ValueError
            If there is no token, or a batch on a GPU held what `update` refuses.
        """
        self._check(self.sums, None)
        if self.sums[1] == 0:
            raise ValueError("targets must hold a token that counts. Received: none")
        return (self.sums[0] / self.sums[1]).exp()

    def merge(self, other: Self) -> Self:
        """Add what another worker has seen; `other` stays as it is.

        Parameters
        ----------
        other : Perplexity
            With the same options.

        Returns
        -------
        Perplexity
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        if (mine := self.ignore_index) != (theirs := other.ignore_index):
            raise ValueError(f"other must have ignore_index={mine}. Received: {theirs}")
        self.sums = self.sums + other.sums.to(self.sums.device)
        return self


def perplexity(
    logits: Tensor,
    targets: Tensor,
    *,
    ignore_index: int | None = None,
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Perplexity of one batch.

    $\exp(-\operatorname{mean} \ln p(y))$ over all tokens. A model that knows nothing
    has one of the size of the vocabulary, a perfect one 1. Its logarithm to base 2 is
    the number of bits per token.

    Parameters
    ----------
    logits : Tensor, shape (..., tokens of the vocabulary)
        Logits, any floating dtype: no probabilities, these would pass for logits. Those
        of the targets' own positions: shift one of the two by a token before.
    targets : Tensor of int, shape (...)
        The token that came next, or `ignore_index`.
    ignore_index : int, optional
        Target to leave out, such as the padding.
    sample_weight : Tensor, shape of the first axes of `targets`, optional
        What a text or a token counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        From 1; infinite if a token came that had a logit of -inf.

    Raises
    ------
    ValueError
        If the shapes do not fit, a target is no integer or out of range, a logit gives
        no probability, a weight is negative or there is no token.

    Examples
    --------
    >>> perplexity(torch.zeros(2, 3), torch.tensor([0, 1]))
    tensor(3.0000, dtype=torch.float64)

    References
    ----------
    Jelinek et al., "Perplexity: a measure of the difficulty of speech recognition
    tasks", 1977. <https://doi.org/10.1121/1.2016299>
    """
    metric = Perplexity(ignore_index=ignore_index)
    metric.update(logits, targets, sample_weight)
    return metric.compute()
