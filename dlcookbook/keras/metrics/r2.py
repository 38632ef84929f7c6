"""R squared: how much of the variance of the targets a model explains."""

import math
from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = ["R2", "r2"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class R2(keras.metrics.Metric):
    r"""R squared of as many batches as there are.

    $1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$. Perfect is 1; predicting the mean
    is 0; worse than that is negative, without end. The sums are taken around the mean
    of each batch and merged, so that targets far from 0 lose no digits.

    Parameters
    ----------
    average : {"uniform", "variance"}, optional
        How several outputs become one number: each alike, or weighted by the variance
        of its targets. None gives one number per output.
    constant : {"nan", "finite"}
        What an output scores whose targets are all equal: NaN, or 1 if it was predicted
        without an error and 0 if not.
    name : str
        What the metric is called in the history.

    Raises
    ------
    ValueError
        If an option is none of the above.

    Examples
    --------
    >>> metric = R2()
    >>> metric.update_state([10001.0, 10002.0], [10001.0, 10002.5])
    >>> metric.update_state([10003.0], [10003.0])
    >>> float(metric.result())
    0.875

    References
    ----------
    Chan, Golub, LeVeque, "Algorithms for Computing the Sample Variance", 1983 (the
    merge). <https://doi.org/10.1080/00031305.1983.10483115>
    Coefficient of determination.
    <https://en.wikipedia.org/wiki/Coefficient_of_determination>
    """

    def __init__(
        self,
        *,
        average: str | None = "uniform",
        constant: str = "nan",
        name: str = "r2",
    ) -> None:
        super().__init__(name=name, dtype="float64")
        if average not in (None, "uniform", "variance"):
            raise ValueError(
                f"average must be 'uniform', 'variance' or None. Received: {average}"
            )
        if constant not in ("nan", "finite"):
            raise ValueError(
                f"constant must be 'nan' or 'finite'. Received: {constant}"
            )
        self.average, self.constant = average, constant
        self.moments: keras.Variable | None = None

    def _state(self, outputs: tuple[int, ...]) -> keras.Variable:
        # per output: weight, mean, squares around the mean, squares of the errors
        if self.moments is None:
            self.moments = self.add_variable(
                (4, *outputs), initializer="zeros", dtype="float64", name="moments"
            )
        if tuple(self.moments.shape[1:]) != outputs:
            raise ValueError(
                "y_true and metrics must have the outputs of before, "
                f"{tuple(self.moments.shape[1:])}. Received: {outputs}"
            )
        return self.moments

    def update_state(
        self,
        y_true: KerasTensor,
        y_pred: KerasTensor,
        sample_weight: KerasTensor | None = None,
    ) -> None:
        """Add a batch.

        Parameters
        ----------
        y_true : tensor, shape (examples,) or (examples, outputs)
            Observed values.
        y_pred : tensor, shape of `y_true` or (examples, 1)
            Predicted values.
        sample_weight : tensor, shape (examples,), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        true, predicted = ops.cast(y_true, "float64"), ops.cast(y_pred, "float64")
        if len(true.shape) == 1 and tuple(predicted.shape[1:]) == (1,):
            true = ops.expand_dims(true, -1)
        weight = ops.ones(ops.shape(true)[:1], dtype="float64")
        if sample_weight is not None:
            weight = ops.cast(sample_weight, "float64")
        shapes = [tuple(x.shape) for x in (true, predicted, weight)]
        if shapes[0][1:] != shapes[1][1:] or len(shapes[0]) not in (1, 2):
            raise ValueError(
                "y_pred must have the shape of y_true, one or two axes. "
                f"Received: y_true {shapes[0]}, y_pred {shapes[1]}"
            )
        sizes = {shape[0] for shape in shapes if shape} - {None}
        if len(sizes) > 1 or len(shapes[2]) != 1:
            raise ValueError(
                "y_true, y_pred and sample_weight must have one value per example. "
                f"Received: {shapes}"
            )
        state = self._state(shapes[0][1:])
        weight = ops.where(weight >= 0, weight, math.nan)
        column = ops.reshape(weight, (-1, *(1,) * (len(shapes[0]) - 1)))
        # equal targets are exactly 0 once one of them is taken off
        shift = ops.where(column > 0, true, -math.inf)
        shift = ops.max(shift, axis=0, initial=-math.inf)
        shift = ops.where(ops.isfinite(shift), shift, 0.0)
        moved, total = true - shift, ops.sum(weight)
        mean = ops.sum(column * moved, axis=0) / ops.where(total > 0, total, 1.0)
        square = ops.sum(column * ops.square(moved - mean), axis=0)
        residual = ops.sum(column * ops.square(true - predicted), axis=0)
        weights = ops.broadcast_to(total, ops.shape(mean))
        self._merge(state, ops.stack([weights, shift + mean, square, residual]))

    def _merge(self, state: keras.Variable, two: KerasTensor) -> None:
        one = ops.convert_to_tensor(state)
        weight = one[0] + two[0]
        share = two[0] / ops.where(weight > 0, weight, 1.0)
        apart = two[1] - one[1]
        mean = ops.where(one[0] > 0, one[1] + apart * share, two[1])
        square = one[2] + two[2] + ops.square(apart) * one[0] * share
        state.assign(ops.stack([weight, mean, square, one[3] + two[3]]))

    def result(self) -> KerasTensor:
        """Return R squared of everything so far.

        Returns
        -------
        tensor of float64, shape () or (outputs,) without an average
            Up to 1. NaN or what `constant` says where all targets are equal, as those
            of a single example are; an average by variance leaves such outputs out. NaN
            without an example, after values that are not finite or weights below 0.
        """
        if self.moments is None:
            return ops.convert_to_tensor(math.nan, dtype="float64")
        weight, square, residual = (self.moments[i] for i in (0, 2, 3))
        seen = ops.logical_and(weight > 0, ops.isfinite(residual))
        equal = square == 0
        flat = ops.where(residual == 0, 1.0, 0.0)
        flat = ops.cast(flat, "float64") if self.constant == "finite" else math.nan
        score = ops.where(equal, flat, 1 - residual / ops.where(equal, 1.0, square))
        score = ops.where(seen, score, math.nan)
        if self.average is None:
            return score
        # a sum, because the mean of a torch backend has but the digits of a float32
        mean = ops.sum(score) / math.prod(score.shape)
        if self.average == "uniform":
            return mean
        total = ops.sum(square)
        known = ops.sum(ops.where(equal, 0.0, residual))
        return ops.where(
            ops.all(seen) & (total > 0),
            1 - known / ops.where(total > 0, total, 1.0),
            mean,
        )

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have seen; they stay as they are.

        Parameters
        ----------
        metrics : iterable of R2
            Of as many outputs, with the same options.

        Raises
        ------
        ValueError
            If an option or the number of outputs differs.
        """
        for other in metrics:
            for name in ("average", "constant"):
                if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                    raise ValueError(f"metrics need {name}={mine}. Received: {theirs}")
            if other.moments is not None:
                state = self._state(tuple(other.moments.shape[1:]))
                self._merge(state, ops.convert_to_tensor(other.moments))

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        options = {"average": self.average, "constant": self.constant}
        return {**options, "name": self.name}


def r2(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    average: str | None = "uniform",
    constant: str = "nan",
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""R squared of one batch.

    $1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$. Perfect is 1; predicting the mean
    is 0; worse than that is negative, without end.

    Parameters
    ----------
    y_true : tensor, shape (examples,) or (examples, outputs)
        Observed values.
    y_pred : tensor, shape of `y_true` or (examples, 1)
        Predicted values.
    average : {"uniform", "variance"}, optional
        How several outputs become one number: each alike, or weighted by the variance
        of its targets. None gives one number per output.
    constant : {"nan", "finite"}
        What an output scores whose targets are all equal: NaN, or 1 if it was predicted
        without an error and 0 if not.
    sample_weight : tensor, shape (examples,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape () or (outputs,) without an average
        Up to 1. NaN or what `constant` says where all targets are equal, as those of a
        single example are; an average by variance leaves such outputs out. NaN without
        an example, after values that are not finite or weights below 0.

    Raises
    ------
    ValueError
        If the shapes do not fit or an option is none of the above.

    Examples
    --------
    >>> float(r2([10001.0, 10002.0, 10003.0], [10001.0, 10002.5, 10003.0]))
    0.875

    References
    ----------
    Coefficient of determination.
    <https://en.wikipedia.org/wiki/Coefficient_of_determination>
    """
    metric = R2(average=average, constant=constant)
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()
