"""Accuracy and top-k accuracy from scores, with a rule for equal scores."""

from typing import Self

import torch
from torch import Tensor

__all__ = ["Accuracy", "TopKAccuracy", "accuracy", "top_k_accuracy"]


class TopKAccuracy:
    r"""Top-k accuracy of as many batches as there are.

    An example counts if its true class is among the $k$ highest scores. Its place is
    the number of classes with a higher score, and nothing is sorted. A model that gives
    all $C$ classes one score gets $k / C$, as guessing does.

    Parameters
    ----------
    k : int
        How many of the highest scores are looked at.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.

    Raises
    ------
    ValueError
        If `k` is less than 1 or `ties` is none of the above.

    Examples
    --------
    >>> metric = TopKAccuracy(2)
    >>> metric.update(torch.tensor([[0.1, 0.6, 0.3]]), torch.tensor([2]))
    >>> metric.update(torch.tensor([[0.5, 0.3, 0.2]]), torch.tensor([2]))
    >>> metric.compute()
    tensor(0.5000, dtype=torch.float64)

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """

    def __init__(
        self,
        k: int,
        *,
        ties: str = "fraction",
        ignore_index: int | None = None,
    ) -> None:
        if k < 1:
            raise ValueError(f"k must be >= 1. Received: {k}")
        if ties not in ("fraction", "pessimistic", "optimistic"):
            raise ValueError(
                "ties must be 'fraction', 'pessimistic' or 'optimistic'. "
                f"Received: {ties}"
            )
        self.k, self.ties, self.ignore_index = k, ties, ignore_index
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # hits, examples, and what was bad; float64 counts to 9e15 without a gap
        self.sums = torch.zeros(3, dtype=torch.float64)

    def update(
        self, scores: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Count a batch on the device where it lies.

        Parameters
        ----------
        scores : Tensor, shape (batch, num_classes, ...)
            Logits or probabilities: only their order counts.
        targets : Tensor, shape (batch, ...)
            True classes, or `ignore_index`.
        sample_weight : Tensor, shape (batch, ...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, there are fewer than `k` classes, a class is no
            integer or out of range, a score is not finite, or a weight is negative or
            not finite. On a GPU `compute` tells of the values: to look at them here
            would be to wait for them.
        """
        weight = sample_weight
        if weight is None:
            weight = torch.ones_like(targets, dtype=torch.float64)
        if (
            scores.shape[:1] + scores.shape[2:] != targets.shape
            or weight.shape != targets.shape
        ):
            raise ValueError(
                "scores must have the shape of targets and an axis of classes at 1, "
                "sample_weight the shape of targets. Received: "
                f"{tuple(scores.shape)}, {tuple(targets.shape)}, {tuple(weight.shape)}"
            )
        classes = scores.shape[1]
        if self.k > classes:
            raise ValueError(f"k must be <= {classes} classes. Received: {self.k}")
        if targets.is_floating_point():
            raise ValueError(f"targets must be integers. Received: {targets.dtype}")
        rows = scores.detach().movedim(1, -1).reshape(-1, classes)
        parts = rows, targets.flatten(), weight.detach().flatten()
        sums, cpu = self.sums.to(targets.device), targets.device.type == "cpu"
        # blocks that fit the cache of a CPU; a GPU takes all at once
        step = max(1, (1 << 16) // classes if cpu else targets.numel())
        for start in range(0, targets.numel(), step):
            sums = sums + self._count(*(x[start : start + step] for x in parts))
        if cpu and sums[2]:
            raise ValueError(
                f"targets must be in [0, {classes}), scores finite, sample_weight in "
                f"[0, inf). Received: targets {int(targets.min())} to "
                f"{int(targets.max())}, scores {float(rows.min())} to "
                f"{float(rows.max())}, sample_weight {float(weight.min())} to "
                f"{float(weight.max())}"
            )
        self.sums = sums

    def _count(self, scores: Tensor, true: Tensor, weight: Tensor) -> Tensor:
        # faster than one aminmax
        low, high = scores.amin(dim=1), scores.amax(dim=1)
        known = (true >= 0) & (true < scores.shape[1])
        known &= (weight >= 0) & (weight < torch.inf)
        known &= low.isfinite() & high.isfinite()
        bad = ~known
        if self.ignore_index is not None:
            known, bad = (x & (true != self.ignore_index) for x in (known, bad))
        mine = scores.gather(1, torch.where(known, true, 0).long()[:, None])
        higher = (scores > mine).sum(dim=1, dtype=torch.int32)
        equal = (scores == mine).sum(dim=1, dtype=torch.int32)
        if self.ties == "fraction":
            hit = ((self.k - higher).double() / equal).clamp(0, 1)
        elif self.ties == "optimistic":
            hit = higher < self.k
        else:
            hit = higher + equal <= self.k
        weight = torch.where(known, weight.double(), 0)
        hits = torch.where(known, hit * weight, 0)
        return torch.stack([hits, weight, bad.double()]).sum(dim=1)

    def compute(self) -> Tensor:
        """Return the accuracy of everything so far.

        Returns
        -------
        Tensor of float64, shape ()
            From 0 to 1.

        Raises
        ------
        ValueError
            If nothing has been counted, or a batch on a GPU held what `update` refuses.
        """
        hits, total, bad = self.sums
        if bad:
            raise ValueError(
                "targets must be in range, scores finite, sample_weight in [0, inf). "
                f"Received: {int(bad)} examples that are not"
            )
        if not total:
            raise ValueError("nothing has been counted. Received: 0 examples")
        return hits / total

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : Accuracy or TopKAccuracy
            With the same options.

        Returns
        -------
        Accuracy or TopKAccuracy
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("k", "ties", "ignore_index"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.sums = self.sums + other.sums.to(self.sums.device)
        return self


class Accuracy(TopKAccuracy):
    r"""Accuracy of as many batches as there are.

    An example counts if no class has a higher score than the true one. A model that
    gives all $C$ classes one score gets $1 / C$, as guessing does, and one that gives
    NaN gets an error instead of the share of class 0.

    Parameters
    ----------
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.

    Raises
    ------
    ValueError
        If `ties` is none of the above.

    Examples
    --------
    >>> metric = Accuracy()
    >>> metric.update(torch.tensor([[0.1, 0.6, 0.3]]), torch.tensor([1]))
    >>> metric.update(torch.tensor([[0.5, 0.3, 0.2]]), torch.tensor([2]))
    >>> metric.compute()
    tensor(0.5000, dtype=torch.float64)

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """

    def __init__(
        self, *, ties: str = "fraction", ignore_index: int | None = None
    ) -> None:
        super().__init__(1, ties=ties, ignore_index=ignore_index)


def accuracy(
    scores: Tensor,
    targets: Tensor,
    *,
    ties: str = "fraction",
    ignore_index: int | None = None,
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Accuracy of one batch.

    An example counts if no class has a higher score than the true one. A model that
    gives all $C$ classes one score gets $1 / C$, as guessing does, and one that gives
    NaN gets an error instead of the share of class 0.

    Parameters
    ----------
    scores : Tensor, shape (batch, num_classes, ...)
        Logits or probabilities: only their order counts.
    targets : Tensor, shape (batch, ...)
        True classes, or `ignore_index`.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : Tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        From 0 to 1.

    Examples
    --------
    >>> scores = torch.tensor([[0.1, 0.6, 0.3], [0.5, 0.3, 0.2]])
    >>> accuracy(scores, torch.tensor([1, 2]))
    tensor(0.5000, dtype=torch.float64)

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """
    metric = Accuracy(ties=ties, ignore_index=ignore_index)
    metric.update(scores, targets, sample_weight)
    return metric.compute()


def top_k_accuracy(
    scores: Tensor,
    targets: Tensor,
    k: int,
    *,
    ties: str = "fraction",
    ignore_index: int | None = None,
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Top-k accuracy of one batch.

    An example counts if its true class is among the $k$ highest scores. Its place is
    the number of classes with a higher score, and nothing is sorted. A model that gives
    all $C$ classes one score gets $k / C$, as guessing does.

    Parameters
    ----------
    scores : Tensor, shape (batch, num_classes, ...)
        Logits or probabilities: only their order counts.
    targets : Tensor, shape (batch, ...)
        True classes, or `ignore_index`.
    k : int
        How many of the highest scores are looked at.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : Tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        From 0 to 1.

    Examples
    --------
    >>> scores = torch.tensor([[0.1, 0.6, 0.3], [0.5, 0.3, 0.2]])
    >>> top_k_accuracy(scores, torch.tensor([2, 2]), 2)
    tensor(0.5000, dtype=torch.float64)

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """
    metric = TopKAccuracy(k, ties=ties, ignore_index=ignore_index)
    metric.update(scores, targets, sample_weight)
    return metric.compute()
