"""Balanced accuracy: the mean recall of the classes, whatever their sizes."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["BalancedAccuracy", "balanced_accuracy"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class BalancedAccuracy(keras.metrics.Metric):
    r"""Balanced accuracy of as many batches as there are.

    The mean over the classes of the share of their examples that is found. A model that
    always says the same gets $1 / C$ with $C$ classes, however frequent that one is.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    absent : {"nan", "skip", "zero"}
        What the recall 0/0 of a class without examples is: NaN, and so is the mean;
        NaN that the mean leaves out; or 0.
    adjusted : bool
        True to move chance, $1 / C$, to 0 and leave perfect at 1.
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
        If `num_classes` is less than 1 or `absent` is none of the above.

    Examples
    --------
    >>> metric = BalancedAccuracy(2)
    >>> metric.update_state([0, 0], [0, 1])
    >>> metric.update_state([1, 1], [1, 1])
    >>> round(float(metric.result()), 4)
    0.75

    References
    ----------
    Brodersen et al., "The balanced accuracy and its posterior distribution", 2010.
    <https://doi.org/10.1109/ICPR.2010.764>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        absent: str = "nan",
        adjusted: bool = False,
        ignore_index: int | None = None,
        from_scores: bool = False,
        name: str = "balanced_accuracy",
    ) -> None:
        super().__init__(name=name, dtype="float64")
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if absent not in ("nan", "skip", "zero"):
            raise ValueError(
                f"absent must be 'nan', 'skip' or 'zero'. Received: {absent}"
            )
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.absent = absent
        self.adjusted = adjusted
        self.from_scores = from_scores
        # misses, hits and predictions of each class, and what was out of range; float64
        # counts to 9e15 without a gap, and weights as well
        self.counts = self.add_variable(
            (3 * num_classes + 1,), initializer="zeros", dtype="float64", name="counts"
        )

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
        flat = map(ops.ravel, (true, predicted))
        pairs = ((x, ops.cast(x, "int64")) for x in flat)
        true, predicted = (ops.where(ops.equal(x, n), n, -(2**31)) for x, n in pairs)
        if sample_weight is None:
            weight = ops.ones_like(true, dtype="float64")
        else:
            weight = ops.reshape(ops.cast(sample_weight, "float64"), ops.shape(true))
        classes = self.num_classes
        known = ops.logical_and(true >= 0, true < classes)
        known = ops.logical_and(known, ops.logical_and(predicted >= 0, weight >= 0))
        known = known & (predicted < classes) & finite & (weight < float("inf"))
        bad = ops.logical_not(known)
        if self.ignore_index is not None:
            counted = true != self.ignore_index
            known, bad = (ops.logical_and(x, counted) for x in (known, bad))
        weight = ops.where(known, weight, 0.0)
        hit = ops.cast(true == predicted, "int64")
        keys = ops.stack([true + classes * hit, predicted + 2 * classes])
        keys = ops.ravel(ops.where(known, keys, 3 * classes))
        amounts = ops.ravel(ops.stack([weight + ops.cast(bad, "float64"), weight]))
        found = ops.segment_sum(amounts, keys, num_segments=3 * classes + 1)
        self.counts.assign_add(found)

    def result(self) -> KerasTensor:
        """Return the value for everything so far.

        Returns
        -------
        tensor of float64, shape ()
            From 0 to 1, or less if adjusted; NaN as `absent` says.
            NaN also if nothing has been counted, and after classes out of range, scores
            that are not finite or bad weights.
        """
        good = ops.logical_and(self.counts[-1] == 0, ops.any(self.counts > 0))
        counts = ops.where(good, self.counts[:-1], float("nan"))
        misses, hits, _ = ops.reshape(counts, (3, -1))
        actual = misses + hits
        recall = hits / actual
        if self.absent != "nan":
            recall = ops.where(actual == 0, 0.0, recall)
        classes = ops.cast(self.num_classes, "float64")
        if self.absent == "skip":
            classes = ops.sum(ops.cast(actual > 0, "float64"))
        value = ops.sum(recall) / classes
        if self.adjusted:
            chance = 1 / classes
            value = (value - chance) / (1 - chance)
        return value

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of BalancedAccuracy
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            names = "num_classes", "absent", "adjusted", "ignore_index"
            for name in (*names, "from_scores"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.counts.assign_add(other.counts)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {
            "num_classes": self.num_classes,
            "absent": self.absent,
            "adjusted": self.adjusted,
            "ignore_index": self.ignore_index,
            "from_scores": self.from_scores,
            "name": self.name,
        }


def balanced_accuracy(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    num_classes: int,
    *,
    absent: str = "nan",
    adjusted: bool = False,
    ignore_index: int | None = None,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Balanced accuracy of one batch.

    The mean over the classes of the share of their examples that is found. A model that
    always says the same gets $1 / C$ with $C$ classes, however frequent that one is.

    Parameters
    ----------
    y_true : tensor of int, shape (...) or (..., 1)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : tensor of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    absent : {"nan", "skip", "zero"}
        What the recall 0/0 of a class without examples is: NaN, and so is the mean;
        NaN that the mean leaves out; or 0.
    adjusted : bool
        True to move chance, $1 / C$, to 0 and leave perfect at 1.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From 0 to 1, or less if adjusted; NaN as `absent` says.
        NaN also for nothing, and after classes out of range or bad weights.

    Examples
    --------
    >>> round(float(balanced_accuracy([0, 0, 1, 1], [0, 1, 1, 1], 2)), 4)
    0.75

    References
    ----------
    Brodersen et al., "The balanced accuracy and its posterior distribution", 2010.
    <https://doi.org/10.1109/ICPR.2010.764>
    """
    metric = BalancedAccuracy(
        num_classes, absent=absent, adjusted=adjusted, ignore_index=ignore_index
    )
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
