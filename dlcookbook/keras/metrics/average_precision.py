"""Average precision: the mean precision at which the positives are found."""

import math
from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["AveragePrecision", "average_precision"]

# 2**-14 to 2**15, where the binades of float16 begin
BINADES = [2.0**k for k in range(-14, 16)]
# index of infinity among the 16-bit floats >= 0; those below 0 mirror them
INFINITE = 31744


@keras.saving.register_keras_serializable(package="dlcookbook")
class AveragePrecision(keras.metrics.Metric):
    r"""Average precision of as many batches as there are, in 1 MB.

    $\mathrm{AP} = \sum_k (R_k - R_{k-1}) P_k$ over the distinct scores from the highest
    on: the mean, over the positives, of the precision among all that score as high.
    1 is a perfect order; a constant score gives the share of positives.

    A graph cannot keep every score, so they are rounded to float16 and counted by its
    values. That is exact for half precision; `average_precision` rounds nothing. Feed
    logits: probabilities near 1 lie 0.0005 apart. Scores beyond 65,504 are equal.

    Parameters
    ----------
    absent : {"nan", "raise"}
        NaN or ValueError where positives are missing.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `absent` is none of the above.

    Examples
    --------
    >>> metric = AveragePrecision()
    >>> metric.update_state([1, 0], [0.9, 0.4])
    >>> metric.update_state([1, 0], [0.4, 0.1])
    >>> round(float(metric.result()), 4)
    0.8333

    References
    ----------
    Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", 2010, section
    4.2. <https://doi.org/10.1007/s11263-009-0275-4>
    """

    def __init__(self, *, absent: str = "nan", name: str = "average_precision") -> None:
        super().__init__(name=name, dtype="float64")
        if absent not in ("nan", "raise"):
            raise ValueError(f"absent must be 'nan' or 'raise'. Received: {absent}")
        self.absent = absent
        # negatives, then positives; the last one counts what was bad
        self.counts = self.add_variable(
            (2 * (2 * INFINITE + 1) + 1,), initializer="zeros", dtype="float64"
        )

    def update_state(
        self,
        y_true: KerasTensor,
        y_score: KerasTensor,
        sample_weight: KerasTensor | None = None,
    ) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor, shape (...) or (..., 1)
            1 for a positive, 0 for a negative.
        y_score : tensor, shape (...) or (..., 1)
            Higher for what looks positive: logits or probabilities. Prefer logits.
        sample_weight : tensor, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        true, score, weight = _flat(y_true, y_score, sample_weight)
        fine = _fine(true, score, weight)
        score = ops.where(fine, ops.cast(score, "float32"), 0.0)
        size = ops.abs(score)
        # float16 in integer steps: the binade, and 1024 steps in each
        starts = ops.convert_to_tensor(BINADES, "float32")
        binade = ops.sum(ops.cast(size[:, None] >= starts, "int32"), axis=1)
        start = ops.take(starts, ops.maximum(binade - 1, 0))
        step = ops.round(size / start * 1024) + 1024 * ops.cast(
            ops.maximum(binade - 1, 0), "float32"
        )
        step = ops.cast(ops.minimum(step, float(INFINITE)), "int32")
        key = INFINITE + ops.where(score < 0, -step, step)
        key += (2 * INFINITE + 1) * ops.cast(true == 1, "int32")
        last = 2 * (2 * INFINITE + 1)
        weight = ops.where(fine, weight, ops.ones_like(weight))
        key = ops.where(fine, key, last)
        self.counts.assign_add(ops.segment_sum(weight, key, num_segments=last + 1))

    def result(self) -> KerasTensor:
        """Return the average precision of everything so far.

        Returns
        -------
        tensor of float64, shape ()
            From 0 to 1. NaN where positives are missing, or after scores
            that are not finite, targets other than 0 and 1 or bad weights: a compiled
            graph cannot raise.
        """
        negative, positive = ops.split(self.counts[:-1], 2)
        true, false = (ops.sum(x) - _running(x) + x for x in (positive, negative))
        value = _average(positive, true, false)
        return ops.where(self.counts[-1] > 0, float("nan"), value)

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of AveragePrecision
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            if (mine := self.absent) != (theirs := other.absent):
                raise ValueError(f"metrics need absent={mine}. Received: {theirs}")
            self.counts.assign_add(other.counts)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {"absent": self.absent, "name": self.name}


def average_precision(
    y_true: KerasTensor,
    y_score: KerasTensor,
    *,
    absent: str = "nan",
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Average precision of one batch.

    $\mathrm{AP} = \sum_k (R_k - R_{k-1}) P_k$ over the distinct scores from the highest
    on: the mean, over the positives, of the precision among all that score as high.
    The scores are sorted, and not rounded as the class must.

    Parameters
    ----------
    y_true : tensor, shape (...) or (..., 1)
        1 for a positive, 0 for a negative.
    y_score : tensor, shape (...) or (..., 1)
        Higher for what looks positive: logits or probabilities, finite.
    absent : {"nan", "raise"}
        NaN or ValueError where positives are missing.
    sample_weight : tensor, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From 0 to 1. NaN where positives are missing, or for scores that
        are not finite, targets other than 0 and 1 or bad weights: a compiled graph
        cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit or `absent` is none of the above.

    Examples
    --------
    >>> round(float(average_precision([1, 0, 1, 0], [0.9, 0.4, 0.4, 0.1])), 4)
    0.8333

    References
    ----------
    Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", 2010, section
    4.2. <https://doi.org/10.1007/s11263-009-0275-4>
    """
    if absent not in ("nan", "raise"):
        raise ValueError(f"absent must be 'nan' or 'raise'. Received: {absent}")
    true, score, weight = _flat(y_true, y_score, sample_weight)
    fine = _fine(true, score, weight)
    score = ops.where(fine, score, ops.zeros_like(score))
    order = ops.argsort(score)
    score, true, weight = (ops.take(x, order) for x in (score, true, weight))
    positive = weight * ops.cast(true == 1, "float64")
    # as many score at least as high as do not score lower
    lower = ops.searchsorted(score, score, side="left")
    true, false = (
        ops.sum(x) - ops.take(_running(x) - x, lower)
        for x in (positive, weight - positive)
    )
    value = _average(positive, true, false)
    return ops.where(ops.all(fine), value, float("nan"))


def _average(positive, true, false):
    every = true + false
    precision = true / ops.where(every > 0, every, ops.ones_like(every))
    return ops.sum(positive * precision) / ops.sum(positive)


def _running(x):
    # ops.cumsum would turn float64 into float32 on torch: sum along rows of a cube
    if x.shape[0] is None:
        return ops.cumsum(x)
    side = math.ceil(x.shape[0] ** (1 / 3)) or 1
    cube = ops.reshape(ops.pad(x, (0, side**3 - x.shape[0])), (side,) * 3)
    upto = ops.triu(ops.ones((side, side), dtype="float64"))
    rows = ops.sum(cube, axis=2)
    planes = ops.sum(rows, axis=1)
    before = ops.einsum("ab,bc->ac", rows, upto) - rows
    before += (ops.einsum("a,ab->b", planes, upto) - planes)[:, None]
    sums = ops.einsum("abc,cd->abd", cube, upto) + before[:, :, None]
    return ops.ravel(sums)[: x.shape[0]]


def _flat(y_true, y_score, sample_weight):
    true, score = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_score)
    shapes = [tuple(x.shape) for x in (true, score)]
    if sample_weight is not None:
        sample_weight = ops.convert_to_tensor(sample_weight)
        shapes.append(tuple(sample_weight.shape))
    # a column is as good as a row
    bare = [s[:-1] if s[-1:] == (1,) else s for s in shapes]
    if any(
        len(s) != len(bare[0])
        or any(a != b and None not in (a, b) for a, b in zip(s, bare[0], strict=True))
        for s in bare
    ):
        raise ValueError(
            "y_true, y_score and sample_weight must have one shape. Received: "
            + ", ".join(map(str, shapes))
        )
    if keras.backend.standardize_dtype(score.dtype) != "float64":
        score = ops.cast(score, "float32")
    true, score = ops.ravel(true), ops.ravel(score)
    if sample_weight is None:
        return true, score, ops.ones_like(score, dtype="float64")
    return true, score, ops.ravel(ops.cast(sample_weight, "float64"))


def _fine(true, score, weight):
    fine = ops.logical_and(ops.isfinite(score), ops.isfinite(weight))
    fine = ops.logical_and(fine, weight >= 0)
    return ops.logical_and(fine, ops.logical_or(true == 0, true == 1))
