"""Classification report: every class and the means, as numbers, text or picture."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["ClassificationReport", "Report", "classification_report"]


class Report(dict[str, Any]):
    """What `classification_report` returns: a dict that prints as a table.

    By the name of a class, "macro avg" and "weighted avg" it holds a dict of
    "precision", "recall", "f1-score" and "support"; by "accuracy" a float.

    Examples
    --------
    >>> report = classification_report([0, 0, 1], [0, 1, 1], 2)
    >>> print(report.text(digits=3).splitlines()[2])
               0      1.000     0.500     0.667         2

    References
    ----------
    Pedregosa et al., "Scikit-learn: Machine Learning in Python", 2011, whose table it
    is. <https://jmlr.org/papers/v12/pedregosa11a.html>
    """

    def __str__(self) -> str:
        return self.text()

    def text(self, digits: int = 2) -> str:
        """Return the report as a table.

        Parameters
        ----------
        digits : int
            Digits after the point.

        Returns
        -------
        str
            The table of scikit-learn, with a line for each class and mean.
        """
        total = self["macro avg"]["support"]
        width = max(digits, *map(len, self))
        heads = ("precision", "recall", "f1-score", "support")
        lines = [" " * (width + 1) + "".join(f" {x:>9}" for x in heads), ""]
        for name, row in self.items():
            if name == "accuracy":
                lines.append("")
                cells = [" " * 9] * 2 + [f"{row:9.{digits}f}", f"{total:>9}"]
            else:
                *shares, support = row.values()
                cells = [f"{x:9.{digits}f}" for x in shares] + [f"{support:>9}"]
            lines.append(f"{name:>{width}}  " + " ".join(cells))
        return "\n".join(lines) + "\n"

    def draw(self, axes: Any = None) -> Any:
        """Draw precision, recall and F1 of every class as a heat map.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Where to draw. None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.

        Raises
        ------
        ImportError
            If Matplotlib is not there.
        """
        try:
            from matplotlib import pyplot
        except ImportError as error:
            message = "draw needs Matplotlib: pip install matplotlib"
            raise ImportError(message) from error
        names = list(self)[:-3]
        heads = ["precision", "recall", "f1-score"]
        table = np.array([[self[name][head] for head in heads] for name in names])
        if axes is None:
            size = 5, 1 + 0.4 * len(names)
            axes = pyplot.subplots(figsize=size, layout="constrained")[1]
        axes.imshow(table, vmin=0, vmax=1, cmap="Blues", aspect="auto")
        for (row, column), value in np.ndenumerate(table):
            colour = "white" if value > 0.72 else "black"
            style = {"ha": "center", "va": "center", "color": colour}
            axes.text(column, row, f"{value:.2f}", **style)
        axes.set_xticks(range(3), heads)
        labels = [f"{name} ({self[name]['support']})" for name in names]
        axes.set_yticks(range(len(names)), labels)
        axes.set_title(f"accuracy {self['accuracy']:.3f}")
        return axes


class ClassificationReport:
    r"""Classification report of as many batches as there are.

    With $TP$ hits, $FP$ false alarms and $FN$ misses, precision is $TP / (TP + FP)$,
    recall $TP / (TP + FN)$ and $F_1$ their harmonic mean $2 TP / (2 TP + FP + FN)$;
    the support $TP + FN$ counts the truths. "macro avg" is the mean over the classes,
    "weighted avg" the mean over the examples: its recall is the accuracy.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    class_names : sequence of str, optional
        What the classes are called, each by another name. None numbers them.
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1, `class_names` are not as many, alike or called
        as a mean, or `absent` is none of the above.

    Examples
    --------
    >>> metric = ClassificationReport(2, class_names=["cat", "dog"])
    >>> metric.update([0, 0, 0, 1], [0, 1, 1, 1])
    >>> metric.update([1, 1], [1, 1])
    >>> print(metric.compute())
                  precision    recall  f1-score   support
    <BLANKLINE>
             cat       1.00      0.33      0.50         3
             dog       0.60      1.00      0.75         3
    <BLANKLINE>
        accuracy                           0.67         6
       macro avg       0.80      0.67      0.62         6
    weighted avg       0.80      0.67      0.62         6
    <BLANKLINE>

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        class_names: Sequence[str] | None = None,
        absent: str = "nan",
        ignore_index: int | None = None,
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        names = [str(x) for x in (class_names or range(num_classes))]
        taken = {*names, "accuracy", "macro avg", "weighted avg"}
        if len(names) != num_classes or len(taken) < num_classes + 3:
            raise ValueError(
                f"class_names must be {num_classes} different names, none of them that "
                f"of a mean. Received: {names}"
            )
        if absent not in ("nan", "skip", "zero"):
            raise ValueError(
                f"absent must be 'nan', 'skip' or 'zero'. Received: {absent}"
            )
        self.num_classes, self.class_names = num_classes, names
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

    def compute(self) -> Report:
        """Return the report of everything so far.

        Returns
        -------
        Report
            By class name, and by "macro avg" and "weighted avg", a dict of "precision",
            "recall", "f1-score" and "support"; by "accuracy" a float. Printed, or
        by `text(digits)`, it is scikit-learn's table; `draw()` makes a picture of it.

        Raises
        ------
        ValueError
            If nothing has been counted.
        """
        misses, hits, taken = self.counts
        support = misses + hits
        total = support.sum()
        if not total:
            raise ValueError("nothing has been counted. Received: 0 examples")
        bottoms = taken, support, (taken + support) / 2
        with np.errstate(invalid="ignore"):
            values = [hits / x for x in bottoms]
        if self.absent == "zero":
            values = [
                np.where(x == 0, 0.0, v) for v, x in zip(values, bottoms, strict=True)
            ]
        heads = "precision", "recall", "f1-score", "support"
        columns = [x.tolist() for x in (*values, support)]
        rows = zip(*columns, strict=True)
        report = Report(
            (name, dict(zip(heads, row, strict=True)))
            for name, row in zip(self.class_names, rows, strict=True)
        )
        report["accuracy"] = float(hits.sum() / total)
        for name, weight in ("macro", np.ones_like(support)), ("weighted", support):
            means = []
            for value, bottom in zip(values, bottoms, strict=True):
                share = weight
                if self.absent == "skip":
                    share = np.where(bottom == 0, 0, weight)
                top = np.where(share == 0, 0, share * value).sum()
                means.append(float(top / share.sum()) if share.any() else np.nan)
            row = *means, total.item()
            report[f"{name} avg"] = dict(zip(heads, row, strict=True))
        return report

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : ClassificationReport
            With the same options.

        Returns
        -------
        ClassificationReport
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "class_names", "absent", "ignore_index"):
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


def classification_report(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    class_names: Sequence[str] | None = None,
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> Report:
    r"""Classification report of one batch: numbers, a table to print, a picture.

    With $TP$ hits, $FP$ false alarms and $FN$ misses, precision is $TP / (TP + FP)$,
    recall $TP / (TP + FN)$ and $F_1$ their harmonic mean $2 TP / (2 TP + FP + FN)$;
    the support $TP + FN$ counts the truths. "macro avg" is the mean over the classes,
    "weighted avg" the mean over the examples: its recall is the accuracy.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    class_names : sequence of str, optional
        What the classes are called, each by another name. None numbers them.
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Report
        By class name, and by "macro avg" and "weighted avg", a dict of "precision",
        "recall", "f1-score" and "support"; by "accuracy" a float. Printed, or
        by `text(digits)`, it is scikit-learn's table; `draw()` makes a picture of it.

    Examples
    --------
    >>> report = classification_report([0, 0, 0, 1], [0, 1, 1, 1], 2)
    >>> report["accuracy"], report["1"]["recall"]
    (0.5, 1.0)

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    metric = ClassificationReport(
        num_classes, class_names=class_names, absent=absent, ignore_index=ignore_index
    )
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
