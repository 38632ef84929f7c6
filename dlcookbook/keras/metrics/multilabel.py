"""Multilabel measures: precision, recall, F1, exact matches, wrong labels."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["Multilabel", "multilabel"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class Multilabel(keras.metrics.Metric):
    """Multilabel measures of as many batches as there are.

    What `multilabel` says of one, from sums over its examples.

    Parameters
    ----------
    num_labels, threshold, at_threshold, average, absent
        As in `multilabel`.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `num_labels` < 1, `threshold` is not finite, or another option is unknown.

    Examples
    --------
    >>> metric = Multilabel(2)
    >>> metric.update_state([[1, 0]], [[1, 1]])
    >>> metric.update_state([[1, 1]], [[0, 1]])
    >>> float(metric.result()["recall"])
    0.75

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
        name: str = "multilabel",
    ) -> None:
        super().__init__(name=name, dtype="float64")
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
        # hits, decisions and truths of each label; examples, those without a fault and
        # wrong labels; the measures of the examples and their weights; what was bad
        self.sums = self.add_variable((3 * num_labels + 10,), "zeros", dtype="float64")

    def update_state(
        self,
        y_true: KerasTensor,
        y_pred: KerasTensor,
        sample_weight: KerasTensor | None = None,
    ) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true, y_pred : tensor, shape (..., num_labels)
            As in `multilabel`.
        sample_weight : tensor, shape (...), optional
            As in `multilabel`.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        true, given = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        shapes = [tuple(x.shape) for x in (true, given)]
        if (
            len({len(s) for s in shapes}) > 1
            or any(a != b and None not in (a, b) for a, b in zip(*shapes, strict=True))
            or {s[-1] for s in shapes} != {self.num_labels}
        ):
            raise ValueError(
                f"y_true and y_pred must have {self.num_labels} labels on the last "
                f"axis and one shape. Received: {shapes}"
            )
        true, given = (
            ops.reshape(ops.cast(x, "float64"), (-1, self.num_labels))
            for x in (true, given)
        )
        weight = ops.ones_like(true[:, 0]) if sample_weight is None else sample_weight
        weight = ops.reshape(ops.cast(weight, "float64"), ops.shape(true)[:1])
        fine, p = (given == 0) | (given == 1), given == 1
        if self.threshold is not None:
            fine, at = ops.isfinite(given), self.at_threshold == "positive"
            p = given >= self.threshold if at else given > self.threshold
        fine = fine & ((true == 0) | (true == 1))
        good = ops.all(fine, axis=1) & (weight >= 0) & (weight < float("inf"))
        weight = ops.where(good, weight, 0.0)
        bad = ops.sum(ops.cast(~good, "float64"))
        self.sums.assign_add(ops.append(self._count(true == 1, p, weight), bad))

    def _count(
        self, true: KerasTensor, given: KerasTensor, weight: KerasTensor
    ) -> KerasTensor:
        tables = [ops.cast(x, "float64") for x in (true & given, given, true)]
        hits, taken, actual = (ops.sum(x, axis=1) for x in tables)
        wrong = taken + actual - 2 * hits
        exact = weight * ops.cast(wrong == 0, "float64")
        parts = [ops.matmul(weight, x) for x in tables]
        parts.append(ops.sum(ops.stack([weight, exact, weight * wrong]), axis=1))
        pairs = (2 * hits, taken + actual), (hits, taken), (hits, actual)
        means = [ops.stack(self._mean(*pair, weight)) for pair in pairs]
        return ops.concatenate([*parts, ops.ravel(ops.stack(means, axis=1))])

    def result(self) -> dict[str, KerasTensor]:
        """Return the measures of everything so far.

        Returns
        -------
        dict of tensors of float64, shape () or (num_labels,)
            "f1", "hamming_loss", "precision", "recall" and "subset_accuracy". All
            NaN after bad labels, scores or weights, or nothing.
        """
        good = (self.sums[-1] == 0) & (self.sums[-10] > 0)
        sums = ops.where(good, self.sums, float("nan"))
        hits, taken, actual = ops.reshape(sums[:-10], (3, self.num_labels))
        total, exact, wrong = sums[-10], sums[-9], sums[-8]
        found = {
            "hamming_loss": wrong / (total * self.num_labels),
            "subset_accuracy": exact / total,
        }
        tables = (2 * hits, taken + actual), (hits, taken), (hits, actual)
        weight = actual if self.average == "weighted" else ops.ones_like(actual)
        for i, name in enumerate(("f1", "precision", "recall")):
            top, bottom = tables[i]
            if self.average == "samples":
                top, bottom = sums[i - 7], sums[i - 4]
            elif self.average == "micro":
                top, bottom = ops.sum(top), ops.sum(bottom)
            elif self.average is not None:
                top, bottom = self._mean(top, bottom, weight)
            found[name] = self._ratio(top, bottom)
        return found

    def _ratio(self, top: KerasTensor, bottom: KerasTensor) -> KerasTensor:
        values = top / bottom
        return ops.where(bottom == 0, 0.0, values) if self.absent == "zero" else values

    def _mean(
        self, top: KerasTensor, bottom: KerasTensor, weight: KerasTensor
    ) -> tuple[KerasTensor, KerasTensor]:
        if self.absent == "skip":
            weight = ops.where(bottom == 0, 0.0, weight)
        values = ops.where(weight == 0, 0.0, weight * self._ratio(top, bottom))
        return ops.sum(values), ops.sum(weight)

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of Multilabel
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            for name in sorted(self.get_config().keys() - {"name"}):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.sums.assign_add(other.sums)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        names = "num_labels", "threshold", "at_threshold", "average", "absent", "name"
        return {name: getattr(self, name) for name in names}


def multilabel(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    num_labels: int,
    *,
    threshold: float | None = None,
    at_threshold: str = "positive",
    average: str | None = "macro",
    absent: str = "nan",
    sample_weight: KerasTensor | None = None,
) -> dict[str, KerasTensor]:
    r"""Multilabel measures of one batch.

    With $TP$ hits, $FP$ false alarms and $FN$ misses, precision is $TP / (TP + FP)$,
    recall $TP / (TP + FN)$ and $F_1 = 2 TP / (2 TP + FP + FN)$. The subset accuracy is
    the share of examples without a fault, the Hamming loss the share of wrong labels.

    Parameters
    ----------
    y_true : tensor, shape (..., num_labels)
        1 where an example has the label, 0 where not.
    y_pred : tensor, shape (..., num_labels)
        Decisions, 0 or 1, or scores if there is a `threshold`.
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
    sample_weight : tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of tensors of float64, shape () or (num_labels,)
        "f1", "hamming_loss", "precision", "recall" and "subset_accuracy". All NaN
        after bad labels, scores or weights, or nothing.

    Examples
    --------
    >>> found = multilabel([[1, 0], [1, 1]], [[0.9, 0.5], [0.2, 0.7]], 2, threshold=0.5)
    >>> float(found["hamming_loss"])
    0.5

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
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
