"""Precision, recall, F-beta and specificity, of each class or averaged."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["PrecisionRecall", "precision_recall"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class PrecisionRecall(keras.metrics.Metric):
    """Precision, recall, F-beta and specificity of as many batches as there are.

    What `precision_recall` says of one, from three counts per class.

    Parameters
    ----------
    num_classes, average, beta, absent, ignore_index
        As in `precision_recall`.
    from_scores : bool
        True if `y_pred` holds a score per class on its last axis, as a model puts them
        out: the class with the highest one is taken, the first of equal ones.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `num_classes` < 1, `beta` <= 0, or `average` or `absent` is unknown.

    Examples
    --------
    >>> metric = PrecisionRecall(2, average=None)
    >>> metric.update_state([0, 0], [0, 1])
    >>> metric.update_state([0, 1], [1, 1])
    >>> ops.convert_to_numpy(metric.result()["precision"]).round(4).tolist()
    [1.0, 0.3333]

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
        from_scores: bool = False,
        name: str = "precision_recall",
    ) -> None:
        super().__init__(name=name, dtype="float64")
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
        if self.from_scores:
            finite = ops.all(ops.isfinite(predicted), axis=-1)
            predicted = ops.where(finite, ops.argmax(predicted, axis=-1), -1)
        if len(true.shape) == len(predicted.shape) + 1 and true.shape[-1] == 1:
            true = ops.squeeze(true, -1)
        shapes = tuple(true.shape), tuple(predicted.shape)
        if len(shapes[0]) != len(shapes[1]) or any(
            a != b and None not in (a, b) for a, b in zip(*shapes, strict=True)
        ):
            raise ValueError(f"y_true must have y_pred's shape. Received: {shapes}")
        # 1.5 is no class: the cast alone would count it as 1
        flat = map(ops.ravel, (true, predicted))
        pairs = ((x, ops.cast(x, "int64")) for x in flat)
        true, predicted = (ops.where(ops.equal(x, n), n, -(2**31)) for x, n in pairs)
        weight = ops.ones_like(true, dtype="float64")
        if sample_weight is not None:
            weight = ops.reshape(ops.cast(sample_weight, "float64"), ops.shape(true))
        classes = self.num_classes
        known = (true >= 0) & (true < classes) & (weight >= 0) & (weight < float("inf"))
        known = known & (predicted >= 0) & (predicted < classes)
        kept = True if self.ignore_index is None else true != self.ignore_index
        known, bad = known & kept, ~known & kept
        weight = ops.where(known, weight, 0.0)
        hit = ops.cast(true == predicted, "int64")
        keys = ops.stack([true + classes * hit, predicted + 2 * classes])
        keys = ops.ravel(ops.where(known, keys, 3 * classes))
        amounts = ops.ravel(ops.stack([weight + ops.cast(bad, "float64"), weight]))
        found = ops.segment_sum(amounts, keys, num_segments=3 * classes + 1)
        self.counts.assign_add(found)

    def result(self) -> dict[str, KerasTensor]:
        """Return the measures of everything so far.

        Returns
        -------
        dict of tensors of float64, shape () or (num_classes,)
            "f_beta", "precision", "recall" and "specificity". All NaN if nothing has
            been counted, and after classes out of range, scores that are not finite or
            bad weights.
        """
        good = ops.logical_and(self.counts[-1] == 0, ops.any(self.counts > 0))
        counts = ops.where(good, self.counts[:-1], float("nan"))
        misses, hits, taken = ops.reshape(counts, (3, -1))
        square, actual = self.beta**2, misses + hits
        negative = ops.sum(actual) - actual
        ratios = {
            "f_beta": ((1 + square) * hits, square * actual + taken),
            "precision": (hits, taken),
            "recall": (hits, actual),
            "specificity": (negative - taken + hits, negative),
        }
        return {name: self._average(*pair, actual) for name, pair in ratios.items()}

    def _average(
        self, top: KerasTensor, bottom: KerasTensor, actual: KerasTensor
    ) -> KerasTensor:
        if self.average == "micro":
            top, bottom = ops.sum(top), ops.sum(bottom)
        values = top / bottom
        if self.absent == "zero":
            values = ops.where(bottom == 0, 0.0, values)
        if self.average in ("micro", None):
            return values
        weight = actual if self.average == "weighted" else ops.ones_like(actual)
        if self.absent == "skip":
            weight = ops.where(bottom == 0, 0.0, weight)
        total = ops.sum(ops.where(weight == 0, 0.0, weight * values))
        return total / ops.sum(weight)

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of PrecisionRecall
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            names = "num_classes", "average", "beta", "absent", "ignore_index"
            for name in (*names, "from_scores"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.counts.assign_add(other.counts)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        names = "num_classes", "average", "beta", "absent", "ignore_index"
        return {name: getattr(self, name) for name in (*names, "from_scores", "name")}


def precision_recall(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    num_classes: int,
    *,
    average: str | None = "macro",
    beta: float = 1.0,
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: KerasTensor | None = None,
) -> dict[str, KerasTensor]:
    r"""Precision, recall, F-beta and specificity of one batch.

    With $TP$ hits, $FP$ false alarms, $FN$ misses and $TN$ others, precision is
    $TP / (TP + FP)$, recall $TP / (TP + FN)$, specificity $TN / (TN + FP)$, and
    $F_\beta = (1 + \beta^2) TP / ((1 + \beta^2) TP + \beta^2 FN + FP)$. The weighted
    mean of recall, and all means "micro" but that of specificity, are the accuracy.

    Parameters
    ----------
    y_true : tensor of int, shape (...) or (..., 1)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : tensor of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
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
    sample_weight : tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of tensors of float64, shape () or (num_classes,)
        "f_beta", "precision", "recall" and "specificity". NaN after classes out of
        range or bad weights.

    Examples
    --------
    >>> found = precision_recall([0, 0, 0, 1], [0, 1, 1, 1], 2, average=None)
    >>> ops.convert_to_numpy(found["recall"]).round(4).tolist()
    [0.3333, 1.0]

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
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
