"""Log loss: minus the mean log of the probability given to the truth."""

from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["LogLoss", "log_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class LogLoss(keras.metrics.Metric):
    r"""Log loss of as many batches as there are.

    $-\frac1n \sum_i \log p_i(y_i)$ in nats; $\log C$ for C equal probabilities. Nothing
    is clipped: a true class of probability 0 costs infinity.

    Keeps two sums of float64.

    Parameters
    ----------
    from_logits : bool
        True for logits, False for probabilities. Nothing is guessed.
    name : str
        What the metric is called in the history.

    Examples
    --------
    >>> metric = LogLoss(from_logits=False)
    >>> metric.update_state([0, 1], [0.25, 0.5])
    >>> metric.update_state([1], [1.0])
    >>> round(float(metric.result()), 4)
    0.3269

    References
    ----------
    Good, "Rational Decisions", 1952.
    <https://doi.org/10.1111/j.2517-6161.1952.tb00104.x>
    """

    def __init__(self, *, from_logits: bool, name: str = "log_loss") -> None:
        super().__init__(name=name, dtype="float64")
        self.from_logits = from_logits
        # sum, weight, weight of examples with a bad value
        self.sums = self.add_variable(
            (3,), initializer="zeros", dtype="float64", name="sums"
        )

    def update_state(
        self,
        y_true: KerasTensor,
        y_pred: KerasTensor,
        sample_weight: KerasTensor | None = None,
    ) -> None:
        """Add a batch.

        Parameters
        ----------
        y_true : tensor, shape (N,) or (N, 1)
            0 or 1, or classes from 0 to C - 1.
        y_pred : tensor, shape (N,), (N, 1) or (N, C)
            Of class 1, or of each class. Probabilities should sum to 1.
        sample_weight : tensor, shape (N,), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        parts = [ops.convert_to_tensor(x) for x in (y_true, y_pred)]
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
                "y_true and sample_weight must have shape (N,), y_pred (N,) or (N, C). "
                "Received: " + ", ".join(map(str, shapes))
            )
        true, score, *weights = (ops.cast(x, "float64") for x in parts)
        weight = weights[0] if weights else ops.ones_like(true)
        inside = ops.logical_and(score >= 0, score <= 1)
        if self.from_logits:
            inside = ops.isfinite(score)
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

    def _each(self, true, score):
        if self.from_logits and len(score.shape) == 1:
            wrong = ops.where(true == 1, -score, score)
            size = ops.abs(wrong)
            # log(1 + exp(wrong)) without overflow
            return (wrong + size) / 2 + ops.log1p(ops.exp(-size))
        if len(score.shape) == 1:
            return -ops.log(ops.where(true == 1, score, 1 - score))
        classes = ops.cast(ops.arange(score.shape[1]), "float64")
        own = ops.where(true[:, None] == classes, score, ops.zeros_like(score))
        own = ops.sum(own, axis=1)
        if self.from_logits:
            shifted = score - ops.max(score, axis=1, keepdims=True)
            own = own - ops.max(score, axis=1)
            return ops.log(ops.sum(ops.exp(shifted), axis=1)) - own
        return -ops.log(own)

    def result(self) -> KerasTensor:
        """Return the mean over everything so far.

        Returns
        -------
        tensor of float64, shape ()
            From 0 to infinity.
            NaN if nothing was counted or values are out of range: no graph can raise.
        """
        return ops.where(self.sums[2] > 0, float("nan"), self.sums[0] / self.sums[1])

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have counted; they stay as they are.

        Parameters
        ----------
        metrics : iterable of LogLoss
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            if (mine := self.from_logits) != (theirs := other.from_logits):
                raise ValueError(f"metrics need from_logits={mine}. Received: {theirs}")
            self.sums.assign_add(other.sums)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {"from_logits": self.from_logits, "name": self.name}


def log_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    from_logits: bool,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Log loss of one batch.

    $-\frac1n \sum_i \log p_i(y_i)$ in nats; $\log C$ for C equal probabilities. Nothing
    is clipped: a true class of probability 0 costs infinity.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        0 or 1, or classes from 0 to C - 1.
    y_pred : tensor, shape (N,), (N, 1) or (N, C)
        Of class 1, or of each class. Probabilities should sum to 1.
    from_logits : bool
        True for logits, False for probabilities. Nothing is guessed.
    sample_weight : tensor, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From 0 to infinity.
        NaN if nothing was counted or values are out of range: no graph can raise.

    Examples
    --------
    >>> round(float(log_loss([0, 1, 1], [0.25, 0.5, 1.0], from_logits=False)), 4)
    0.3269

    References
    ----------
    Good, "Rational Decisions", 1952.
    <https://doi.org/10.1111/j.2517-6161.1952.tb00104.x>
    """
    metric = LogLoss(from_logits=from_logits)
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
