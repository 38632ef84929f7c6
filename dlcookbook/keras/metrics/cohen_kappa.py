"""Cohen's kappa: agreement beyond chance, of classes or of ordered grades."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["CohenKappa", "cohen_kappa"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class CohenKappa(keras.metrics.Metric):
    r"""Cohen's kappa of as many batches as there are.

    $\kappa = 1 - \sum_{ij} w_{ij} O_{ij} / \sum_{ij} w_{ij} E_{ij}$ of the confusion
    matrix $O$ and what chance makes of its margins, $E_{ij} = O_{i \cdot} O_{\cdot j} /
    N$. 0 is chance, 1 perfect. NaN if both are one and the same class throughout: 0/0.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    weights : {"linear", "quadratic"}, optional
        What a confusion of grades $i$ and $j$ costs: $|i - j|$ or its square. None:
        every confusion 1, as for classes without an order.
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
        If `num_classes` is less than 1 or `weights` is none of the above.

    Examples
    --------
    >>> metric = CohenKappa(2)
    >>> metric.update_state([0, 0], [0, 1])
    >>> metric.update_state([1, 1], [1, 1])
    >>> round(float(metric.result()), 4)
    0.5

    References
    ----------
    Cohen, "Weighted kappa: Nominal scale agreement with provision for scaled
    disagreement or partial credit", 1968. <https://doi.org/10.1037/h0026256>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        weights: str | None = None,
        ignore_index: int | None = None,
        from_scores: bool = False,
        name: str = "cohen_kappa",
    ) -> None:
        super().__init__(name=name, dtype="float64")
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if weights not in ("linear", "quadratic", None):
            raise ValueError(
                f"weights must be 'linear', 'quadratic' or None. Received: {weights}"
            )
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.weights = weights
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
        key = ops.where(known, true * classes + predicted, classes**2)
        weight = weight + ops.cast(bad, "float64")
        found = ops.segment_sum(weight, key, num_segments=classes**2 + 1)
        self.counts.assign_add(found)

    def result(self) -> KerasTensor:
        """Return the value for everything so far.

        Returns
        -------
        tensor of float64, shape ()
            At most 1; NaN if truth and prediction are one and the same class.
            NaN also if nothing has been counted, and after classes out of range, scores
            that are not finite or bad weights.
        """
        good = ops.logical_and(self.counts[-1] == 0, ops.any(self.counts > 0))
        counts = ops.where(good, self.counts[:-1], float("nan"))
        matrix = ops.reshape(counts, (self.num_classes, self.num_classes))
        grades = ops.arange(self.num_classes, dtype="float64")
        cost = ops.abs(ops.expand_dims(grades, 1) - grades)
        cost = cost**2 if self.weights == "quadratic" else cost
        cost = cost if self.weights else ops.minimum(cost, 1.0)
        margins = ops.sum(matrix, 1, keepdims=True) * ops.sum(matrix, 0)
        chance = ops.sum(margins * cost) / ops.sum(matrix)
        value = 1 - ops.sum(cost * matrix) / chance
        return ops.where(chance == 0, float("nan"), value)

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of CohenKappa
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            for name in ("num_classes", "weights", "ignore_index", "from_scores"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.counts.assign_add(other.counts)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {
            "num_classes": self.num_classes,
            "weights": self.weights,
            "ignore_index": self.ignore_index,
            "from_scores": self.from_scores,
            "name": self.name,
        }


def cohen_kappa(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    num_classes: int,
    *,
    weights: str | None = None,
    ignore_index: int | None = None,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Cohen's kappa of one batch.

    $\kappa = 1 - \sum_{ij} w_{ij} O_{ij} / \sum_{ij} w_{ij} E_{ij}$ of the confusion
    matrix $O$ and what chance makes of its margins, $E_{ij} = O_{i \cdot} O_{\cdot j} /
    N$. 0 is chance, 1 perfect. NaN if both are one and the same class throughout: 0/0.

    Parameters
    ----------
    y_true : tensor of int, shape (...) or (..., 1)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : tensor of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    weights : {"linear", "quadratic"}, optional
        What a confusion of grades $i$ and $j$ costs: $|i - j|$ or its square. None:
        every confusion 1, as for classes without an order.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        At most 1; NaN if truth and prediction are one and the same class.
        NaN also for nothing, and after classes out of range or bad weights.

    Examples
    --------
    >>> round(float(cohen_kappa([0, 0, 1, 1], [0, 1, 1, 1], 2)), 4)
    0.5

    References
    ----------
    Cohen, "Weighted kappa: Nominal scale agreement with provision for scaled
    disagreement or partial credit", 1968. <https://doi.org/10.1037/h0026256>
    """
    metric = CohenKappa(num_classes, weights=weights, ignore_index=ignore_index)
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
