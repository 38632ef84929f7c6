"""Confusion matrix: how often each class was taken for which."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["ConfusionMatrix", "confusion_matrix"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class ConfusionMatrix(keras.metrics.Metric):
    r"""Confusion matrix of as many batches as there are.

    $C_{ij}$ counts the examples of class $i$ that were taken for class $j$: the truth
    goes down, the prediction across. A perfect model fills the diagonal alone.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    normalize : {"true", "pred", "all"}, optional
        Divide by the sum of the row, of the column or of all. None counts.
    from_scores : bool
        True if `y_pred` holds a score per class on its last axis, as a model puts them
        out: the class with the highest one is taken, the first of equal ones.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `normalize` is none of the above.

    Examples
    --------
    >>> metric = ConfusionMatrix(2)
    >>> metric.update_state([0, 0], [0, 1])
    >>> metric.update_state([1], [1])
    >>> ops.convert_to_numpy(metric.result()).tolist()
    [[1.0, 1.0], [0.0, 1.0]]

    References
    ----------
    Stehman, "Selecting and Interpreting Measures of Thematic Classification
    Accuracy", 1997. <https://doi.org/10.1016/S0034-4257(97)00083-7>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        ignore_index: int | None = None,
        normalize: str | None = None,
        from_scores: bool = False,
        name: str = "confusion_matrix",
    ) -> None:
        super().__init__(name=name, dtype="float64")
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if normalize not in (None, "true", "pred", "all"):
            raise ValueError(
                "normalize must be 'true', 'pred', 'all' or None. "
                f"Received: {normalize}"
            )
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.normalize, self.from_scores = normalize, from_scores
        # float64 counts to 9e15 without a gap, and weights as well; the last one
        # counts what was out of range
        self.counts = self.add_variable(
            (num_classes**2 + 1,), initializer="zeros", dtype="float64", name="counts"
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
        key = ops.where(known, true * classes + predicted, classes**2)
        weight = ops.where(known, weight, 1.0)
        if self.ignore_index is not None:
            weight = ops.where(true == self.ignore_index, 0.0, weight)
        found = ops.segment_sum(weight, key, num_segments=classes**2 + 1)
        self.counts.assign_add(found)

    def result(self) -> KerasTensor:
        """Return the matrix of everything so far.

        Returns
        -------
        tensor of float64, shape (num_classes, num_classes)
            Counts, or shares if normalised: NaN where there is nothing to divide by.
            All NaN after classes out of range, scores that are not finite or bad
            weights.
        """
        matrix = ops.reshape(self.counts[:-1], (self.num_classes, self.num_classes))
        matrix = ops.where(self.counts[-1] > 0, float("nan"), matrix)
        if self.normalize is None:
            return matrix
        axis = {"true": 1, "pred": 0, "all": (0, 1)}[self.normalize]
        return matrix / ops.sum(matrix, axis=axis, keepdims=True)

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of ConfusionMatrix
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            for name in ("num_classes", "ignore_index", "normalize", "from_scores"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.counts.assign_add(other.counts)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {
            "num_classes": self.num_classes,
            "ignore_index": self.ignore_index,
            "normalize": self.normalize,
            "from_scores": self.from_scores,
            "name": self.name,
        }


def confusion_matrix(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    normalize: str | None = None,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Confusion matrix of one batch.

    $C_{ij}$ counts the examples of class $i$ that were taken for class $j$.

    Parameters
    ----------
    y_true : tensor of int, shape (...) or (..., 1)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : tensor of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    normalize : {"true", "pred", "all"}, optional
        Divide by the sum of the row, of the column or of all. None counts.
    sample_weight : tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape (num_classes, num_classes)
        Counts, or shares if normalised: NaN where there is nothing to divide by. All
        NaN after classes out of range or bad weights.

    Raises
    ------
    ValueError
        If the shapes do not fit or an option is none of the above.

    Examples
    --------
    >>> ops.convert_to_numpy(confusion_matrix([0, 0, 1], [0, 1, 1], 2)).tolist()
    [[1.0, 1.0], [0.0, 1.0]]

    References
    ----------
    Stehman, "Selecting and Interpreting Measures of Thematic Classification
    Accuracy", 1997. <https://doi.org/10.1016/S0034-4257(97)00083-7>
    """
    metric = ConfusionMatrix(
        num_classes, ignore_index=ignore_index, normalize=normalize
    )
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
