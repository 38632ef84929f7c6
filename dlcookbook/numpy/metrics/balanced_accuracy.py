"""Balanced accuracy: the mean recall of the classes, whatever their sizes."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["BalancedAccuracy", "balanced_accuracy"]


class BalancedAccuracy:
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

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `absent` is none of the above.

    Examples
    --------
    >>> metric = BalancedAccuracy(2)
    >>> metric.update([0, 0], [0, 1])
    >>> metric.update([1, 1], [1, 1])
    >>> round(metric.compute(), 4)
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
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if absent not in ("nan", "skip", "zero"):
            raise ValueError(
                f"absent must be 'nan', 'skip' or 'zero'. Received: {absent}"
            )
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.absent = absent
        self.adjusted = adjusted
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
            raise ValueError(f"sample_weight must be in [0, inf). Received: {weight}")
        parts = [np.ravel(x) for x in (true, predicted, weight) if x is not None]
        counts, step = self.counts, 1 << 16
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

    def compute(self) -> float:
        """Return the value for everything so far.

        Returns
        -------
        float
            From 0 to 1, or less if adjusted; NaN as `absent` says.

        Raises
        ------
        ValueError
            If nothing has been counted.
        """
        misses, hits, _ = self.counts.astype(float)
        if not self.counts.any():
            raise ValueError("nothing has been counted. Received: 0 examples")
        actual = misses + hits
        with np.errstate(invalid="ignore"):
            recall = hits / actual
        if self.absent != "nan":
            recall = recall[actual > 0]
        classes = self.num_classes if self.absent == "zero" else len(recall)
        if self.adjusted:
            return float((recall.sum() - 1) / (classes - 1 or np.nan))
        return float(recall.sum() / classes)

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : BalancedAccuracy
            With the same options.

        Returns
        -------
        BalancedAccuracy
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "absent", "adjusted", "ignore_index"):
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


def balanced_accuracy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    absent: str = "nan",
    adjusted: bool = False,
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Balanced accuracy of one batch.

    The mean over the classes of the share of their examples that is found. A model that
    always says the same gets $1 / C$ with $C$ classes, however frequent that one is.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
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
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to 1, or less if adjusted; NaN as `absent` says.

    Examples
    --------
    >>> round(balanced_accuracy([0, 0, 1, 1], [0, 1, 1, 1], 2), 4)
    0.75

    References
    ----------
    Brodersen et al., "The balanced accuracy and its posterior distribution", 2010.
    <https://doi.org/10.1109/ICPR.2010.764>
    """
    metric = BalancedAccuracy(
        num_classes, absent=absent, adjusted=adjusted, ignore_index=ignore_index
    )
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
