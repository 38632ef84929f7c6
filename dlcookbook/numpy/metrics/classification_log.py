"""Classification log: accuracy, precision, recall, F1 and matrix from one count."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

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
    >>> metric.update([0, 0], [0, 1])
    >>> metric.update([0, 1], [1, 1])
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
        self.counts = np.zeros(self.num_classes**2, np.int64)

    def update(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Count a batch; a batch that is refused leaves the counts as they were.

        Parameters
        ----------
        y_true : array-like of int, shape (...)
            True classes, from 0 to `num_classes` - 1, or `ignore_index`.
        y_pred : array-like of int, shape (...)
            Predicted classes. Not scores: take their argmax first.
        sample_weight : array-like, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes differ, a class is no integer or out of range, or a weight is
            negative or not finite.
        """
        true, predicted = np.asarray(y_true), np.asarray(y_pred)
        weight = None if sample_weight is None else np.asarray(sample_weight, float)
        shapes = [x.shape for x in (true, predicted, weight) if x is not None]
        if len(set(shapes)) > 1:
            raise ValueError(
                "y_true, y_pred and sample_weight must have one shape. Received: "
                + ", ".join(map(str, shapes))
            )
        if weight is not None and not ((weight >= 0) & (weight < np.inf)).all():
            raise ValueError(
                "sample_weight must be finite and >= 0. "
                f"Received: {weight.min()} to {weight.max()}"
            )
        true, predicted = (
            self._flat(x, name) for x, name in ((true, "y_true"), (predicted, "y_pred"))
        )
        if self.ignore_index is not None:
            keep = true != self.ignore_index
            true, predicted = true[keep], predicted[keep]
            weight = None if weight is None else weight.ravel()[keep]
        size = self.num_classes
        try:
            key = np.ravel_multi_index((true, predicted), (size, size))
        except ValueError as error:
            raise ValueError(
                f"y_true and y_pred must be in [0, {size}). Received: y_true "
                f"{true.min()} to {true.max()}, y_pred {predicted.min()} to "
                f"{predicted.max()}"
            ) from error
        if weight is not None:
            weight, self.counts = weight.ravel(), self.counts.astype(float)
        if key.size < size**2:
            np.add.at(self.counts, key, 1 if weight is None else weight)
        else:
            self.counts += np.bincount(key, weight, size**2)

    @staticmethod
    def _flat(classes: np.ndarray, name: str) -> np.ndarray:
        if classes.dtype.kind not in "iub":
            raise ValueError(f"{name} must be integers. Received: {classes.dtype}")
        return classes.ravel().astype(np.intp, copy=False)

    def compute(self) -> dict[str, Any]:
        """Return the measures of everything so far.

        Returns
        -------
        dict
            "accuracy", "f1", "precision" and "recall" as numbers, "confusion_matrix"
            as ndarray, shape (num_classes, num_classes), the truth going down.

        Raises
        ------
        ValueError
            If nothing has been counted.
        """
        if not self.counts.any():
            raise ValueError("nothing has been counted. Received: 0 examples")
        matrix = self.counts.reshape(self.num_classes, -1).copy()
        hits, actual, taken = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
        return {
            "accuracy": hits.sum() / actual.sum(),
            "confusion_matrix": matrix,
            "f1": self._average(2 * hits, actual + taken, actual),
            "precision": self._average(hits, taken, actual),
            "recall": self._average(hits, actual, actual),
        }

    def _average(
        self, top: np.ndarray, bottom: np.ndarray, actual: np.ndarray
    ) -> np.float64:
        if self.average == "micro":
            return top.sum() / bottom.sum()
        weight = actual if self.average == "weighted" else np.ones_like(actual)
        if self.absent == "skip":
            weight = np.where(bottom == 0, 0, weight)
        with np.errstate(invalid="ignore"):
            values = top / bottom
            if self.absent == "zero":
                values = np.where(bottom == 0, 0.0, values)
            return np.where(weight == 0, 0, weight * values).sum() / weight.sum()

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
        self.counts = self.counts + other.counts
        return self


def classification_log(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    average: str = "macro",
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> dict[str, Any]:
    r"""Several measures of one batch, for one count.

    Each batch is counted once, in the confusion matrix $C_{ij}$ of the true class $i$
    and the predicted class $j$: it holds accuracy, precision, recall and $F_1$.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    average : {"macro", "weighted", "micro"}
        Mean over the classes, each alike or by its truths, or all counts pooled.
    absent : {"nan", "skip", "zero"}
        What 0/0 is: NaN, and so is a mean over it; NaN that a mean skips; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict
        "accuracy", "f1", "precision" and "recall" as numbers, "confusion_matrix" as
        ndarray, shape (num_classes, num_classes), the truth going down.

    Examples
    --------
    >>> found = classification_log([0, 0, 0, 1], [0, 1, 1, 1], 2)
    >>> float(found["accuracy"])
    0.5

    References
    ----------
    Sokolova and Lapalme, 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    metric = ClassificationLog(
        num_classes, average=average, absent=absent, ignore_index=ignore_index
    )
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
