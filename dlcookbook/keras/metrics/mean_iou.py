"""Mean IoU: how well predicted regions cover the true ones, averaged over classes."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["MeanIoU", "mean_iou"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class MeanIoU(keras.metrics.Metric):
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
    from_scores : bool
        True if `y_pred` holds a score per class on its last axis.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or an option is none of the above.

    Examples
    --------
    >>> metric = MeanIoU(2)
    >>> metric.update_state([[0, 0]], [[0, 1]])
    >>> round(float(metric.result()), 4)
    0.25

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
        from_scores: bool = False,
        name: str = "mean_iou",
    ) -> None:
        super().__init__(name=name, dtype="float64")
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        for option, value, known in (
            ("absent", absent, ("skip", "zero", "one")),
            ("per", per, ("dataset", "image")),
            ("average", average, ("macro", None)),
        ):
            if value not in known:
                raise ValueError(f"{option} must be one of {known}. Received: {value}")
        self.options: dict[str, Any] = {
            "num_classes": num_classes,
            "ignore_index": ignore_index,
            "absent": absent,
            "per": per,
            "average": average,
            "include_background": include_background,
            "from_scores": from_scores,
        }
        # what to divide by what: pixels, or values by images, the last for their means
        self.sums = self.add_variable((2, num_classes + 1), "zeros", dtype="float64")
        self.bad = self.add_variable((), initializer="zeros", dtype="float64")

    def update_state(
        self, y_true: KerasTensor, y_pred: KerasTensor, sample_weight: None = None
    ) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor of int, shape (N, ...) or (N, ..., 1)
            True classes, from 0 to `num_classes` - 1, or `ignore_index`.
        y_pred : tensor, shape (N, ...), or (N, ..., num_classes) with `from_scores`
            Predicted classes, or the scores of each class.
        sample_weight : None
            Keras asks for it; a weight would not count.

        Raises
        ------
        ValueError
            If the shapes do not fit, or there is a weight.
        """
        if sample_weight is not None:
            raise ValueError(f"sample_weight must be None. Received: {sample_weight}")
        true, predicted = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        if self.options["from_scores"]:
            finite = ops.all(ops.isfinite(predicted), axis=-1)
            predicted = ops.where(finite, ops.argmax(predicted, axis=-1), -1)
        if len(true.shape) == len(predicted.shape) + 1 and true.shape[-1] == 1:
            true = ops.squeeze(true, -1)
        shapes = tuple(true.shape), tuple(predicted.shape)
        if len(shapes[0]) != len(shapes[1]) or any(
            a != b and None not in (a, b) for a, b in zip(*shapes, strict=True)
        ):
            raise ValueError(f"y_true must have y_pred's shape. Received: {shapes}")
        # 1.5 is no class: the cast alone would count it as 1
        pairs = ((x, ops.cast(x, "int64")) for x in (true, predicted))
        true, predicted = (ops.where(ops.equal(x, n), n, -(2**31)) for x, n in pairs)
        classes, ignore = self.options["num_classes"], self.options["ignore_index"]
        known = ops.logical_and(*((x >= 0) & (x < classes) for x in (true, predicted)))
        kept = ops.ones_like(known) if ignore is None else true != ignore
        self.bad.assign_add(ops.sum(ops.cast(kept & ~known, "float64")))
        kept = kept & known
        per = ops.shape(true)[0] if self.options["per"] == "image" else 1
        image = ops.expand_dims(ops.arange(per, dtype="int64") * classes, -1)
        counts = []
        for x, where in ((true, true == predicted), (true, kept), (predicted, kept)):
            ids = ops.ravel(image + ops.reshape(ops.where(kept, x, 0), (per, -1)))
            ones = ops.ravel(ops.cast(kept & where, "float64"))
            found = ops.segment_sum(ones, ids, num_segments=per * classes)
            counts.append(ops.reshape(found, (per, classes)))
        hits, union = counts[0], counts[1] + counts[2] - counts[0]
        if self.options["per"] == "dataset":
            rows = ops.pad(ops.concatenate([hits, union]), [[0, 0], [0, 1]])
        else:
            values = self._values(hits, union)
            counted = ops.logical_not(ops.isnan(values))
            parts = ops.where(counted, values, 0.0), ops.cast(counted, "float64")
            rows = ops.stack([ops.sum(x, axis=0) for x in parts])
        self.sums.assign_add(rows)

    def result(self) -> KerasTensor:
        """Return the value of everything so far.

        Returns
        -------
        tensor of float64, shape () or (num_classes,)
            From 0 to 1. NaN where nothing counts, and after values out of range.
        """
        values = self.sums[0] / self.sums[1]
        if self.options["per"] == "dataset":
            values = self._values(self.sums[0, :-1], self.sums[1, :-1])
        some = (self.bad == 0) & ops.any(self.sums[1] > 0)
        values = ops.where(some, values, float("nan"))
        return values[:-1] if self.options["average"] is None else values[-1]

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of MeanIoU
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            for name, mine in self.options.items():
                if (theirs := other.options[name]) != mine:
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.sums.assign_add(other.sums)
            self.bad.assign_add(other.bad)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {**self.options, "name": self.name}

    def _values(self, shared: KerasTensor, union: KerasTensor) -> KerasTensor:
        empty = union == 0
        fill = {"skip": float("nan"), "zero": 0.0, "one": 1.0}[self.options["absent"]]
        values = ops.where(empty, fill, shared / ops.where(empty, 1.0, union))
        out = [c == self.options["ignore_index"] for c in range(values.shape[-1])]
        out[0] |= not self.options["include_background"]
        values = ops.where(out, float("nan"), values)
        counted = ops.logical_not(ops.isnan(values))
        total = ops.sum(ops.where(counted, values, 0.0), axis=-1, keepdims=True)
        count = ops.sum(ops.cast(counted, "float64"), axis=-1, keepdims=True)
        return ops.concatenate([values, total / count], axis=-1)


def mean_iou(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    absent: str = "skip",
    per: str = "dataset",
    average: str | None = "macro",
    include_background: bool = True,
) -> KerasTensor:
    r"""Mean of $|A \cap B| / |A \cup B|$ over the classes; equal maps give 1.

    Parameters
    ----------
    y_true : tensor of int, shape (N, ...) or (N, ..., 1)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : tensor of int, shape (N, ...)
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
    tensor of float64, shape () or (num_classes,)
        From 0 to 1. NaN where nothing counts, and all NaN after classes out of range.

    Raises
    ------
    ValueError
        If shapes or options are wrong.

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
    metric.update_state(y_true, y_pred)
    return metric.result()
