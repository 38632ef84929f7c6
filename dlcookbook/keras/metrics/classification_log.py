"""Classification log: accuracy, precision, recall, F1 and matrix from one count."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["ClassificationLog", "classification_log"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class ClassificationLog(keras.metrics.Metric):
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
    from_scores : bool
        True if `y_pred` holds a score per class on its last axis, as a model puts them
        out: the class with the highest one is taken, the first of equal ones.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1, or `average` or `absent` is none of the above.

    Examples
    --------
    >>> metric = ClassificationLog(2)
    >>> metric.update_state([0, 0], [0, 1])
    >>> metric.update_state([0, 1], [1, 1])
    >>> float(metric.result()["accuracy"])
    0.5

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
        from_scores: bool = False,
        name: str = "classification_log",
    ) -> None:
        super().__init__(name=name, dtype="float64")
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
        self.from_scores = from_scores
        # float64 counts to 9e15 without a gap; the last one counts what was bad
        size = (num_classes**2 + 1,)
        self.counts = self.add_variable(size, "zeros", dtype="float64", name="counts")

    def update_state(
        self,
        y_true: KerasTensor,
        y_pred: KerasTensor,
        sample_weight: KerasTensor | None = None,
    ) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor of int, shape (...) or (..., 1)
            True classes, from 0 to `num_classes` - 1, or `ignore_index`.
        y_pred : tensor, shape (...), or (..., num_classes) with `from_scores`
            Predicted classes, or the scores of each class.
        sample_weight : tensor, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        true, predicted = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        finite = True
        if self.from_scores:
            finite = ops.ravel(ops.all(ops.isfinite(predicted), axis=-1))
            predicted = ops.argmax(predicted, axis=-1)
        if len(true.shape) == len(predicted.shape) + 1 and true.shape[-1] == 1:
            true = ops.squeeze(true, -1)
        if len(true.shape) != len(predicted.shape) or any(
            a != b and None not in (a, b)
            for a, b in zip(true.shape, predicted.shape, strict=True)
        ):
            raise ValueError(
                "y_true must have the shape of y_pred, or of its scores without their "
                f"last axis. Received: y_true {true.shape}, y_pred {y_pred.shape}"
            )
        # 1.5 is no class: the cast alone would count it as 1
        pairs = ((x, ops.cast(x, "int64")) for x in map(ops.ravel, (true, predicted)))
        true, predicted = (ops.where(ops.equal(x, n), n, -(2**31)) for x, n in pairs)
        if sample_weight is None:
            weight = ops.ones_like(true, dtype="float64")
        else:
            weight = ops.reshape(ops.cast(sample_weight, "float64"), ops.shape(true))
        classes = self.num_classes
        known = (true >= 0) & (true < classes) & (predicted >= 0) & (weight >= 0)
        known = known & (predicted < classes) & finite & (weight < float("inf"))
        bad = ops.logical_not(known)
        if self.ignore_index is not None:
            counted = true != self.ignore_index
            known, bad = (ops.logical_and(x, counted) for x in (known, bad))
        key = ops.where(known, true * classes + predicted, classes**2)
        weight = ops.where(known, weight, ops.cast(bad, "float64"))
        found = ops.segment_sum(weight, key, num_segments=classes**2 + 1)
        self.counts.assign_add(found)

    def result(self) -> dict[str, KerasTensor]:
        """Return the measures of everything so far.

        Returns
        -------
        dict of tensors of float64, shape () or (num_classes, num_classes)
            "accuracy", "f1", "precision", "recall" and "confusion_matrix", the truth
            going down. All NaN after bad classes, scores or weights, or nothing.
        """
        good = ops.logical_and(self.counts[-1] == 0, ops.any(self.counts > 0))
        matrix = ops.where(good, self.counts[:-1], float("nan"))
        matrix = ops.reshape(matrix, (self.num_classes, self.num_classes))
        hits, actual, taken = (
            ops.diagonal(matrix),
            ops.sum(matrix, 1),
            ops.sum(matrix, 0),
        )
        return {
            "accuracy": ops.sum(hits) / ops.sum(actual),
            "confusion_matrix": matrix,
            "f1": self._average(2 * hits, actual + taken, actual),
            "precision": self._average(hits, taken, actual),
            "recall": self._average(hits, actual, actual),
        }

    def _average(
        self, top: KerasTensor, bottom: KerasTensor, actual: KerasTensor
    ) -> KerasTensor:
        if self.average == "micro":
            return ops.sum(top) / ops.sum(bottom)
        values = top / bottom
        if self.absent == "zero":
            values = ops.where(bottom == 0, 0.0, values)
        weight = actual if self.average == "weighted" else ops.ones_like(actual)
        if self.absent == "skip":
            weight = ops.where(bottom == 0, 0.0, weight)
        total = ops.sum(ops.where(weight == 0, 0.0, weight * values))
        return total / ops.sum(weight)

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of ClassificationLog
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            names = "num_classes", "average", "absent", "ignore_index"
            for name in (*names, "from_scores"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.counts.assign_add(other.counts)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {
            "num_classes": self.num_classes,
            "average": self.average,
            "absent": self.absent,
            "ignore_index": self.ignore_index,
            "from_scores": self.from_scores,
            "name": self.name,
        }


def classification_log(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    num_classes: int,
    *,
    average: str = "macro",
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: KerasTensor | None = None,
) -> dict[str, KerasTensor]:
    r"""Several measures of one batch, for one count.

    Each batch is counted once, in the confusion matrix $C_{ij}$ of the true class $i$
    and the predicted class $j$: it holds accuracy, precision, recall and $F_1$.

    Parameters
    ----------
    y_true : tensor of int, shape (...) or (..., 1)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : tensor of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    average : {"macro", "weighted", "micro"}
        Mean over the classes, each alike or by its truths, or all counts pooled.
    absent : {"nan", "skip", "zero"}
        What 0/0 is: NaN, and so is a mean over it; NaN that a mean skips; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of tensors of float64, shape () or (num_classes, num_classes)
        "accuracy", "f1", "precision", "recall" and "confusion_matrix", the truth going
        down. All NaN after classes out of range or bad weights.

    Examples
    --------
    >>> float(classification_log([0, 0, 0, 1], [0, 1, 1, 1], 2)["accuracy"])
    0.5

    References
    ----------
    Sokolova and Lapalme, 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    metric = ClassificationLog(
        num_classes, average=average, absent=absent, ignore_index=ignore_index
    )
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
