"""Mean IoU: how well predicted regions cover the true ones, averaged over classes."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["MeanIoU", "mean_iou"]


class MeanIoU:
    r"""Mean intersection over union of as many label maps as there are.

    $|A \cap B| / |A \cup B|$ of the pixels $A$ of a class and the pixels $B$ that were
    taken for it, averaged over the classes. Equal maps give 1. Keeps no square matrix.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target whose pixels do not count; if it is a class, it has no value either.
    absent : {"skip", "zero", "one"}
        What a class counts that is neither in the truth nor in the prediction.
    per : {"dataset", "image"}
        Count over all pixels, or average the value of each image, the first axis.
    average : {"macro"}, optional
        None returns one value per class.
    include_background : bool
        False leaves class 0 out of the mean.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or an option is none of the above.

    Examples
    --------
    >>> metric = MeanIoU(2)
    >>> metric.update([[0, 0]], [[0, 1]])
    >>> metric.update([[1, 1]], [[1, 1]])
    >>> round(float(metric.compute()), 4)
    0.5833

    References
    ----------
    Everingham et al., "Pascal VOC", 2010. <https://doi.org/10.1007/s11263-009-0275-4>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        ignore_index: int | None = None,
        absent: str = "skip",
        per: str = "dataset",
        average: str | None = "macro",
        include_background: bool = True,
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        for name, value, known in (
            ("absent", absent, ("skip", "zero", "one")),
            ("per", per, ("dataset", "image")),
            ("average", average, ("macro", None)),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {known}. Received: {value}")
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.absent, self.per, self.average = absent, per, average
        self.include_background = include_background
        self.reset()

    def reset(self) -> None:
        """Forget every image."""
        kind = np.int64 if self.per == "dataset" else np.float64
        # what to divide by what: pixels, or values by images, the last for their means
        self.sums: np.ndarray = np.zeros((2, self.num_classes + 1), kind)

    def update(self, y_true: ArrayLike, y_pred: ArrayLike) -> None:
        """Count a batch; a batch that is refused leaves the sums as they were.

        Parameters
        ----------
        y_true : array-like of int, shape (N, ...)
            True classes, from 0 to `num_classes` - 1, or `ignore_index`.
        y_pred : array-like of int, shape (N, ...)
            Predicted classes, best as uint8. Not scores: take their argmax first.

        Raises
        ------
        ValueError
            If the shapes differ or a class is no integer or out of range.
        """
        true, predicted = np.asarray(y_true), np.asarray(y_pred)
        shapes = true.shape, predicted.shape
        if shapes[0] != shapes[1]:
            raise ValueError(f"y_true must have y_pred's shape. Received: {shapes}")
        for name, x in (("y_true", true), ("y_pred", predicted)):
            if x.dtype.kind not in "iub":
                raise ValueError(f"{name} must be integers. Received: {x.dtype}")
        per = len(true) if self.per == "image" else 1
        shape = per, true.size // max(per, 1)
        pairs = zip(true.reshape(shape), predicted.reshape(shape), strict=True)
        counts = np.array([self._count(*pair) for pair in pairs], np.int64)
        counts = counts.reshape(-1, 3, self.num_classes)
        hits, union = counts[:, 0], counts[:, 1] + counts[:, 2] - counts[:, 0]
        found: np.ndarray = np.zeros_like(self.sums)
        if self.per == "dataset":
            found[:, :-1] = hits.sum(0), union.sum(0)
        else:
            values = self._values(hits, union)
            found[:] = np.nansum(values, 0), (~np.isnan(values)).sum(0)
        self.sums = self.sums + found

    def compute(self) -> np.ndarray:
        """Return the value of everything so far.

        Returns
        -------
        ndarray, shape () or (num_classes,)
            From 0 to 1. NaN where nothing counts.

        Raises
        ------
        ValueError
            If no pixel was counted.
        """
        if not self.sums[1].any():
            raise ValueError("update must have counted a pixel. Received: none")
        with np.errstate(invalid="ignore"):
            values = self.sums[0] / self.sums[1]
        if self.per == "dataset":
            values = self._values(*self.sums[:, :-1])
        return values[:-1] if self.average is None else values[-1]

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : MeanIoU
            With the same options.

        Returns
        -------
        MeanIoU
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        names = "num_classes", "ignore_index", "absent", "per", "average"
        for name in (*names, "include_background"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.sums = self.sums + other.sums
        return self

    def _values(self, shared: np.ndarray, union: np.ndarray) -> np.ndarray:
        out = (self.ignore_index, None if self.include_background else 0)
        with np.errstate(invalid="ignore"):
            values = shared / union
            if self.absent != "skip":
                values[union == 0] = self.absent == "one"
            values[..., [c for c in range(self.num_classes) if c in out]] = np.nan
            mean = np.nansum(values, -1) / (~np.isnan(values)).sum(-1)
        return np.append(values, mean[..., None], axis=-1)

    def _count(self, true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        classes = self.num_classes
        counts = np.zeros((3, classes), np.int64)
        # small enough for the cache, large enough to outweigh the bins of a block
        step = max(1 << 16, classes)
        for start in range(0, len(true), step):
            block = [x[start : start + step] for x in (true, predicted)]
            if self.ignore_index is not None:
                block = [x[block[0] != self.ignore_index] for x in block]
            for name, x in zip(("y_true", "y_pred"), block, strict=True):
                if x.size and not 0 <= x.min() <= x.max() < classes:
                    raise ValueError(
                        f"{name} must be in [0, {classes}). "
                        f"Received: {x.min()} to {x.max()}"
                    )
            t, p = block
            if classes <= 256:
                key = t.astype(np.uint16) * np.uint16(classes) + p.astype(np.uint16)
                matrix = np.bincount(key, minlength=classes**2).reshape(classes, -1)
                counts += np.diag(matrix), matrix.sum(1), matrix.sum(0)
            else:
                parts = t[t == p], t, p
                counts += [np.bincount(x, minlength=classes) for x in parts]
        return counts


def mean_iou(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    absent: str = "skip",
    per: str = "dataset",
    average: str | None = "macro",
    include_background: bool = True,
) -> np.ndarray:
    r"""Mean of $|A \cap B| / |A \cup B|$ over the classes; equal maps give 1.

    Parameters
    ----------
    y_true : array-like of int, shape (N, ...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (N, ...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target whose pixels do not count; if it is a class, it has no value either.
    absent : {"skip", "zero", "one"}
        What a class counts that is neither in the truth nor in the prediction.
    per : {"dataset", "image"}
        Count over all pixels, or average the value of each image, the first axis.
    average : {"macro"}, optional
        None returns one value per class.
    include_background : bool
        False leaves class 0 out of the mean.

    Returns
    -------
    ndarray, shape () or (num_classes,)
        From 0 to 1. NaN where nothing counts.

    Raises
    ------
    ValueError
        If shapes, classes or options are wrong or no pixel counts.

    Examples
    --------
    >>> round(float(mean_iou([[0, 0], [1, 1]], [[0, 1], [1, 1]], 2)), 4)
    0.5833

    References
    ----------
    Everingham et al., "Pascal VOC", 2010. <https://doi.org/10.1007/s11263-009-0275-4>
    """
    metric = MeanIoU(
        num_classes,
        ignore_index=ignore_index,
        absent=absent,
        per=per,
        average=average,
        include_background=include_background,
    )
    metric.update(y_true, y_pred)
    return metric.compute()
