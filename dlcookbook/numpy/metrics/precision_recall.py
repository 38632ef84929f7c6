"""Precision, recall, F-beta and specificity, of each class or averaged."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["PrecisionRecall", "precision_recall"]


class PrecisionRecall:
    """Precision, recall, F-beta and specificity of as many batches as there are.

    What `precision_recall` says of one, from three counts per class.

    Parameters
    ----------
    num_classes, average, beta, absent, ignore_index
        As in `precision_recall`.

    Raises
    ------
    ValueError
        If `num_classes` < 1, `beta` <= 0, or `average` or `absent` is unknown.

    Examples
    --------
    >>> metric = PrecisionRecall(2, average=None)
    >>> metric.update([0, 0], [0, 1])
    >>> metric.update([0, 1], [1, 1])
    >>> metric.compute()["precision"].round(4)
    array([1.    , 0.3333])

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
    ) -> None:
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
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # misses, hits and predictions of each class
        self.counts = np.zeros((3, self.num_classes), np.int64)

    def update(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Count a batch; a batch that is refused leaves the counts as they were.

        Parameters
        ----------
        y_true, y_pred, sample_weight : array-like, shape (...)
            As in `precision_recall`.

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
                f"y_true, y_pred, sample_weight must have one shape. Received: {shapes}"
            )
        if weight is not None and not ((weight >= 0) & (weight < np.inf)).all():
            raise ValueError(f"sample_weight must be finite, >= 0. Received: {weight}")
        parts = [np.ravel(x) for x in (true, predicted, weight) if x is not None]
        counts, step = self.counts, 1 << 18
        for start in range(0, true.size, step):
            block = [x[start : start + step] for x in parts]
            if self.ignore_index is not None:
                keep = block[0] != self.ignore_index
                block = [x[keep] for x in block]
            for name, x in zip(("y_true", "y_pred"), block, strict=False):
                if x.dtype.kind not in "iub":
                    raise ValueError(f"{name} must be integers. Received: {x.dtype}")
                # a negative number without its sign is a huge one: one pass, not two
                unsigned = x.view(f"{x.dtype.byteorder}u{x.itemsize}")
                if x.size and unsigned.max() >= self.num_classes:
                    raise ValueError(
                        f"{name} must be in [0, {self.num_classes}). "
                        f"Received: {x.min()} to {x.max()}"
                    )
            counts = counts + self._count(*block)
        self.counts = counts

    def _count(
        self, true: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None
    ) -> np.ndarray:
        classes = self.num_classes
        true, predicted = (x.astype(np.intp, copy=False) for x in (true, predicted))
        if classes > 256:
            # a bin for the misses of each class and one for its hits: no square of them
            key = true + classes * (true == predicted)
            found = np.bincount(key, weight, 2 * classes).reshape(2, classes)
            return np.stack([*found, np.bincount(predicted, weight, classes)])
        matrix = np.bincount(true * classes + predicted, weight, classes**2)
        matrix = matrix.reshape(classes, classes)
        hits = matrix.diagonal()
        return np.stack([matrix.sum(axis=1) - hits, hits, matrix.sum(axis=0)])

    def compute(self) -> dict[str, np.ndarray]:
        """Return the measures of everything so far.

        Returns
        -------
        dict of ndarray of float64, shape () or (num_classes,)
            "f_beta", "precision", "recall" and "specificity".

        Raises
        ------
        ValueError
            If nothing has been counted.
        """
        if not self.counts.any():
            raise ValueError("nothing has been counted. Received: 0 examples")
        misses, hits, taken = self.counts.astype(float)
        square, actual = self.beta**2, misses + hits
        negative = np.sum(actual) - actual
        ratios = {
            "f_beta": ((1 + square) * hits, square * actual + taken),
            "precision": (hits, taken),
            "recall": (hits, actual),
            "specificity": (negative - taken + hits, negative),
        }
        return {name: self._average(*pair, actual) for name, pair in ratios.items()}

    @np.errstate(invalid="ignore")
    def _average(
        self, top: np.ndarray, bottom: np.ndarray, actual: np.ndarray
    ) -> np.ndarray:
        if self.average == "micro":
            top, bottom = top.sum(), bottom.sum()
        values = np.true_divide(top, bottom)
        if self.absent == "zero":
            values = np.where(bottom == 0, 0.0, values)
        if self.average in ("micro", None):
            return values
        weight = actual if self.average == "weighted" else np.ones(len(actual))
        if self.absent == "skip":
            weight = np.where(bottom == 0, 0, weight)
        return np.where(weight == 0, 0, weight * values).sum() / weight.sum()

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : PrecisionRecall
            With the same options.

        Returns
        -------
        PrecisionRecall
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "average", "beta", "absent", "ignore_index"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.counts = self.counts + other.counts
        return self


def precision_recall(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    average: str | None = "macro",
    beta: float = 1.0,
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> dict[str, np.ndarray]:
    r"""Precision, recall, F-beta and specificity of one batch.

    With $TP$ hits, $FP$ false alarms, $FN$ misses and $TN$ others, precision is
    $TP / (TP + FP)$, recall $TP / (TP + FN)$, specificity $TN / (TN + FP)$, and
    $F_\beta = (1 + \beta^2) TP / ((1 + \beta^2) TP + \beta^2 FN + FP)$. The weighted
    mean of recall, and all means "micro" but that of specificity, are the accuracy.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
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
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of ndarray of float64, shape () or (num_classes,)
        "f_beta", "precision", "recall" and "specificity".

    Examples
    --------
    >>> found = precision_recall([0, 0, 0, 1], [0, 1, 1, 1], 2, average=None)
    >>> found["recall"].round(4)
    array([0.3333, 1.    ])

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
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
