"""Precision, recall, F-beta and specificity, of each class or averaged."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "PrecisionRecall",
    "f_beta",
    "precision",
    "precision_recall",
    "recall",
    "specificity",
]


class PrecisionRecall:
    r"""Precision, recall, F-beta and specificity of as many batches as there are.

    With $TP$ hits, $FP$ false alarms, $FN$ misses and $TN$ others, precision is
    $TP / (TP + FP)$, recall $TP / (TP + FN)$, specificity $TN / (TN + FP)$, and
    $F_\beta = (1 + \beta^2) TP / ((1 + \beta^2) TP + \beta^2 FN + FP)$. The weighted
    mean of recall, and all means "micro" but that of specificity, are the accuracy.

    Parameters
    ----------
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

    Raises
    ------
    ValueError
        If `num_classes` is less than 1, `beta` is not above 0, or `average` or `absent`
        is none of the above.

    Examples
    --------
    >>> metric = PrecisionRecall(2, average=None)
    >>> metric.update([0, 0], [0, 1])
    >>> metric.update([0, 1], [1, 1])
    >>> metric.compute()["precision"].round(4)
    array([1.    , 0.3333])

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
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
        if average not in ("macro", "weighted", "micro", None):
            raise ValueError(
                "average must be 'macro', 'weighted', 'micro' or None. "
                f"Received: {average}"
            )
        if absent not in ("nan", "skip", "zero"):
            raise ValueError(
                f"absent must be 'nan', 'skip' or 'zero'. Received: {absent}"
            )
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
            negative or NaN.
        """
        true, predicted = np.asarray(y_true), np.asarray(y_pred)
        weight = None if sample_weight is None else np.asarray(sample_weight, float)
        shapes = [x.shape for x in (true, predicted, weight) if x is not None]
        if len(set(shapes)) > 1:
            raise ValueError(
                "y_true, y_pred and sample_weight must have one shape. Received: "
                + ", ".join(map(str, shapes))
            )
        if weight is not None and not (weight >= 0).all():
            raise ValueError(f"sample_weight must be >= 0. Received: {weight.min()}")
        parts = [np.ravel(x) for x in (true, predicted, weight) if x is not None]
        counts, step = self.counts, 1 << 18
        for start in range(0, true.size, step):
            block = [x[start : start + step] for x in parts]
            if self.ignore_index is not None:
                keep = block[0] != self.ignore_index
                block = [x[keep] for x in block]
            for name, classes in zip(("y_true", "y_pred"), block, strict=False):
                self._check(name, classes)
            counts = counts + self._count(*block)
        self.counts = counts

    def _count(
        self, true: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None
    ) -> np.ndarray:
        size, classes = len(true), self.num_classes
        if classes > 256:
            # a bin for the misses of each class and one for its hits: no square of them
            true, predicted = (x.astype(np.intp, copy=False) for x in (true, predicted))
            key = (true == predicted) * np.intp(classes) + true
            parts = (
                np.bincount(key, weight, 2 * classes),
                np.bincount(predicted, weight, classes),
            )
            return np.concatenate(parts).reshape(3, -1)
        if weight is None and classes <= 16 and size >= 1 << 15:
            # keys of one byte: two examples side by side count as one number
            key = true.astype(np.uint8) * np.uint8(classes) + predicted.astype(np.uint8)
            pairs = np.bincount(key[: size & ~1].view(np.uint16), minlength=1 << 16)
            pairs = pairs.reshape(256, 256)
            found = pairs.sum(axis=0) + pairs.sum(axis=1)
            found[key[size & ~1 :]] += 1
        else:
            key = true.astype(np.intp) * classes + predicted.astype(np.intp, copy=False)
            found = np.bincount(key, weight, classes**2)
        matrix = found[: classes**2].reshape(classes, classes)
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

    def _average(
        self, top: np.ndarray, bottom: np.ndarray, actual: np.ndarray
    ) -> np.ndarray:
        if self.average == "micro":
            top, bottom = top.sum(), bottom.sum()
        with np.errstate(invalid="ignore"):
            values = np.true_divide(top, bottom)
        if self.absent == "zero":
            values = np.where(bottom == 0, 0.0, values)
        if self.average in ("micro", None):
            return values
        weight = actual if self.average == "weighted" else np.ones(len(actual))
        if self.absent == "skip":
            weight = np.where(bottom == 0, 0, weight)
        total = np.where(weight == 0, 0, weight * values).sum()
        return total / weight.sum() if weight.any() else np.array(np.nan)

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : PrecisionRecall
            Of as many classes.

        Returns
        -------
        PrecisionRecall
            This one.

        Raises
        ------
        ValueError
            If the numbers of classes differ.
        """
        if other.num_classes != self.num_classes:
            raise ValueError(
                f"other must have {self.num_classes} classes. "
                f"Received: {other.num_classes}"
            )
        self.counts = self.counts + other.counts
        return self

    def _check(self, name: str, classes: np.ndarray) -> None:
        if classes.dtype.kind not in "iub":
            raise ValueError(f"{name} must be integers. Received: {classes.dtype}")
        # a negative number without its sign is a huge one: one pass instead of two
        unsigned = classes.view(f"{classes.dtype.byteorder}u{classes.itemsize}")
        if classes.size and unsigned.max() >= self.num_classes:
            raise ValueError(
                f"{name} must be in [0, {self.num_classes}). "
                f"Received: {classes.min()} to {classes.max()}"
            )


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
        Number of classes.
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


def precision(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    average: str | None = "macro",
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""Precision: how many predictions of a class are right.

    $TP / (TP + FP)$: 1 says that no false alarm was raised, not that none was
    missed.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    average : {"macro", "weighted", "micro"}, optional
        Mean over the classes, each alike ("macro") or by its truths ("weighted"), or
        the measure of all counts pooled ("micro"). None gives one value per class.
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    ndarray of float64, shape () or (num_classes,)
        From 0 to 1; NaN as `absent` says.

    Examples
    --------
    >>> round(float(precision([0, 0, 0, 1], [0, 1, 1, 1], 2)), 4)
    0.6667

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    found = precision_recall(
        y_true,
        y_pred,
        num_classes,
        average=average,
        absent=absent,
        ignore_index=ignore_index,
        sample_weight=sample_weight,
    )
    return found["precision"]


def recall(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    average: str | None = "macro",
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""Recall: how many examples of a class are found.

    $TP / (TP + FN)$, also sensitivity; the weighted mean over the classes is the
    accuracy.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    average : {"macro", "weighted", "micro"}, optional
        Mean over the classes, each alike ("macro") or by its truths ("weighted"), or
        the measure of all counts pooled ("micro"). None gives one value per class.
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    ndarray of float64, shape () or (num_classes,)
        From 0 to 1; NaN as `absent` says.

    Examples
    --------
    >>> round(float(recall([0, 0, 0, 1], [0, 1, 1, 1], 2)), 4)
    0.6667

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    found = precision_recall(
        y_true,
        y_pred,
        num_classes,
        average=average,
        absent=absent,
        ignore_index=ignore_index,
        sample_weight=sample_weight,
    )
    return found["recall"]


def f_beta(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    average: str | None = "macro",
    beta: float = 1.0,
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""F-beta score: precision and recall in one number.

    $(1 + \beta^2) TP / ((1 + \beta^2) TP + \beta^2 FN + FP)$; $F_1$ is their
    harmonic mean.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
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
    ndarray of float64, shape () or (num_classes,)
        From 0 to 1; NaN as `absent` says.

    Examples
    --------
    >>> round(float(f_beta([0, 0, 0, 1], [0, 1, 1, 1], 2)), 4)
    0.5

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    found = precision_recall(
        y_true,
        y_pred,
        num_classes,
        average=average,
        beta=beta,
        absent=absent,
        ignore_index=ignore_index,
        sample_weight=sample_weight,
    )
    return found["f_beta"]


def specificity(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    average: str | None = "macro",
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""Specificity: how many examples of other classes are not taken for this one.

    $TN / (TN + FP)$: with many classes close to 1 whatever the model does.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    average : {"macro", "weighted", "micro"}, optional
        Mean over the classes, each alike ("macro") or by its truths ("weighted"), or
        the measure of all counts pooled ("micro"). None gives one value per class.
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    ndarray of float64, shape () or (num_classes,)
        From 0 to 1; NaN as `absent` says.

    Examples
    --------
    >>> round(float(specificity([0, 0, 0, 1], [0, 1, 1, 1], 2)), 4)
    0.6667

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    found = precision_recall(
        y_true,
        y_pred,
        num_classes,
        average=average,
        absent=absent,
        ignore_index=ignore_index,
        sample_weight=sample_weight,
    )
    return found["specificity"]
