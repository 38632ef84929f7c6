"""Matthews correlation: how far truth and prediction go together, in one number."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Matthews", "matthews"]


class Matthews:
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

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `constant` is none of the above.

    Examples
    --------
    >>> metric = Matthews(2)
    >>> metric.update([0, 0], [0, 1])
    >>> metric.update([1, 1], [1, 1])
    >>> round(metric.compute(), 4)
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
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if constant not in ("nan", "zero"):
            raise ValueError(f"constant must be 'nan' or 'zero'. Received: {constant}")
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.constant = constant
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
            From -1 to 1; where truth or prediction is one class, as `constant` says.

        Raises
        ------
        ValueError
            If nothing has been counted.
        """
        misses, hits, taken = self.counts.astype(float)
        if not self.counts.any():
            raise ValueError("nothing has been counted. Received: 0 examples")
        actual, total = misses + hits, (misses + hits).sum()
        spread = (actual @ (total - actual)) * (taken @ (total - taken))
        if not spread:
            return 0.0 if self.constant == "zero" else float("nan")
        return float((total * hits - actual * taken).sum() / np.sqrt(spread))

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : Matthews
            With the same options.

        Returns
        -------
        Matthews
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "constant", "ignore_index"):
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


def matthews(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    constant: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Matthews correlation coefficient of one batch.

    The correlation of truth and prediction as indicators of the classes,
    $R = \sum_k (N h_k - a_k p_k) / \sqrt{\sum_k a_k (N - a_k) \sum_k p_k (N - p_k)}$
    with $N$ examples, of class $k$ $a_k$ true, $p_k$ predicted and $h_k$ hits. 0 is
    chance, however the classes are balanced; 1 is perfect.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    constant : {"nan", "zero"}
        What 0/0 is: truth or prediction is one class throughout.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From -1 to 1; where truth or prediction is one class, as `constant` says.

    Examples
    --------
    >>> round(matthews([0, 0, 1, 1], [0, 1, 1, 1], 2), 4)
    0.5774

    References
    ----------
    Gorodkin, "Comparing two K-category assignments by a K-category correlation
    coefficient", 2004. <https://doi.org/10.1016/j.compbiolchem.2004.09.006>
    """
    metric = Matthews(num_classes, constant=constant, ignore_index=ignore_index)
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
