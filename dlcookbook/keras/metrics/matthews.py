"""Matthews correlation: how far truth and prediction go together, in one number."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["Matthews", "matthews"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class Matthews(keras.metrics.Metric):
    r"""Matthews correlation coefficient of as many batches as there are.

    The correlation of truth and prediction as indicators of the classes,
    $R = \sum_k (N h_k - a_k p_k) / \sqrt{\sum_k a_k (N - a_k) \sum_k p_k (N - p_k)}$
    with $N$ examples, of class $k$ $a_k$ true, $p_k$ predicted and $h_k$ hits. 0 is
    chance, however the classes are balanced; 1 is perfect.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    constant : {"nan", "zero"}
        What 0/0 is: truth or prediction is one class throughout.
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
        If `num_classes` is less than 1 or `constant` is none of the above.

    Examples
    --------
    >>> metric = Matthews(2)
    >>> metric.update_state([0, 0], [0, 1])
    >>> metric.update_state([1, 1], [1, 1])
    >>> round(float(metric.result()), 4)
    0.5774

    References
    ----------
    Gorodkin, "Comparing two K-category assignments by a K-category correlation
    coefficient", 2004. <https://doi.org/10.1016/j.compbiolchem.2004.09.006>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        constant: str = "nan",
        ignore_index: int | None = None,
        from_scores: bool = False,
        name: str = "matthews",
    ) -> None:
        super().__init__(name=name, dtype="float64")
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if constant not in ("nan", "zero"):
            raise ValueError(f"constant must be 'nan' or 'zero'. Received: {constant}")
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.constant = constant
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
            From -1 to 1; where truth or prediction is one class, as `constant` says.
            NaN also if nothing has been counted, and after classes out of range, scores
            that are not finite or bad weights.
        """
        good = ops.logical_and(self.counts[-1] == 0, ops.any(self.counts > 0))
        counts = ops.where(good, self.counts[:-1], float("nan"))
        misses, hits, taken = ops.reshape(counts, (3, -1))
        actual, total = misses + hits, ops.sum(misses + hits)
        spread = ops.sum(actual * (total - actual)) * ops.sum(taken * (total - taken))
        value = ops.sum(total * hits - actual * taken) / ops.sqrt(spread)
        zero = 0.0 if self.constant == "zero" else float("nan")
        return ops.where(spread == 0, zero, value)

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of Matthews
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            for name in ("num_classes", "constant", "ignore_index", "from_scores"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.counts.assign_add(other.counts)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {
            "num_classes": self.num_classes,
            "constant": self.constant,
            "ignore_index": self.ignore_index,
            "from_scores": self.from_scores,
            "name": self.name,
        }


def matthews(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    num_classes: int,
    *,
    constant: str = "nan",
    ignore_index: int | None = None,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Matthews correlation coefficient of one batch.

    The correlation of truth and prediction as indicators of the classes,
    $R = \sum_k (N h_k - a_k p_k) / \sqrt{\sum_k a_k (N - a_k) \sum_k p_k (N - p_k)}$
    with $N$ examples, of class $k$ $a_k$ true, $p_k$ predicted and $h_k$ hits. 0 is
    chance, however the classes are balanced; 1 is perfect.

    Parameters
    ----------
    y_true : tensor of int, shape (...) or (..., 1)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : tensor of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    constant : {"nan", "zero"}
        What 0/0 is: truth or prediction is one class throughout.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From -1 to 1; where truth or prediction is one class, as `constant` says.
        NaN also for nothing, and after classes out of range or bad weights.

    Examples
    --------
    >>> round(float(matthews([0, 0, 1, 1], [0, 1, 1, 1], 2)), 4)
    0.5774

    References
    ----------
    Gorodkin, "Comparing two K-category assignments by a K-category correlation
    coefficient", 2004. <https://doi.org/10.1016/j.compbiolchem.2004.09.006>
    """
    metric = Matthews(num_classes, constant=constant, ignore_index=ignore_index)
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
