"""Calibration error: how far the confidence of a model is from its accuracy."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["CalibrationError", "calibration_error"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class CalibrationError(keras.metrics.Metric):
    r"""Calibration error of as many batches as there are.

    $\mathrm{ECE} = \sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|$ over bins
    of confidence. 0 is calibrated, however bad the accuracy.

    Keeps `sums` of float64 per bin: weight, weight times confidence, weight of what was
    right.

    Parameters
    ----------
    num_bins : int
        Number of bins of equal width between 0 and 1.
    norm : {"l1", "l2", "max"}
        Mean gap (ECE), root of the mean squared gap, or largest gap (MCE).
    closed : {"right", "left"}
        Whether an edge belongs to the bin below or above it; 0 and 1 are always in.
    confidence : {"positive", "predicted"}
        Of binary probabilities: that of class 1 against how often it is true, or of the
        likelier class against how often it is right. Of several: always "predicted".
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `num_bins` is less than 1 or an option is none of the above.

    Examples
    --------
    >>> metric = CalibrationError(num_bins=2)
    >>> metric.update_state([0, 1], [0.25, 0.75])
    >>> metric.update_state([1], [1.0])
    >>> round(float(metric.result()), 4)
    0.1667

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", 2017.
    <https://arxiv.org/abs/1706.04599>
    """

    def __init__(
        self,
        *,
        num_bins: int = 15,
        norm: str = "l1",
        closed: str = "right",
        confidence: str = "positive",
        name: str = "calibration_error",
    ) -> None:
        super().__init__(name=name, dtype="float64")
        if num_bins < 1:
            raise ValueError(f"num_bins must be >= 1. Received: {num_bins}")
        for name, value, known in (
            ("norm", norm, ("l1", "l2", "max")),
            ("closed", closed, ("right", "left")),
            ("confidence", confidence, ("positive", "predicted")),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {known}. Received: {value}")
        self.num_bins, self.norm, self.closed = num_bins, norm, closed
        self.confidence = confidence
        # of each bin: weight, weight times confidence, weight of what was right
        self.sums = self.add_variable(
            (3, num_bins), initializer="zeros", dtype="float64", name="sums"
        )
        # weight of examples with a bad value
        self.bad = self.add_variable(
            (), initializer="zeros", dtype="float64", name="bad"
        )

    def update_state(
        self,
        y_true: KerasTensor,
        y_prob: KerasTensor,
        sample_weight: KerasTensor | None = None,
    ) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : tensor, shape (N,) or (N, 1)
            0 or 1, or classes from 0 to C - 1.
        y_prob : tensor, shape (N,), (N, 1) or (N, C)
            Probability of class 1, or of each class. Not logits.
        sample_weight : tensor, shape (N,), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        parts = [ops.convert_to_tensor(x) for x in (y_true, y_prob)]
        if sample_weight is not None:
            parts.append(ops.convert_to_tensor(sample_weight))
        shapes = [tuple(x.shape) for x in parts]
        # a column is as good as a row
        parts = [
            ops.squeeze(x, -1) if len(x.shape) > 1 and x.shape[-1] == 1 else x
            for x in parts
        ]
        dims = [len(x.shape) for x in parts]
        lengths = {x.shape[0] for x in parts if dims[0] == 1} - {None}
        if dims[0] != 1 or dims[1] not in (1, 2) or dims[2:] > [1] or len(lengths) > 1:
            raise ValueError(
                "y_true and sample_weight must have shape (N,), y_prob (N,) or (N, C). "
                "Received: " + ", ".join(map(str, shapes))
            )
        true, prob, *weights = (ops.cast(x, "float64") for x in parts)
        weight = weights[0] if weights else ops.ones_like(true)
        inside = ops.logical_and(prob >= 0, prob <= 1)
        top = 2 if dims[1] == 1 else prob.shape[1]
        if dims[1] == 2:
            inside = ops.all(inside, axis=1)
            right = ops.cast(ops.argmax(prob, axis=1), "float64") == true
            prob = ops.max(prob, axis=1)
        else:
            right = true == 1
            if self.confidence == "predicted":
                right = ops.equal(right, prob > 0.5)
                prob = ops.where(prob > 0.5, prob, 1 - prob)
        known = ops.logical_and(true >= 0, true < top)
        known = ops.logical_and(known, ops.floor(true) == true)
        fine = ops.logical_and(ops.logical_and(inside, known), weight >= 0)
        edges = ops.cast(ops.arange(1, self.num_bins), "float64") / self.num_bins
        # the edges are few: each probability is compared with all of them
        past = ops.greater if self.closed == "right" else ops.greater_equal
        place = ops.sum(ops.cast(past(prob[:, None], edges), "int32"), axis=1)
        member = ops.cast(place[:, None] == ops.arange(self.num_bins), "float64")
        weight = ops.where(fine, weight, ops.zeros_like(weight))
        prob = ops.where(fine, prob, ops.zeros_like(prob))
        rows = [weight, weight * prob, weight * ops.cast(right, "float64")]
        sums = [ops.sum(member * x[:, None], axis=0) for x in rows]
        self.sums.assign_add(ops.stack(sums))
        self.bad.assign_add(ops.sum(1 - ops.cast(fine, "float64")))

    def result(self) -> KerasTensor:
        """Return the error over everything so far.

        Returns
        -------
        tensor of float64, shape ()
            From 0 to 1. NaN if nothing was counted, or after probabilities outside
            [0, 1], targets that are no class or bad weights: a graph cannot raise.
        """
        count, confidence, right = self.sums[0], self.sums[1], self.sums[2]
        some = ops.where(count > 0, count, ops.ones_like(count))
        gap, share = ops.abs(right - confidence) / some, count / ops.sum(count)
        value = ops.sum(share * gap)
        if self.norm == "l2":
            value = ops.sqrt(ops.sum(share * gap * gap))
        if self.norm == "max":
            value = ops.max(gap + 0 * share)
        return ops.where(self.bad > 0, float("nan"), value)

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of CalibrationError
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            for name in ("num_bins", "norm", "closed", "confidence"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self.sums.assign_add(other.sums)
            self.bad.assign_add(other.bad)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        names = "num_bins", "norm", "closed", "confidence", "name"
        return {name: getattr(self, name) for name in names}


def calibration_error(
    y_true: KerasTensor,
    y_prob: KerasTensor,
    *,
    num_bins: int = 15,
    norm: str = "l1",
    closed: str = "right",
    confidence: str = "positive",
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Calibration error of one batch.

    $\mathrm{ECE} = \sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|$ over bins
    of confidence. 0 is calibrated, however bad the accuracy.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        0 or 1, or classes from 0 to C - 1.
    y_prob : tensor, shape (N,), (N, 1) or (N, C)
        Probability of class 1, or of each class. Not logits.
    num_bins : int
        Number of bins of equal width between 0 and 1.
    norm : {"l1", "l2", "max"}
        Mean gap (ECE), root of the mean squared gap, or largest gap (MCE).
    closed : {"right", "left"}
        Whether an edge belongs to the bin below or above it; 0 and 1 are always in.
    confidence : {"positive", "predicted"}
        Of binary probabilities: that of class 1 against how often it is true, or of the
        likelier class against how often it is right. Of several: always "predicted".
    sample_weight : tensor, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From 0 to 1. NaN if nothing was counted, or after probabilities outside [0, 1],
        targets that are no class or bad weights: a compiled graph cannot raise.

    Examples
    --------
    >>> float(calibration_error([0, 1], [0.25, 0.75], num_bins=2))
    0.25

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", 2017.
    <https://arxiv.org/abs/1706.04599>
    """
    metric = CalibrationError(
        num_bins=num_bins, norm=norm, closed=closed, confidence=confidence
    )
    metric.update_state(y_true, y_prob, sample_weight)
    return metric.result()
