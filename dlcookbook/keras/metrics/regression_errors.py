"""Regression errors: how far the predictions are off, in the unit or as a share."""

import math
from collections.abc import Iterable
from typing import Any, Self

import keras
from keras import KerasTensor, ops

__all__ = [
    "RegressionErrors",
    "interval_coverage",
    "mase",
    "pinball",
    "regression_errors",
]


def _checked(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    sample_weight: KerasTensor | None,
    last: int = 0,
) -> tuple[KerasTensor, KerasTensor, KerasTensor]:
    """Return float64 tensors and a weight per value: NaN where something is bad."""
    true, predicted = ops.cast(y_true, "float64"), ops.cast(y_pred, "float64")
    weight = ops.cast(1.0 if sample_weight is None else sample_weight, "float64")
    mine = predicted.shape[: len(predicted.shape) - last]
    if len(true.shape) == len(mine) + 1 and true.shape[-1] == 1:
        true = ops.squeeze(true, -1)
    elif len(true.shape) == len(mine) - 1 and mine[-1] == 1:
        true = ops.expand_dims(true, -1)
    for name, axes, whole in (
        ("y_pred must have the shape", mine, true.shape),
        ("sample_weight must have the first axes", weight.shape, true.shape),
    ):
        whole = whole if axes is mine else whole[: len(axes)]
        if len(axes) != len(whole) or any(
            a != b and None not in (a, b) for a, b in zip(axes, whole, strict=True)
        ):
            raise ValueError(
                f"{name} of y_true. Received: {tuple(axes)}, y_true {tuple(true.shape)}"
            )
    weight = ops.where((weight >= 0) & (weight < math.inf), weight, math.nan)
    weight = ops.reshape(
        weight, (*ops.shape(weight), *(1,) * (len(true.shape) - len(weight.shape)))
    )
    finite = ops.all(ops.isfinite(predicted)) & ops.all(ops.isfinite(true))
    weight = ops.where(finite, weight, math.nan)
    return true, predicted, ops.broadcast_to(weight, ops.shape(true))


def _mean(values: KerasTensor, weight: KerasTensor) -> KerasTensor:
    return ops.sum(weight * values) / ops.sum(weight)


@keras.saving.register_keras_serializable(package="dlcookbook")
class RegressionErrors(keras.metrics.Metric):
    r"""MAE, MSE, RMSE, bias, MAPE and sMAPE of as many batches as there are.

    Means over all values of $|e|$, $e^2$ (and the root of that), $e$, $|e| / |y|$ and
    $2 |e| / (|y| + |\hat y|)$ for the error $e = \hat y - y$. Perfect is 0 everywhere.

    Parameters
    ----------
    zero : {"nan", "skip"} or float
        What a share counts whose denominator is 0: the MAPE of a target of 0, the sMAPE
        of a 0 that was predicted as 0. "skip" leaves the value out of that mean; a
        number stands for it. No target is pushed away from 0 in secret.
    name : str
        What the metric is called; the history has `mae`, `mse` and so on.

    Raises
    ------
    ValueError
        If `zero` is none of the above.

    Examples
    --------
    >>> metric = RegressionErrors()
    >>> metric.update_state([1.0, 2.0], [1.0, 3.0])
    >>> metric.update_state([4.0], [0.0])
    >>> {name: round(float(value), 3) for name, value in metric.result().items()}
    {'mae': 1.667, 'mse': 5.667, 'rmse': 2.38, 'bias': -1.0, 'mape': 0.5, 'smape': 0.8}

    References
    ----------
    Hyndman, Koehler, "Another look at measures of forecast accuracy", 2006.
    <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """

    def __init__(
        self, *, zero: str | float = "nan", name: str = "regression_errors"
    ) -> None:
        super().__init__(name=name, dtype="float64")
        if isinstance(zero, str) and zero not in ("nan", "skip"):
            raise ValueError(
                f"zero must be 'nan', 'skip' or a number. Received: {zero}"
            )
        # merge compares: NaN is not equal to itself, "nan" is
        self.zero = "nan" if str(zero) == "nan" else zero
        # weight, |e|, e^2, e, then sum and weight of each share
        self.sums = self.add_variable(
            (8,), initializer="zeros", dtype="float64", name="sums"
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
        y_true : tensor, shape (...)
            Observed values.
        y_pred : tensor, shape (...) or (..., 1)
            Predicted values.
        sample_weight : tensor, shape of the first axes of `y_true`, optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        true, predicted, weight = _checked(y_true, y_pred, sample_weight)
        error, width = predicted - true, ops.abs(true)
        size = ops.abs(error)
        sums = [weight, weight * size, weight * ops.square(error), weight * error]
        for parts, whole in ((size, width), (2 * size, width + ops.abs(predicted))):
            value = 0.0 if self.zero == "skip" else float(self.zero)
            share = ops.where(
                whole > 0, parts / ops.where(whole > 0, whole, 1.0), value
            )
            counted = (
                ops.where(whole > 0, weight, 0.0) if self.zero == "skip" else weight
            )
            # a weight of 0 is an absence, of a NaN as well
            sums += [ops.where(counted == 0, 0.0, counted * share), counted]
        self.sums.assign_add(ops.stack([ops.sum(x) for x in sums]))

    def result(self) -> dict[str, KerasTensor]:
        """Return the errors of everything so far.

        Returns
        -------
        dict of tensor of float64, shape ()
            `mae`, `rmse` and `bias` (above 0: too high) in the unit of the target,
            `mse` in its square; `mape` and `smape` are shares, 0.25 for 25 %, the
            latter from 0 to 2. NaN where there is nothing to average, and all NaN
            after values that are not finite or weights below 0.
        """
        weight, size, square, error, mape, counted, smape, known = (
            self.sums[i] for i in range(8)
        )
        return {
            "mae": size / weight,
            "mse": square / weight,
            "rmse": ops.sqrt(square / weight),
            "bias": error / weight,
            "mape": mape / counted,
            "smape": smape / known,
        }

    def merge_state(self, metrics: Iterable[Self]) -> None:
        """Add what other workers have summed; they stay as they are.

        Parameters
        ----------
        metrics : iterable of RegressionErrors
            With the same options.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for other in metrics:
            if (mine := self.zero) != (theirs := other.zero):
                raise ValueError(f"metrics need zero={mine}. Received: {theirs}")
            self.sums.assign_add(other.sums)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to build the metric again."""
        return {"zero": self.zero, "name": self.name}


def regression_errors(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    zero: str | float = "nan",
    sample_weight: KerasTensor | None = None,
) -> dict[str, KerasTensor]:
    r"""MAE, MSE, RMSE, bias, MAPE and sMAPE of one batch.

    Means over all values of $|e|$, $e^2$ (and the root of that), $e$, $|e| / |y|$ and
    $2 |e| / (|y| + |\hat y|)$ for the error $e = \hat y - y$. Perfect is 0 everywhere.

    Parameters
    ----------
    y_true : tensor, shape (...)
        Observed values.
    y_pred : tensor, shape (...) or (..., 1)
        Predicted values.
    zero : {"nan", "skip"} or float
        What a share counts whose denominator is 0: the MAPE of a target of 0, the sMAPE
        of a 0 that was predicted as 0. "skip" leaves the value out of that mean; a
        number stands for it. No target is pushed away from 0 in secret.
    sample_weight : tensor, shape of the first axes of `y_true`, optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of tensor of float64, shape ()
        `mae`, `rmse` and `bias` (above 0: too high) in the unit of the target, `mse` in
        its square; `mape` and `smape` are shares, 0.25 for 25 %, the latter from 0 to
        2. NaN where there is nothing to average, and all NaN after values that are not
        finite or weights below 0.

    Raises
    ------
    ValueError
        If the shapes do not fit or `zero` is none of the above.

    Examples
    --------
    >>> errors = regression_errors([1.0, 2.0, 4.0], [1.0, 3.0, 0.0])
    >>> {name: round(float(value), 3) for name, value in errors.items()}
    {'mae': 1.667, 'mse': 5.667, 'rmse': 2.38, 'bias': -1.0, 'mape': 0.5, 'smape': 0.8}

    References
    ----------
    Hyndman, Koehler, "Another look at measures of forecast accuracy", 2006.
    <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    metric = RegressionErrors(zero=zero)
    metric.update_state(y_true, y_pred, sample_weight)
    return metric.result()


def mase(
    y_true: KerasTensor, y_pred: KerasTensor, *, training: KerasTensor, season: int = 1
) -> KerasTensor:
    r"""Mean absolute error, in units of the error of a naive forecast.

    $\mathrm{MAE} / \operatorname{mean}_t |x_t - x_{t-s}|$ for the training series $x$
    and the season $s$. Below 1, the forecast beats repeating the last season.

    Parameters
    ----------
    y_true : tensor, shape (...)
        Observed values.
    y_pred : tensor, shape (...) or (..., 1)
        Predicted values.
    training : tensor, shape (steps,)
        The series that came before, in order; more than `season` steps.
    season : int
        Steps that the naive forecast looks back: 12 for months of a year.

    Returns
    -------
    tensor of float64, shape ()
        From 0. Infinite if the training series repeats itself exactly, NaN if the
        forecast is perfect as well, or if a value is not finite.

    Raises
    ------
    ValueError
        If the shapes do not fit or `season` is less than 1.

    Examples
    --------
    >>> float(mase([5.0, 6.0], [5.0, 7.0], training=[1.0, 2.0, 3.0, 4.0]))
    0.5

    References
    ----------
    Hyndman, Koehler, "Another look at measures of forecast accuracy", 2006, eq. 6.
    <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    true, predicted, weight = _checked(y_true, y_pred, None)
    series = ops.cast(training, "float64")
    if season < 1:
        raise ValueError(f"season must be >= 1. Received: {season}")
    if len(series.shape) != 1 or series.shape[0] <= season:
        raise ValueError(
            f"training must have one axis of more than {season} steps. "
            f"Received: {tuple(series.shape)}"
        )
    steps = ops.abs(series[season:] - series[:-season])
    naive = ops.sum(steps) / (series.shape[0] - season)
    naive = ops.where(ops.isfinite(naive), naive, math.nan)
    return _mean(ops.abs(predicted - true), weight) / naive


def pinball(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    quantile: float,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    r"""Pinball loss: how well a quantile was predicted.

    The mean of $\max(q d, (q - 1) d)$ with $d = y - \hat y$: a prediction that is too
    low costs $q$ per unit, one too high $1 - q$. At 0.5 it is half the MAE.

    Parameters
    ----------
    y_true : tensor, shape (...)
        Observed values.
    y_pred : tensor, shape (...) or (..., 1)
        Predicted quantiles.
    quantile : float
        Which quantile was asked for, above 0 and below 1.
    sample_weight : tensor, shape of the first axes of `y_true`, optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        In the unit of the target. NaN if a value is not finite, a weight is negative
        or there is nothing to average.

    Raises
    ------
    ValueError
        If the shapes do not fit or `quantile` is out of range.

    Examples
    --------
    >>> float(pinball([1.0, 3.0], [2.0, 2.0], quantile=0.75))
    0.5

    References
    ----------
    Koenker, Bassett, "Regression Quantiles", 1978. <https://doi.org/10.2307/1913643>
    """
    true, predicted, weight = _checked(y_true, y_pred, sample_weight)
    if not 0 < quantile < 1:
        raise ValueError(f"quantile must be in (0, 1). Received: {quantile}")
    missing = true - predicted
    price = ops.where(missing > 0, quantile * missing, (quantile - 1) * missing)
    return _mean(price, weight)


def interval_coverage(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    sample_weight: KerasTensor | None = None,
) -> KerasTensor:
    """Share of the observed values that lie in their predicted interval.

    Both ends belong to the interval. A good 90 % interval covers 0.9, not more.

    Parameters
    ----------
    y_true : tensor, shape (...)
        Observed values.
    y_pred : tensor, shape (..., 2)
        Lower and upper end of each interval.
    sample_weight : tensor, shape of the first axes of `y_true`, optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    tensor of float64, shape ()
        From 0 to 1. NaN if a value is not finite, a weight is negative, a lower end is
        above its upper end or there is nothing to average.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> float(interval_coverage([1.0, 2.0], [[0.0, 1.0], [0.0, 1.0]]))
    0.5

    References
    ----------
    Gneiting, Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation",
    2007, section 6. <https://doi.org/10.1198/016214506000001437>
    """
    true, ends, weight = _checked(y_true, y_pred, sample_weight, last=1)
    if ends.shape[-1] != 2:
        raise ValueError(
            f"y_pred must have a last axis of 2. Received: {tuple(ends.shape)}"
        )
    low, high = ends[..., 0], ends[..., 1]
    inside = ops.cast((low <= true) & (true <= high), "float64")
    return _mean(ops.where(low > high, math.nan, inside), weight)
