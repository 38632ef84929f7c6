"""Class counts: hits, false alarms and misses of each class, without a matrix."""

from typing import Self

import torch
from torch import Tensor

__all__ = ["ClassCounts", "class_counts"]


class ClassCounts:
    r"""Hits, false alarms and misses of each class, of as many batches as there are.

    Against all other classes together, an example is for class $c$ a true positive
    ($y = \hat y = c$), a false positive ($y \ne \hat y = c$), a false negative
    ($y = c \ne \hat y$) or a true negative. The support $TP + FN$ counts the truths.
    Memory grows with the classes and not with their square: 100,000 are no problem.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1.

    Examples
    --------
    >>> metric = ClassCounts(2)
    >>> metric.update(torch.tensor([0, 1]), torch.tensor([0, 0]))
    >>> metric.update(torch.tensor([1]), torch.tensor([1]))
    >>> metric.compute()["false_positives"]
    tensor([0, 1])

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """

    def __init__(self, num_classes: int, *, ignore_index: int | None = None) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        self.num_classes, self.ignore_index = num_classes, ignore_index
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
        pair = true + classes * (true == predicted), predicted + 2 * classes
        keys = torch.where(known, torch.stack(pair), 3 * classes).flatten()
        amounts = torch.stack([weight + bad, weight]).flatten()
        return counts.index_add(0, keys, amounts.to(counts.dtype))

    def compute(self) -> dict[str, Tensor]:
        """Return the counts of everything so far.

        Returns
        -------
        dict of Tensor, shape (num_classes,)
            "true_positives", "false_positives", "false_negatives", "true_negatives"
            and "support"; int64 unless weighted.

        Raises
        ------
        ValueError
            If a batch on a GPU held classes out of range or bad weights.
        """
        if self.counts[-1]:
            raise ValueError(
                f"predictions and targets must be in [0, {self.num_classes}), "
                f"sample_weight in [0, inf). Received: {int(self.counts[-1])} others"
            )
        misses, hits, taken = self.counts[:-1].reshape(3, -1)
        return {
            "true_positives": hits,
            "false_positives": taken - hits,
            "false_negatives": misses,
            "true_negatives": (hits + misses).sum() - taken - misses,
            "support": hits + misses,
        }

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : ClassCounts
            With the same options.

        Returns
        -------
        ClassCounts
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "ignore_index"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.counts = self.counts + other.counts.to(self.counts.device)
        return self


def class_counts(
    predictions: Tensor,
    targets: Tensor,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    sample_weight: Tensor | None = None,
) -> dict[str, Tensor]:
    r"""Hits, false alarms and misses of each class in one batch.

    Against all other classes together, an example is for class $c$ a true positive
    ($y = \hat y = c$), a false positive ($y \ne \hat y = c$), a false negative
    ($y = c \ne \hat y$) or a true negative. The support $TP + FN$ counts the truths.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted classes, any integer dtype. Not logits: take their argmax first.
    targets : Tensor, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : Tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of Tensor, shape (num_classes,)
        "true_positives", "false_positives", "false_negatives", "true_negatives" and
        "support"; int64 unless weighted.

    Examples
    --------
    >>> found = class_counts(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), 2)
    >>> found["false_negatives"]
    tensor([1, 0])

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    metric = ClassCounts(num_classes, ignore_index=ignore_index)
    metric.update(predictions, targets, sample_weight)
    return metric.compute()
