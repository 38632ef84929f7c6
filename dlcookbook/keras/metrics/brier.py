"""Brier score: the mean squared distance of probabilities from the truth."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["Brier", "brier"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class Brier(keras.metrics.Metric):
    r"""Brier score of as many batches as there are.

    $\frac1n \sum_i (p_i - y_i)^2$ for probabilities of class 1; for C classes the sum
    $\frac1n \sum_i \sum_k (p_{ik} - [y_i = k])^2$, twice as much when C is 2.

    Keeps two sums of float64.

    Parameters
    ----------
    name : str
        What the metric is called in the history.

    Examples
    --------
    >>> metric = Brier()
    >>> metric.update_state([0, 1], [0.25, 0.5])
    >>> metric.update_state([1], [1.0])
    >>> round(float(metric.result()), 4)
    0.1042

    References
    ----------
    Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.
    <https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2>
    """

    def __init__(self, *, name: str = "brier") -> None:
        super().__init__(name=name, dtype="float64")
        # sum, weight, weight of examples with a bad value
        self.sums = self.add_variable(
            (3,), initializer="zeros", dtype="float64", name="sums"
        )

    def update_state(
        self,
        y_true: KerasTensor,
        y_prob: KerasTensor,
        sample_weight: KerasTensor | None = None,
    ) -> None:
        """Add a batch.

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
        true, score, *weights = (ops.cast(x, "float64") for x in parts)
        weight = weights[0] if weights else ops.ones_like(true)
        inside = ops.logical_and(score >= 0, score <= 1)
        if dims[1] == 2:
            inside = ops.all(inside, axis=1)
        top = 2 if dims[1] == 1 else score.shape[1]
        known = ops.logical_and(true >= 0, true < top)
        known = ops.logical_and(known, ops.floor(true) == true)
        fine = ops.logical_and(ops.logical_and(inside, known), weight >= 0)
        # what weighs nothing may be infinite
        counts = ops.logical_and(fine, weight > 0)
        each = ops.where(counts, self._each(true, score), ops.zeros_like(true))
        weight = ops.where(counts, weight, ops.zeros_like(weight))
        bad = 1 - ops.cast(fine, "float64")
        sums = ops.stack([ops.sum(x) for x in (weight * each, weight, bad)])
        self.sums.assign_add(sums)

    def _each(self, true, prob):
        if len(prob.shape) == 1:
            return (prob - true) ** 2
        classes = ops.cast(ops.arange(prob.shape[1]), "float64")
        truth = ops.cast(true[:, None] == classes, "float64")
        return ops.sum((prob - truth) ** 2, axis=1)

    def result(self) -> KerasTensor:
        """Return the mean over everything so far.

        Returns
        -------
        tensor of float64, shape ()
            From 0 to 1, or to 2 for several classes.
            NaN if nothing was counted or values are out of range: no graph can raise.
        """
        return ops.where(self.sums[2] > 0, float("nan"), self.sums[0] / self.sums[1])

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of Brier
            Of any other examples.
        """
        for other in metrics:
            self.sums.assign_add(other.sums)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {"name": self.name}


def brier(
    y_true: KerasTensor,
    y_prob: KerasTensor,
    *,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Brier score of one batch.

    $\frac1n \sum_i (p_i - y_i)^2$ for probabilities of class 1; for C classes the sum
    $\frac1n \sum_i \sum_k (p_{ik} - [y_i = k])^2$, twice as much when C is 2.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        0 or 1, or classes from 0 to C - 1.
    y_prob : tensor, shape (N,), (N, 1) or (N, C)
        Probability of class 1, or of each class. Not logits.
    sample_weight : tensor, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From 0 to 1, or to 2 for several classes.
        NaN if nothing was counted or values are out of range: no graph can raise.

    Examples
    --------
    >>> round(float(brier([0, 1, 1], [0.25, 0.5, 1.0])), 4)
    0.1042

    References
    ----------
    Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.
    <https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2>
    """
    metric = Brier()
    metric.update_state(y_true, y_prob, sample_weight)
    return metric.result()
