"""Cohen's kappa: agreement beyond chance, of classes or of ordered grades."""

from typing import Self

import torch
from torch import Tensor

__all__ = ["CohenKappa", "cohen_kappa"]


class CohenKappa:
    r"""Cohen's kappa of as many batches as there are.

    $\kappa = 1 - \sum_{ij} w_{ij} O_{ij} / \sum_{ij} w_{ij} E_{ij}$ of the confusion
    matrix $O$ and what chance makes of its margins, $E_{ij} = O_{i \cdot} O_{\cdot j} /
    N$. 0 is chance, 1 perfect. NaN if both are one and the same class throughout: 0/0.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    weights : {"linear", "quadratic"}, optional
        What a confusion of grades $i$ and $j$ costs: $|i - j|$ or its square. None:
        every confusion 1, as for classes without an order.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `weights` is none of the above.

    Examples
    --------
    >>> metric = CohenKappa(2)
    >>> metric.update(torch.tensor([0, 1]), torch.tensor([0, 0]))
    >>> metric.update(torch.tensor([1, 1]), torch.tensor([1, 1]))
    >>> round(metric.compute().item(), 4)
    0.5

    References
    ----------
    Cohen, "Weighted kappa: Nominal scale agreement with provision for scaled
    disagreement or partial credit", 1968. <https://doi.org/10.1037/h0026256>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        weights: str | None = None,
        ignore_index: int | None = None,
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if weights not in ("linear", "quadratic", None):
            raise ValueError(
                f"weights must be 'linear', 'quadratic' or None. Received: {weights}"
            )
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.weights = weights
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # the last one counts what was out of range
        self.counts = torch.zeros(self.num_classes**2 + 1, dtype=torch.int64)

    def update(
        self, predictions: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Count a batch on the device where it lies.

        Parameters
        ----------
        predictions : Tensor, shape (...)
            Predicted classes, any integer dtype. Not logits: take their argmax first.
        targets : Tensor, shape (...)
            True classes, from 0 to `num_classes` - 1, or `ignore_index`.
        sample_weight : Tensor, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes differ, a class is no integer or out of range, or a weight is
            negative or not finite. On a GPU `compute` tells of the values: to look at
            them here would be to wait for them.
        """
        parts = [x for x in (predictions, targets, sample_weight) if x is not None]
        if len({x.shape for x in parts}) > 1:
            raise ValueError(
                "predictions, targets and sample_weight must have one shape. Received: "
                + ", ".join(str(tuple(x.shape)) for x in parts)
            )
        for name, x in (("predictions", predictions), ("targets", targets)):
            if x.is_floating_point():
                raise ValueError(f"{name} must be integers. Received: {x.dtype}")
        predicted, true = predictions.flatten(), targets.flatten()
        weight = torch.ones_like(true, dtype=torch.int64)
        if sample_weight is not None:
            weight = sample_weight.detach().flatten().double()
        counts = self.counts.to(
            true.device, torch.promote_types(weight.dtype, self.counts.dtype)
        )
        # blocks that fit the cache of a CPU; a GPU takes all at once
        step = 1 << 16 if true.device.type == "cpu" else max(1, len(true))
        for start in range(0, len(true), step):
            block = (x[start : start + step] for x in (predicted, true, weight))
            counts = self._count(counts, *block)
        if true.device.type == "cpu" and counts[-1]:
            raise ValueError(
                f"predictions and targets must be in [0, {self.num_classes}), "
                "sample_weight in [0, inf). Received: predictions "
                f"{int(predicted.min())} to {int(predicted.max())}, targets "
                f"{int(true.min())} to {int(true.max())}, sample_weight "
                f"{weight.min()} to {weight.max()}"
            )
        self.counts = counts

    def _count(
        self, counts: Tensor, predicted: Tensor, true: Tensor, weight: Tensor
    ) -> Tensor:
        predicted, true, classes = predicted.long(), true.long(), self.num_classes
        known = (true >= 0) & (true < classes) & (weight >= 0) & (weight < torch.inf)
        known &= (predicted >= 0) & (predicted < classes)
        bad = ~known
        if self.ignore_index is not None:
            known, bad = (x & (true != self.ignore_index) for x in (known, bad))
        weight = torch.where(known, weight, 0)
        keys = torch.where(known, true * classes + predicted, classes**2)
        return counts.index_add(0, keys, (weight + bad).to(counts.dtype))

    def compute(self) -> Tensor:
        """Return the value for everything so far.

        Returns
        -------
        Tensor of float64, shape ()
            At most 1; NaN if truth and prediction are one and the same class.

        Raises
        ------
        ValueError
            If nothing has been counted, or a batch on a GPU held classes out of range
            or bad weights.
        """
        if self.counts[-1]:
            raise ValueError(
                f"predictions and targets must be in [0, {self.num_classes}), "
                f"sample_weight in [0, inf). Received: {int(self.counts[-1])} others"
            )
        matrix = self.counts[:-1].double().reshape(self.num_classes, -1)
        if not self.counts.any():
            raise ValueError("nothing has been counted. Received: 0 examples")
        grades = torch.arange(self.num_classes, device=matrix.device)
        cost = (grades[:, None] - grades).abs().double()
        cost = cost**2 if self.weights == "quadratic" else cost
        cost = cost if self.weights else cost.clamp(max=1)
        chance = matrix.sum(dim=1) @ cost @ matrix.sum(dim=0) / matrix.sum()
        value = 1 - (cost * matrix).sum() / chance
        return torch.where(chance == 0, torch.nan, value)

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : CohenKappa
            With the same options.

        Returns
        -------
        CohenKappa
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "weights", "ignore_index"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.counts = self.counts + other.counts.to(self.counts.device)
        return self


def cohen_kappa(
    predictions: Tensor,
    targets: Tensor,
    num_classes: int,
    *,
    weights: str | None = None,
    ignore_index: int | None = None,
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Cohen's kappa of one batch.

    $\kappa = 1 - \sum_{ij} w_{ij} O_{ij} / \sum_{ij} w_{ij} E_{ij}$ of the confusion
    matrix $O$ and what chance makes of its margins, $E_{ij} = O_{i \cdot} O_{\cdot j} /
    N$. 0 is chance, 1 perfect. NaN if both are one and the same class throughout: 0/0.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted classes, any integer dtype. Not logits: take their argmax first.
    targets : Tensor, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    num_classes : int
        Number of classes.
    weights : {"linear", "quadratic"}, optional
        What a confusion of grades $i$ and $j$ costs: $|i - j|$ or its square. None:
        every confusion 1, as for classes without an order.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : Tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        At most 1; NaN if truth and prediction are one and the same class.

    Examples
    --------
    >>> predictions, targets = torch.tensor([0, 1, 1, 1]), torch.tensor([0, 0, 1, 1])
    >>> round(cohen_kappa(predictions, targets, 2).item(), 4)
    0.5

    References
    ----------
    Cohen, "Weighted kappa: Nominal scale agreement with provision for scaled
    disagreement or partial credit", 1968. <https://doi.org/10.1037/h0026256>
    """
    metric = CohenKappa(num_classes, weights=weights, ignore_index=ignore_index)
    metric.update(predictions, targets, sample_weight)
    return metric.compute()
