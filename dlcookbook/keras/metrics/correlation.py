"""Correlation: whether predictions rise with the targets, and whether they agree."""

import math
from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["Correlation", "correlation"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class Correlation(keras.metrics.Metric):
    r"""Pearson's or the concordance correlation of as many batches as there are.

    Pearson's $r = s_{xy} / (s_x s_y)$ asks for a straight line, the concordance
    $2 s_{xy} / (s_x^2 + s_y^2 + (\bar x - \bar y)^2)$ for the line $\hat y = y$: it is
    $r$ times a factor below 1 for a wrong scale or offset. The moments are taken around
    the mean of each batch and merged, so that values far from 0 lose no digits.

    Parameters
    ----------
    kind : {"pearson", "concordance"}
        Which one.
    ddof : int
        What is taken off the number of examples in the variances: 0 as Lin has it, or
        1. It matters for the concordance alone.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If `kind` is none of the above.

    Examples
    --------
    >>> metric = Correlation(kind="concordance")
    >>> metric.update_state([1.0, 2.0], [2.0, 3.0])
    >>> metric.update_state([3.0], [4.0])
    >>> round(float(metric.result()), 4)
    0.5714

    References
    ----------
    Lin, "A Concordance Correlation Coefficient to Evaluate Reproducibility", 1989.
    <https://doi.org/10.2307/2532051>
    Chan, Golub, LeVeque, "Algorithms for Computing the Sample Variance", 1983 (the
    merge). <https://doi.org/10.1080/00031305.1983.10483115>
    """

    def __init__(
        self, *, kind: str = "pearson", ddof: int = 0, name: str = "correlation"
    ) -> None:
        super().__init__(name=name, dtype="float64")
        if kind not in ("pearson", "concordance"):
            raise ValueError(
                f"kind must be 'pearson' or 'concordance'. Received: {kind}"
            )
        self.kind, self.ddof = kind, ddof
        # weight, the two means, their squares and products around these
        self.moments = self.add_variable(
            (6,), initializer="zeros", dtype="float64", name="moments"
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
        y_true : tensor, shape (examples,) or (examples, 1)
            Observed values.
        y_pred : tensor, shape (examples,) or (examples, 1)
            Predicted values.
        sample_weight : tensor, shape (examples,) or (examples, 1), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        given = [y_true, y_pred] + ([] if sample_weight is None else [sample_weight])
        parts = [ops.cast(x, "float64") for x in given]
        shapes = [tuple(x.shape) for x in parts]
        if any(s[1:] not in ((), (1,)) for s in shapes) or (
            len({s[0] for s in shapes} - {None}) > 1
        ):
            raise ValueError(
                "y_true, y_pred and sample_weight must have one axis of one length. "
                f"Received: {shapes}"
            )
        parts = [ops.reshape(x, (-1,)) for x in parts]
        weight = ops.ones_like(parts[0]) if sample_weight is None else parts[2]
        weight = ops.where(weight >= 0, weight, math.nan)
        pair = ops.stack(parts[:2])
        # equal values are exactly 0 once one of them is taken off
        shift = ops.where(weight > 0, pair, -math.inf)
        shift = ops.max(shift, axis=1, keepdims=True, initial=-math.inf)
        shift = ops.where(ops.isfinite(shift), shift, 0.0)
        moved, total = pair - shift, ops.sum(weight)
        means = ops.sum(moved * weight, axis=1, keepdims=True)
        means = means / ops.where(total > 0, total, 1.0)
        x, y = ops.unstack(moved - means, 2)
        products = ops.sum(ops.stack([x * x, y * y, x * y]) * weight, axis=1)
        means = ops.reshape(shift + means, (2,))
        self._merge(ops.concatenate([ops.reshape(total, (1,)), means, products]))

    def _merge(self, two: KerasTensor) -> None:
        one = ops.convert_to_tensor(self.moments)
        weight = one[:1] + two[:1]
        share = two[:1] / ops.where(weight > 0, weight, 1.0)
        apart = two[1:3] - one[1:3]
        means = ops.where(one[:1] > 0, one[1:3] + apart * share, two[1:3])
        between = ops.stack([apart[0] ** 2, apart[1] ** 2, apart[0] * apart[1]])
        products = one[3:] + two[3:] + between * one[:1] * share
        self.moments.assign(ops.concatenate([weight, means, products]))

    def result(self) -> KerasTensor:
        """Return the correlation of everything so far.

        Returns
        -------
        tensor of float64, shape ()
            From -1 to 1. NaN where all targets or all predictions are equal: Pearson's,
            and the concordance where both are. NaN without an example, after values
            that are not finite or weights below 0.
        """
        weight, x_mean, y_mean, x, y, both = (self.moments[i] for i in range(6))
        if self.kind == "pearson":
            # the root of x y, which could overflow
            return ops.clip(both / (ops.sqrt(x / y) * y), -1, 1)
        apart = (weight - self.ddof) * ops.square(x_mean - y_mean)
        return ops.clip(2 * both / (x + y + apart), -1, 1)

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have seen; they stay as they are.

        Parameters
        ----------
        metrics : iterable of Correlation
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            for name in ("kind", "ddof"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            self._merge(ops.convert_to_tensor(other.moments))

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {"kind": self.kind, "ddof": self.ddof, "name": self.name}


def correlation(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    kind: str = "pearson",
    ddof: int = 0,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Pearson's or the concordance correlation of one batch.

    $s_{xy} / (s_x s_y)$, or $2 s_{xy} / (s_x^2 + s_y^2 + (\bar x - \bar y)^2)$, which
    is 1 for equal values alone.

    Parameters
    ----------
    y_true : tensor, shape (examples,) or (examples, 1)
        Observed values.
    y_pred : tensor, shape (examples,) or (examples, 1)
        Predicted values.
    kind : {"pearson", "concordance"}
        Which one.
    ddof : int
        What is taken off the number of examples in the variances: 0 as Lin has it, or
        1. It matters for the concordance alone.
    sample_weight : tensor, shape (examples,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From -1 to 1. NaN where all targets or all predictions are equal: Pearson's, and
        the concordance where both are. NaN without an example, after values that
        are not finite or weights below 0.

    Raises
    ------
    ValueError
        If the shapes do not fit or `kind` is none of the above.

    Examples
    --------
    >>> float(correlation([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]))
    1.0

    References
    ----------
    Lin, "A Concordance Correlation Coefficient to Evaluate Reproducibility", 1989.
    <https://doi.org/10.2307/2532051>
    """
    metric = Correlation(kind=kind, ddof=ddof)
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
