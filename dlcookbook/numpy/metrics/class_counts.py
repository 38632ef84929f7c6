"""Class counts: hits, false alarms and misses of each class, without a matrix."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["ClassCounts", "class_counts"]


class ClassCounts:
    r"""Hits, false alarms and misses of each class, of as many batches as there are.

    Against all other classes together, an example is for class $c$ a true positive
    ($y = \hat y = c$), a false positive ($y \ne \hat y = c$), a false negative
    ($y = c \ne \hat y$) or a true negative. The support $TP + FN$ counts the truths.
    Memory grows with the classes and not with their square: 100,000 are no problem.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1.

    Examples
    --------
    >>> metric = ClassCounts(2)
    >>> metric.update([0, 0], [0, 1])
    >>> metric.update([1], [1])
    >>> metric.compute()["false_positives"]
    array([0, 1])

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """

    def __init__(self, num_classes: int, *, ignore_index: int | None = None) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        self.num_classes, self.ignore_index = num_classes, ignore_index
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
        """Return the counts of everything so far.

        Returns
        -------
        dict of ndarray, shape (num_classes,)
            "true_positives", "false_positives", "false_negatives", "true_negatives"
            and "support"; int64 unless weighted.
        """
        misses, hits, taken = self.counts
        return {
            "true_positives": hits,
            "false_positives": taken - hits,
            "false_negatives": misses,
            "true_negatives": (hits + misses).sum() - taken - misses,
            "support": hits + misses,
        }

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : ClassCounts
            With the same options.

        Returns
        -------
        ClassCounts
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "ignore_index"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
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


def class_counts(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> dict[str, np.ndarray]:
    r"""Hits, false alarms and misses of each class in one batch.

    Against all other classes together, an example is for class $c$ a true positive
    ($y = \hat y = c$), a false positive ($y \ne \hat y = c$), a false negative
    ($y = c \ne \hat y$) or a true negative. The support $TP + FN$ counts the truths.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of ndarray, shape (num_classes,)
        "true_positives", "false_positives", "false_negatives", "true_negatives" and
        "support"; int64 unless weighted.

    Examples
    --------
    >>> class_counts([0, 0, 1], [0, 1, 1], 2)["false_negatives"]
    array([1, 0])

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    metric = ClassCounts(num_classes, ignore_index=ignore_index)
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
