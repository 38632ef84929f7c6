"""Regression errors: how far the predictions are off, in the unit or as a share."""

import math
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "RegressionErrors",
    "interval_coverage",
    "mase",
    "pinball",
    "regression_errors",
]


def _checked(
    y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None, last: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return float64 arrays and a weight per value; `last` axes are y_pred's own."""
    true, predicted = np.asarray(y_true, float), np.asarray(y_pred, float)
    weight = np.ones(()) if sample_weight is None else np.asarray(sample_weight, float)
    if predicted.shape[: predicted.ndim - last] != true.shape:
        raise ValueError(
            "y_pred must have the shape of y_true. Received: "
            f"y_true {true.shape}, y_pred {predicted.shape}"
        )
    if weight.shape != true.shape[: weight.ndim]:
        raise ValueError(
            "sample_weight must have the first axes of y_true. Received: "
            f"y_true {true.shape}, sample_weight {weight.shape}"
        )
    for name, x in (("y_true", true), ("y_pred", predicted)):
        # NaN goes through min and max
        if x.size and not np.isfinite([x.min(), x.max()]).all():
            raise ValueError(f"{name} must be finite. Received: {x.min()} to {x.max()}")
    if weight.size and not 0 <= weight.min() <= weight.max() < math.inf:
        raise ValueError(
            f"sample_weight must be finite and >= 0. Received: {weight.min()}"
        )
    weight = weight.reshape(weight.shape + (1,) * (true.ndim - weight.ndim))
    return true, predicted, np.broadcast_to(weight, true.shape)


def _mean(values: np.ndarray, weight: np.ndarray) -> float:
    total = weight.sum()
    if total == 0:
        raise ValueError(f"y_true must hold a value to average. Received: {total}")
    return float((weight * values).sum() / total)


class RegressionErrors:
    r"""MAE, MSE, RMSE, bias, MAPE and sMAPE of as many batches as there are.

    Means over all values of $|e|$, $e^2$ (and the root of that), $e$, $|e| / |y|$ and
    $2 |e| / (|y| + |\hat y|)$ for the error $e = \hat y - y$. Perfect is 0 everywhere.

    Parameters
    ----------
    zero : {"nan", "skip"} or float
        What a share counts whose denominator is 0: the MAPE of a target of 0, the sMAPE
        of a 0 that was predicted as 0. "skip" leaves the value out of that mean; a
        number stands for it. No target is pushed away from 0 in secret.

    Raises
    ------
    ValueError
        If `zero` is none of the above.

    Examples
    --------
    >>> metric = RegressionErrors()
    >>> metric.update([1.0, 2.0], [1.0, 3.0])
    >>> metric.update([4.0], [0.0])
    >>> {name: round(value, 3) for name, value in metric.compute().items()}
    {'mae': 1.667, 'mse': 5.667, 'rmse': 2.38, 'bias': -1.0, 'mape': 0.5, 'smape': 0.8}

    References
    ----------
    Hyndman, Koehler, "Another look at measures of forecast accuracy", 2006.
    <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """

    def __init__(self, *, zero: str | float = "nan") -> None:
        if isinstance(zero, str) and zero not in ("nan", "skip"):
            raise ValueError(
                f"zero must be 'nan', 'skip' or a number. Received: {zero}"
            )
        # merge compares: NaN is not equal to itself, "nan" is
        self.zero = "nan" if str(zero) == "nan" else zero
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # weight, |e|, e^2, e, then sum and weight of each share
        self.sums = np.zeros(8)

    def update(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Add a batch; a batch that is refused leaves the sums as they were.

        Parameters
        ----------
        y_true : array-like, shape (...)
            Observed values.
        y_pred : array-like, shape (...)
            Predicted values.
        sample_weight : array-like, shape of the first axes of `y_true`, optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes differ, a value is not finite or a weight is negative.
        """
        parts = [np.ravel(x) for x in _checked(y_true, y_pred, sample_weight)]
        # small enough for the cache
        for start in range(0, parts[0].size, 1 << 16):
            block = (x[start : start + (1 << 16)] for x in parts)
            self.sums = self.sums + self._sums_of(*block)

    def _sums_of(
        self, true: np.ndarray, predicted: np.ndarray, weight: np.ndarray
    ) -> np.ndarray:
        error, width = predicted - true, np.abs(true)
        size = np.abs(error)
        sums = [weight.sum(), weight @ size, weight @ np.square(error), weight @ error]
        with np.errstate(over="ignore", invalid="ignore"):
            for parts, whole in ((size, width), (2 * size, width + np.abs(predicted))):
                share = np.full(
                    size.shape, 0 if self.zero == "skip" else self.zero, float
                )
                np.divide(parts, whole, out=share, where=whole > 0)
                counted = weight * (whole > 0) if self.zero == "skip" else weight
                # a weight of 0 is an absence, of a NaN as well
                sums += [np.where(counted > 0, counted * share, 0).sum(), counted.sum()]
        return np.array(sums)

    def compute(self) -> dict[str, float]:
        """Return the errors of everything so far.

        Returns
        -------
        dict of float
            `mae`, `rmse` and `bias` (above 0: too high) in the unit of the target,
            `mse` in its square; `mape` and `smape` are shares, 0.25 for 25 %, the
            latter from 0 to 2. A share of nothing but skipped values is NaN.

        Raises
        ------
        ValueError
            If there is nothing to average.
        """
        weight, size, square, error, mape, counted, smape, known = self.sums.tolist()
        if weight == 0:
            raise ValueError(f"y_true must hold a value to average. Received: {weight}")
        return {
            "mae": size / weight,
            "mse": square / weight,
            "rmse": math.sqrt(square / weight),
            "bias": error / weight,
            "mape": mape / counted if counted else math.nan,
            "smape": smape / known if known else math.nan,
        }

    def merge(self, other: Self) -> Self:
        """Add what another worker has summed; `other` stays as it is.

        Parameters
        ----------
        other : RegressionErrors
            With the same options.

        Returns
        -------
        RegressionErrors
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        if (mine := self.zero) != (theirs := other.zero):
            raise ValueError(f"other must have zero={mine}. Received: {theirs}")
        self.sums = self.sums + other.sums
        return self


def regression_errors(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    zero: str | float = "nan",
    sample_weight: ArrayLike | None = None,
) -> dict[str, float]:
    r"""MAE, MSE, RMSE, bias, MAPE and sMAPE of one batch.

    Means over all values of $|e|$, $e^2$ (and the root of that), $e$, $|e| / |y|$ and
    $2 |e| / (|y| + |\hat y|)$ for the error $e = \hat y - y$. Perfect is 0 everywhere.

    Parameters
    ----------
    y_true : array-like, shape (...)
        Observed values.
    y_pred : array-like, shape (...)
        Predicted values.
    zero : {"nan", "skip"} or float
        What a share counts whose denominator is 0: the MAPE of a target of 0, the sMAPE
        of a 0 that was predicted as 0. "skip" leaves the value out of that mean; a
        number stands for it. No target is pushed away from 0 in secret.
    sample_weight : array-like, shape of the first axes of `y_true`, optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of float
        `mae`, `rmse` and `bias` (above 0: too high) in the unit of the target, `mse` in
        its square; `mape` and `smape` are shares, 0.25 for 25 %, the latter from 0 to
        2. A share of nothing but skipped values is NaN.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite, a weight is negative, `zero` is
        none of the above or there is nothing to average.

    Examples
    --------
    >>> errors = regression_errors([1.0, 2.0, 4.0], [1.0, 3.0, 0.0])
    >>> {name: round(value, 3) for name, value in errors.items()}
    {'mae': 1.667, 'mse': 5.667, 'rmse': 2.38, 'bias': -1.0, 'mape': 0.5, 'smape': 0.8}

    References
    ----------
    Hyndman, Koehler, "Another look at measures of forecast accuracy", 2006.
    <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    metric = RegressionErrors(zero=zero)
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()


def mase(
    y_true: ArrayLike, y_pred: ArrayLike, *, training: ArrayLike, season: int = 1
) -> float:
    r"""Mean absolute error, in units of the error of a naive forecast.

    $\mathrm{MAE} / \operatorname{mean}_t |x_t - x_{t-s}|$ for the training series $x$
    and the season $s$. Below 1, the forecast beats repeating the last season.

    Parameters
    ----------
    y_true : array-like, shape (...)
        Observed values.
    y_pred : array-like, shape (...)
        Predicted values.
    training : array-like, shape (steps,)
        The series that came before, in order; more than `season` steps.
    season : int
        Steps that the naive forecast looks back: 12 for months of a year.

    Returns
    -------
    float
        From 0. Infinite if the training series repeats itself exactly, NaN if the
        forecast is perfect as well.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, `season` is less than 1 or
        there is nothing to average.

    Examples
    --------
    >>> mase([5.0, 6.0], [5.0, 7.0], training=[1.0, 2.0, 3.0, 4.0])
    0.5

    References
    ----------
    Hyndman, Koehler, "Another look at measures of forecast accuracy", 2006, eq. 6.
    <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    true, predicted, weight = _checked(y_true, y_pred, None)
    series = np.asarray(training, float)
    if season < 1:
        raise ValueError(f"season must be >= 1. Received: {season}")
    if series.ndim != 1 or len(series) <= season:
        raise ValueError(
            f"training must have one axis of more than {season} steps. "
            f"Received: {series.shape}"
        )
    naive = np.abs(series[season:] - series[:-season]).mean()
    if not math.isfinite(naive):
        raise ValueError(f"training must be finite. Received: {series}")
    error = _mean(np.abs(predicted - true), weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(error / naive)


def pinball(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    quantile: float,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Pinball loss: how well a quantile was predicted.

    The mean of $\max(q d, (q - 1) d)$ with $d = y - \hat y$: a prediction that is too
    low costs $q$ per unit, one too high $1 - q$. At 0.5 it is half the MAE.

    Parameters
    ----------
    y_true : array-like, shape (...)
        Observed values.
    y_pred : array-like, shape (...)
        Predicted quantiles.
    quantile : float
        Which quantile was asked for, above 0 and below 1.
    sample_weight : array-like, shape of the first axes of `y_true`, optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        In the unit of the target.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite, a weight is negative, `quantile` is
        out of range or there is nothing to average.

    Examples
    --------
    >>> pinball([1.0, 3.0], [2.0, 2.0], quantile=0.75)
    0.5

    References
    ----------
    Koenker, Bassett, "Regression Quantiles", 1978. <https://doi.org/10.2307/1913643>
    """
    true, predicted, weight = _checked(y_true, y_pred, sample_weight)
    if not 0 < quantile < 1:
        raise ValueError(f"quantile must be in (0, 1). Received: {quantile}")
    missing = true - predicted
    return _mean(np.maximum(quantile * missing, (quantile - 1) * missing), weight)


def interval_coverage(
    y_true: ArrayLike, y_pred: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Share of the observed values that lie in their predicted interval.

    Both ends belong to the interval. A good 90 % interval covers 0.9, not more.

    Parameters
    ----------
    y_true : array-like, shape (...)
        Observed values.
    y_pred : array-like, shape (..., 2)
        Lower and upper end of each interval.
    sample_weight : array-like, shape of the first axes of `y_true`, optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, a weight is negative, a lower
        end is above its upper end or there is nothing to average.

    Examples
    --------
    >>> interval_coverage([1.0, 2.0], [[0.0, 1.0], [0.0, 1.0]])
    0.5

    References
    ----------
    Gneiting, Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation",
    2007, section 6. <https://doi.org/10.1198/016214506000001437>
    """
    true, ends, weight = _checked(y_true, y_pred, sample_weight, last=1)
    if ends.shape[-1] != 2:
        raise ValueError(f"y_pred must have a last axis of 2. Received: {ends.shape}")
    low, high = ends[..., 0], ends[..., 1]
    if (low > high).any():
        raise ValueError(
            f"y_pred must not end below its start. Received: {ends[low > high][0]}"
        )
    return _mean((low <= true) & (true <= high), weight)
