"""Classification log: accuracy, precision, recall, F1 and matrix from one count."""

from typing import Self

import numpy as np
import torch
from torch import Tensor

__all__ = ["ClassificationLog", "classification_log"]


class ClassificationLog:
    r"""Several measures of as many batches as there are, for one count.

    Each batch is counted once, in the confusion matrix $C_{ij}$ of the true class $i$
    and the predicted class $j$: it holds accuracy, precision, recall and $F_1$.

    Parameters
    ----------
    num_classes : int
        Number of classes; the matrix has its square of numbers.
    average : {"macro", "weighted", "micro"}
        Mean over the classes, each alike or by its truths, or all counts pooled.
    absent : {"nan", "skip", "zero"}
        What 0/0 is: NaN, and so is a mean over it; NaN that a mean skips; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1, or `average` or `absent` is none of the above.

    Examples
    --------
    >>> metric = ClassificationLog(2)
    >>> metric.update(torch.tensor([0, 1]), torch.tensor([0, 0]))
    >>> metric.update(torch.tensor([1, 1]), torch.tensor([0, 1]))
    >>> {name: round(float(x), 2) for name, x in metric.compute().items() if x.ndim < 1}
    {'accuracy': 0.5, 'f1': 0.5, 'precision': 0.67, 'recall': 0.67}

    References
    ----------
    Sokolova and Lapalme, 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        average: str = "macro",
        absent: str = "nan",
        ignore_index: int | None = None,
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if average not in ("macro", "weighted", "micro"):
            raise ValueError(
                f"average must be 'macro', 'weighted' or 'micro'. Received: {average}"
            )
        if absent not in ("nan", "skip", "zero"):
            raise ValueError(
                f"absent must be 'nan', 'skip' or 'zero'. Received: {absent}"
            )
        self.num_classes, self.average = num_classes, average
        self.absent, self.ignore_index = absent, ignore_index
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # the last one counts what a GPU found out of range
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
        predicted, true, *rest = (x.detach().flatten() for x in parts)
        weight = rest[0].double() if rest else torch.ones_like(true, dtype=torch.int64)
        if self.ignore_index is not None:
            counted = true != self.ignore_index
            predicted, true, weight = (x * counted for x in (predicted, true, weight))
        predicted, true, size = predicted.long(), true.long(), self.num_classes
        if true.device.type == "cpu":
            if rest and not ((weight >= 0) & (weight < torch.inf)).all():
                low, high = float(weight.min()), float(weight.max())
                raise ValueError(
                    f"sample_weight must be in [0, inf). Received: {low} to {high}"
                )
            pair = true.numpy(), predicted.numpy()
            try:
                # checks and key in one pass: torch would need one for each of them
                key = torch.from_numpy(np.ravel_multi_index(pair, (size, size)))
            except ValueError as error:
                raise ValueError(
                    f"predictions and targets must be in [0, {size}). Received: "
                    + " and ".join(f"{x.min()} to {x.max()}" for x in pair)
                ) from error
        else:
            known = (true >= 0) & (true < size) & (weight >= 0) & (weight < torch.inf)
            known &= (predicted >= 0) & (predicted < size)
            key = torch.where(known, true * size + predicted, size**2)
            weight = torch.where(known, weight, 1)
        kind = torch.promote_types(weight.dtype, self.counts.dtype)
        self.counts = self.counts.to(true.device, kind)
        self.counts.index_add_(0, key, weight.to(kind))

    def compute(self) -> dict[str, Tensor]:
        """Return the measures of everything so far.

        Returns
        -------
        dict of Tensor, shape () or (num_classes, num_classes)
            "accuracy", "f1", "precision", "recall" and "confusion_matrix", the truth
            going down.

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
        if not self.counts.any():
            raise ValueError("nothing has been counted. Received: 0 examples")
        matrix = self.counts[:-1].reshape(self.num_classes, -1).clone()
        hits, actual, taken = matrix.diagonal(), matrix.sum(dim=1), matrix.sum(dim=0)
        return {
            "accuracy": hits.sum().double() / actual.sum(),
            "confusion_matrix": matrix,
            "f1": self._average(2 * hits, actual + taken, actual),
            "precision": self._average(hits, taken, actual),
            "recall": self._average(hits, actual, actual),
        }

    def _average(self, top: Tensor, bottom: Tensor, actual: Tensor) -> Tensor:
        if self.average == "micro":
            return top.sum().double() / bottom.sum()
        values = top.double() / bottom
        if self.absent == "zero":
            values = torch.where(bottom == 0, 0, values)
        weight = actual if self.average == "weighted" else torch.ones_like(actual)
        if self.absent == "skip":
            weight = torch.where(bottom == 0, 0, weight)
        return torch.where(weight == 0, 0, weight * values).sum() / weight.sum()

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : ClassificationLog
            With the same options.

        Returns
        -------
        ClassificationLog
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "average", "absent", "ignore_index"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.counts = self.counts + other.counts.to(self.counts.device)
        return self


def classification_log(
    predictions: Tensor,
    targets: Tensor,
    num_classes: int,
    *,
    average: str = "macro",
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: Tensor | None = None,
) -> dict[str, Tensor]:
    r"""Several measures of one batch, for one count.

    Each batch is counted once, in the confusion matrix $C_{ij}$ of the true class $i$
    and the predicted class $j$: it holds accuracy, precision, recall and $F_1$.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted classes, any integer dtype. Not logits: take their argmax first.
    targets : Tensor, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    num_classes : int
        Number of classes.
    average : {"macro", "weighted", "micro"}
        Mean over the classes, each alike or by its truths, or all counts pooled.
    absent : {"nan", "skip", "zero"}
        What 0/0 is: NaN, and so is a mean over it; NaN that a mean skips; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : Tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of Tensor, shape () or (num_classes, num_classes)
        "accuracy", "f1", "precision", "recall" and "confusion_matrix", the truth going
        down.

    Examples
    --------
    >>> predictions, targets = torch.tensor([0, 1, 1, 1]), torch.tensor([0, 0, 0, 1])
    >>> classification_log(predictions, targets, 2)["accuracy"]
    tensor(0.5000, dtype=torch.float64)

    References
    ----------
    Sokolova and Lapalme, 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    metric = ClassificationLog(
        num_classes, average=average, absent=absent, ignore_index=ignore_index
    )
    metric.update(predictions, targets, sample_weight)
    return metric.compute()
