"""Precision, recall, F-beta and specificity, of each class or averaged."""

from typing import Self

import torch
from torch import Tensor

__all__ = ["PrecisionRecall", "precision_recall"]


class PrecisionRecall:
    """Precision, recall, F-beta and specificity of as many batches as there are.

    What `precision_recall` says of one, from three counts per class.

    Parameters
    ----------
    num_classes, average, beta, absent, ignore_index
        As in `precision_recall`.

    Raises
    ------
    ValueError
        If `num_classes` < 1, `beta` <= 0, or `average` or `absent` is unknown.

    Examples
    --------
    >>> metric = PrecisionRecall(2, average=None)
    >>> metric.update(torch.tensor([0, 1]), torch.tensor([0, 0]))
    >>> metric.update(torch.tensor([1, 1]), torch.tensor([0, 1]))
    >>> metric.compute()["precision"]
    tensor([1.0000, 0.3333], dtype=torch.float64)

    References
    ----------
    Sokolova and Lapalme, 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        average: str | None = "macro",
        beta: float = 1.0,
        absent: str = "nan",
        ignore_index: int | None = None,
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if not beta > 0:
            raise ValueError(f"beta must be > 0. Received: {beta}")
        for option, value, known in (
            ("average", average, ("macro", "weighted", "micro", None)),
            ("absent", absent, ("nan", "skip", "zero")),
        ):
            if value not in known:
                raise ValueError(f"{option} must be one of {known}. Received: {value}")
        self.num_classes, self.average, self.beta = num_classes, average, beta
        self.absent, self.ignore_index = absent, ignore_index
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # misses, hits and predictions of each class, and what was out of range
        self.counts = torch.zeros(3 * self.num_classes + 1, dtype=torch.int64)

    def update(
        self, predictions: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Count a batch on the device where it lies.

        Parameters
        ----------
        predictions, targets, sample_weight : Tensor, shape (...)
            As in `precision_recall`.

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
        kind = torch.promote_types(weight.dtype, self.counts.dtype)
        counts = self.counts.to(true.device, kind)
        # blocks that fit the cache of a CPU; a GPU takes all at once
        step = 1 << 16 if true.device.type == "cpu" else max(1, len(true))
        for start in range(0, len(true), step):
            block = (x[start : start + step] for x in (predicted, true, weight))
            counts = self._count(counts, *block)
        if true.device.type == "cpu" and counts[-1]:
            raise ValueError(
                f"predictions and targets must be in [0, {self.num_classes}), "
                f"sample_weight finite, >= 0. Received: predictions {predicted.min()} "
                f"to {predicted.max()}, targets {true.min()} to {true.max()}, "
                f"sample_weight {weight.min()} to {weight.max()}"
            )
        self.counts = counts

    def _count(
        self, counts: Tensor, predicted: Tensor, true: Tensor, weight: Tensor
    ) -> Tensor:
        predicted, true, classes = predicted.long(), true.long(), self.num_classes
        known = (true >= 0) & (true < classes) & (weight >= 0) & (weight < torch.inf)
        known &= (predicted >= 0) & (predicted < classes)
        kept = True if self.ignore_index is None else true != self.ignore_index
        known, bad = known & kept, ~known & kept
        weight = torch.where(known, weight, 0)
        pair = true + classes * (true == predicted), predicted + 2 * classes
        keys = torch.where(known, torch.stack(pair), 3 * classes).flatten()
        amounts = torch.stack([weight + bad, weight]).flatten()
        return counts.index_add(0, keys, amounts.to(counts.dtype))

    def compute(self) -> dict[str, Tensor]:
        """Return the measures of everything so far.

        Returns
        -------
        dict of Tensor of float64, shape () or (num_classes,)
            "f_beta", "precision", "recall" and "specificity".

        Raises
        ------
        ValueError
            If nothing has been counted, or a batch on a GPU held classes out of range
            or bad weights.
        """
        if self.counts[-1]:
            raise ValueError(
                f"predictions and targets must be in [0, {self.num_classes}), "
                f"sample_weight finite, >= 0. Received: {int(self.counts[-1])} others"
            )
        if not self.counts.any():
            raise ValueError("nothing has been counted. Received: 0 examples")
        misses, hits, taken = self.counts[:-1].double().reshape(3, -1)
        square, actual = self.beta**2, misses + hits
        negative = torch.sum(actual) - actual
        ratios = {
            "f_beta": ((1 + square) * hits, square * actual + taken),
            "precision": (hits, taken),
            "recall": (hits, actual),
            "specificity": (negative - taken + hits, negative),
        }
        return {name: self._average(*pair, actual) for name, pair in ratios.items()}

    def _average(self, top: Tensor, bottom: Tensor, actual: Tensor) -> Tensor:
        if self.average == "micro":
            top, bottom = top.sum(), bottom.sum()
        values = top / bottom
        if self.absent == "zero":
            values = torch.where(bottom == 0, 0, values)
        if self.average in ("micro", None):
            return values
        weight = actual if self.average == "weighted" else torch.ones_like(actual)
        if self.absent == "skip":
            weight = torch.where(bottom == 0, 0, weight)
        return torch.where(weight == 0, 0, weight * values).sum() / weight.sum()

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : PrecisionRecall
            With the same options.

        Returns
        -------
        PrecisionRecall
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "average", "beta", "absent", "ignore_index"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.counts = self.counts + other.counts.to(self.counts.device)
        return self


def precision_recall(
    predictions: Tensor,
    targets: Tensor,
    num_classes: int,
    *,
    average: str | None = "macro",
    beta: float = 1.0,
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: Tensor | None = None,
) -> dict[str, Tensor]:
    r"""Precision, recall, F-beta and specificity of one batch.

    With $TP$ hits, $FP$ false alarms, $FN$ misses and $TN$ others, precision is
    $TP / (TP + FP)$, recall $TP / (TP + FN)$, specificity $TN / (TN + FP)$, and
    $F_\beta = (1 + \beta^2) TP / ((1 + \beta^2) TP + \beta^2 FN + FP)$. The weighted
    mean of recall, and all means "micro" but that of specificity, are the accuracy.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted classes, any integer dtype. Not logits: take their argmax first.
    targets : Tensor, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    num_classes : int
        Number of classes: 100,000 are no problem.
    average : {"macro", "weighted", "micro"}, optional
        Mean over the classes, each alike ("macro") or by its truths ("weighted"), or
        the measure of all counts pooled ("micro"). None gives one value per class.
    beta : float
        What recall is worth against precision, > 0: 2 doubles it.
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : Tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of Tensor of float64, shape () or (num_classes,)
        "f_beta", "precision", "recall" and "specificity".

    Examples
    --------
    >>> predictions, targets = torch.tensor([0, 1, 1, 1]), torch.tensor([0, 0, 0, 1])
    >>> precision_recall(predictions, targets, 2, average=None)["recall"]
    tensor([0.3333, 1.0000], dtype=torch.float64)

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    metric = PrecisionRecall(
        num_classes,
        average=average,
        beta=beta,
        absent=absent,
        ignore_index=ignore_index,
    )
    metric.update(predictions, targets, sample_weight)
    return metric.compute()
