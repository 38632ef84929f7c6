"""Confusion matrix: how often each class was taken for which."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["ConfusionMatrix", "confusion_matrix"]


class ConfusionMatrix:
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

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `normalize` is none of the above.

    Examples
    --------
    >>> metric = ConfusionMatrix(2)
    >>> metric.update([0, 0], [0, 1])
    >>> metric.update([1], [1])
    >>> metric.compute()
    array([[1, 1],
           [0, 1]])

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
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if normalize not in (None, "true", "pred", "all"):
            raise ValueError(
                "normalize must be 'true', 'pred', 'all' or None. "
                f"Received: {normalize}"
            )
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.normalize = normalize
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
        parts = [np.ravel(x) for x in (true, predicted, weight) if x is not None]
        counts, bins = self.counts, self.num_classes**2
        # small enough for the cache, large enough to outweigh the bins of a block
        step = max(1 << 18 if self.num_classes <= 16 else 1 << 16, bins)
        for start in range(0, true.size, step):
            block = [x[start : start + step] for x in parts]
            if self.ignore_index is not None:
                keep = block[0] != self.ignore_index
                block = [x[keep] for x in block]
            for name, classes in zip(("y_true", "y_pred"), block, strict=False):
                self._check(name, classes)
            key = block[0].astype(np.intp) * self.num_classes + block[1]
            weights = None if weight is None else block[2]
            counts = counts + np.bincount(key, weights, minlength=bins)
        self.counts = counts

    def compute(self) -> np.ndarray:
        """Return the matrix of everything so far.

        Returns
        -------
        ndarray, shape (num_classes, num_classes)
            Counts, int64 unless weighted. Shares if normalised: NaN where there is
            nothing to divide by.
        """
        matrix = self.counts.reshape(self.num_classes, -1)
        if self.normalize is None:
            return matrix
        axis = {"true": (1,), "pred": (0,), "all": (0, 1)}[self.normalize]
        with np.errstate(invalid="ignore"):
            return matrix / matrix.sum(axis=axis, keepdims=True)

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : ConfusionMatrix
            With the same options.

        Returns
        -------
        ConfusionMatrix
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "ignore_index", "normalize"):
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


def confusion_matrix(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    normalize: str | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""Confusion matrix of one batch.

    $C_{ij}$ counts the examples of class $i$ that were taken for class $j$.

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
    normalize : {"true", "pred", "all"}, optional
        Divide by the sum of the row, of the column or of all. None counts.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    ndarray, shape (num_classes, num_classes)
        Counts, int64 unless weighted. Shares if normalised: NaN where there is
        nothing to divide by.

    Raises
    ------
    ValueError
        If the shapes differ, a class is no integer or out of range, a weight is
        negative or not finite, or an option is none of the above.

    Examples
    --------
    >>> confusion_matrix([0, 0, 1], [0, 1, 1], 2)
    array([[1, 1],
           [0, 1]])

    References
    ----------
    Stehman, "Selecting and Interpreting Measures of Thematic Classification
    Accuracy", 1997. <https://doi.org/10.1016/S0034-4257(97)00083-7>
    """
    metric = ConfusionMatrix(
        num_classes, ignore_index=ignore_index, normalize=normalize
    )
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
