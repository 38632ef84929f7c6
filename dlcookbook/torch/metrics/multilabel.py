"""Multilabel measures: precision, recall, F1, exact matches, wrong labels."""

from typing import Self

import torch
from torch import Tensor

__all__ = ["Multilabel", "multilabel"]


class Multilabel:
    """Multilabel measures of as many batches as there are.

    What `multilabel` says of one, from sums over its examples.

    Parameters
    ----------
    num_labels, threshold, at_threshold, average, absent
        As in `multilabel`.

    Raises
    ------
    ValueError
        If `num_labels` < 1, `threshold` is not finite, or another option is unknown.

    Examples
    --------
    >>> metric = Multilabel(2)
    >>> metric.update(torch.tensor([[1, 1]]), torch.tensor([[1, 0]]))
    >>> metric.update(torch.tensor([[0, 1]]), torch.tensor([[1, 1]]))
    >>> metric.compute()["recall"]
    tensor(0.7500, dtype=torch.float64)

    References
    ----------
    Zhang and Zhou, 2014. <https://doi.org/10.1109/TKDE.2013.39>
    """

    def __init__(
        self,
        num_labels: int,
        *,
        threshold: float | None = None,
        at_threshold: str = "positive",
        average: str | None = "macro",
        absent: str = "nan",
    ) -> None:
        if num_labels < 1:
            raise ValueError(f"num_labels must be >= 1. Received: {num_labels}")
        if threshold is not None and not abs(threshold) < float("inf"):
            raise ValueError(f"threshold must be finite. Received: {threshold}")
        for name, value, known in (
            ("at_threshold", at_threshold, ("positive", "negative")),
            ("average", average, ("macro", "weighted", "micro", "samples", None)),
            ("absent", absent, ("nan", "skip", "zero")),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {known}. Received: {value}")
        self.num_labels, self.threshold = num_labels, threshold
        self.at_threshold, self.average, self.absent = at_threshold, average, absent
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # hits, decisions and truths of each label; examples, those without a fault and
        # wrong labels; the measures of the examples and their weights; what was bad
        self.sums = torch.zeros(3 * self.num_labels + 10, dtype=torch.float64)

    def update(
        self, predictions: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Count a batch on the device where it lies.

        Parameters
        ----------
        predictions, targets : Tensor, shape (batch, num_labels, ...)
            As in `multilabel`.
        sample_weight : Tensor, shape (batch, ...), optional
            As in `multilabel`.

        Raises
        ------
        ValueError
            If the shapes do not fit, a truth or decision is not 0 or 1, a score is not
            finite, or a weight is negative or not finite. On a GPU `compute` tells of
            the values: to look at them here would be to wait for them.
        """
        shapes = [tuple(x.shape) for x in (predictions, targets)]
        if sample_weight is not None:
            batch, *rest = sample_weight.shape
            shapes.append((batch, self.num_labels, *rest))
        if len(set(shapes)) > 1 or shapes[0][1:2] != (self.num_labels,):
            raise ValueError(
                f"predictions and targets must have {self.num_labels} labels on axis 1 "
                f"and one shape, sample_weight that of the examples. Received: {shapes}"
            )
        parts = predictions.detach().double(), targets.detach().double()
        given, true = (x.movedim(1, -1).flatten(end_dim=-2) for x in parts)
        weight = torch.ones_like(true[:, 0])
        if sample_weight is not None:
            weight = sample_weight.detach().double().flatten()
        fine, p = (given == 0) | (given == 1), given == 1
        if self.threshold is not None:
            fine, at = given.isfinite(), self.at_threshold == "positive"
            p = given >= self.threshold if at else given > self.threshold
        fine &= (true == 0) | (true == 1)
        good = fine.all(dim=1) & (weight >= 0) & (weight < torch.inf)
        if good.device.type == "cpu" and not good.all():
            raise ValueError(
                "targets and decisions must be 0 or 1, scores finite, sample_weight "
                f"finite, >= 0. Received: {predictions}, {targets}, {weight}"
            )
        weight = torch.where(good, weight, 0)
        found = self._count(true == 1, p, weight)
        self.sums = self.sums.to(true.device) + torch.cat([found, (~good).sum()[None]])

    def _count(self, true: Tensor, given: Tensor, weight: Tensor) -> Tensor:
        tables = [x.double() for x in (true & given, given, true)]
        hits, taken, actual = (x.sum(dim=1) for x in tables)
        wrong = taken + actual - 2 * hits
        rest = torch.stack([weight, weight * (wrong == 0), weight * wrong]).sum(1)
        parts = [*(weight @ x for x in tables), rest]
        pairs = (2 * hits, taken + actual), (hits, taken), (hits, actual)
        means = [torch.stack(self._mean(*pair, weight)) for pair in pairs]
        return torch.cat([*parts, torch.stack(means, dim=1).flatten()])

    def compute(self) -> dict[str, Tensor]:
        """Return the measures of everything so far.

        Returns
        -------
        dict of Tensor of float64, shape () or (num_labels,)
            "f1", "hamming_loss", "precision", "recall" and "subset_accuracy".

        Raises
        ------
        ValueError
            If nothing has been counted, or a batch on a GPU held what `update` refuses.
        """
        if self.sums[-1] or not self.sums[-10]:
            what = f"{int(self.sums[-1])} bad" if self.sums[-1] else "0"
            raise ValueError(f"nothing has been counted. Received: {what} examples")
        hits, taken, actual = self.sums[:-10].reshape(3, -1)
        total, exact, wrong = self.sums[-10:-7]
        found = {
            "hamming_loss": wrong / (total * self.num_labels),
            "subset_accuracy": exact / total,
        }
        tables = (2 * hits, taken + actual), (hits, taken), (hits, actual)
        weight = actual if self.average == "weighted" else torch.ones_like(actual)
        for i, name in enumerate(("f1", "precision", "recall")):
            top, bottom = tables[i]
            if self.average == "samples":
                top, bottom = self.sums[i - 7], self.sums[i - 4]
            elif self.average == "micro":
                top, bottom = torch.sum(top), torch.sum(bottom)
            elif self.average is not None:
                top, bottom = self._mean(top, bottom, weight)
            found[name] = self._ratio(top, bottom)
        return found

    def _ratio(self, top: Tensor, bottom: Tensor) -> Tensor:
        values = top / bottom
        return torch.where(bottom == 0, 0, values) if self.absent == "zero" else values

    def _mean(
        self, top: Tensor, bottom: Tensor, weight: Tensor
    ) -> tuple[Tensor, Tensor]:
        if self.absent == "skip":
            weight = torch.where(bottom == 0, 0, weight)
        values = torch.where(weight == 0, 0, weight * self._ratio(top, bottom))
        return values.sum(), weight.sum()

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : Multilabel
            With the same options.

        Returns
        -------
        Multilabel
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_labels", "threshold", "at_threshold", "average", "absent"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.sums = self.sums + other.sums.to(self.sums.device)
        return self


def multilabel(
    predictions: Tensor,
    targets: Tensor,
    num_labels: int,
    *,
    threshold: float | None = None,
    at_threshold: str = "positive",
    average: str | None = "macro",
    absent: str = "nan",
    sample_weight: Tensor | None = None,
) -> dict[str, Tensor]:
    r"""Multilabel measures of one batch.

    With $TP$ hits, $FP$ false alarms and $FN$ misses, precision is $TP / (TP + FP)$,
    recall $TP / (TP + FN)$ and $F_1 = 2 TP / (2 TP + FP + FN)$. The subset accuracy is
    the share of examples without a fault, the Hamming loss the share of wrong labels.

    Parameters
    ----------
    predictions : Tensor, shape (batch, num_labels, ...)
        Decisions, 0 or 1, or scores if there is a `threshold`.
    targets : Tensor, shape (batch, num_labels, ...)
        1 where an example has the label, 0 where not.
    num_labels : int
        Number of labels.
    threshold : float, optional
        Score from which on a label is given. None says that decisions come in, 0 or 1.
    at_threshold : {"positive", "negative"}
        What a score equal to `threshold` is: given (>=) or not (>).
    average : {"macro", "weighted", "micro", "samples"}, optional
        Mean over the labels, each alike or by its truths, all counts pooled, or the
        mean over the examples. None gives one value per label.
    absent : {"nan", "skip", "zero"}
        What 0/0 is: NaN, and so is a mean over it; NaN that a mean skips; or 0.
    sample_weight : Tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of Tensor of float64, shape () or (num_labels,)
        "f1", "hamming_loss", "precision", "recall" and "subset_accuracy".

    Examples
    --------
    >>> scores = torch.tensor([[0.9, 0.5], [0.2, 0.7]])
    >>> found = multilabel(scores, torch.tensor([[1, 0], [1, 1]]), 2, threshold=0.5)
    >>> found["hamming_loss"]
    tensor(0.5000, dtype=torch.float64)

    References
    ----------
    Zhang and Zhou, 2014. <https://doi.org/10.1109/TKDE.2013.39>
    """
    metric = Multilabel(
        num_labels,
        threshold=threshold,
        at_threshold=at_threshold,
        average=average,
        absent=absent,
    )
    metric.update(predictions, targets, sample_weight)
    return metric.compute()
