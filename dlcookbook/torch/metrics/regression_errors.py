"""Regression errors: how far the predictions are off, in the unit or as a share."""

import math
from typing import Self

import torch
from torch import Tensor

__all__ = [
    "RegressionErrors",
    "interval_coverage",
    "mase",
    "pinball",
    "regression_errors",
]


def _checked(
    predictions: Tensor, targets: Tensor, sample_weight: Tensor | None, last: int = 0
) -> tuple[Tensor, Tensor, Tensor]:
    """Return float64 tensors and a weight per value; `last` axes are predictions' own.

    Values are looked at where that costs no waiting. Elsewhere a bad weight is NaN.
    """
    predicted, true = predictions.detach().double(), targets.detach().double()
    weight = true.new_ones(()) if sample_weight is None else sample_weight.double()
    if predicted.shape[: predicted.ndim - last] != true.shape:
        raise ValueError(
            "predictions must have the shape of targets. Received: "
            f"predictions {tuple(predicted.shape)}, targets {tuple(true.shape)}"
        )
    if weight.shape != true.shape[: weight.ndim]:
        raise ValueError(
            "sample_weight must have the first axes of targets. Received: "
            f"targets {tuple(true.shape)}, sample_weight {tuple(weight.shape)}"
        )
    known = (weight >= 0) & (weight < math.inf)
    if true.device.type == "cpu":
        for name, x in (("predictions", predicted), ("targets", true)):
            if not x.isfinite().all():
                raise ValueError(
                    f"{name} must be finite. Received: {x[~x.isfinite()][0]}"
                )
        if not known.all():
            raise ValueError(
                "sample_weight must be finite and >= 0. "
                f"Received: {weight[~known].flatten()[0]}"
            )
    weight = torch.where(known, weight, math.nan)
    weight = weight.reshape(weight.shape + (1,) * (true.ndim - weight.ndim))
    return predicted, true, weight.expand_as(true)


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    total = weight.sum()
    if total == 0:
        raise ValueError(f"targets must hold a value to average. Received: {total}")
    mean = (weight * values).sum() / total
    if mean.isnan():
        raise ValueError(
            "predictions, targets and sample_weight must be finite, the weights >= 0. "
            f"Received: a mean of {mean}"
        )
    return mean


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
    >>> metric.update(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 2.0]))
    >>> metric.update(torch.tensor([0.0]), torch.tensor([4.0]))
    >>> {name: round(float(value), 3) for name, value in metric.compute().items()}
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
        self.sums = torch.zeros(8, dtype=torch.float64)

    def update(
        self, predictions: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Add a batch on the device where it lies.

        Parameters
        ----------
        predictions : Tensor, shape (...)
            Predicted values, any dtype.
        targets : Tensor, shape (...)
            Observed values.
        sample_weight : Tensor, shape of the first axes of `targets`, optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes differ, a value is not finite or a weight is negative. On a
            GPU `compute` tells of the values: to look at them here would be to wait.
        """
        predicted, true, weight = _checked(predictions, targets, sample_weight)
        error, width = predicted - true, true.abs()
        size = error.abs()
        sums = [weight, weight * size, weight * error.square(), weight * error]
        for parts, whole in ((size, width), (2 * size, width + predicted.abs())):
            value = 0.0 if self.zero == "skip" else float(self.zero)
            share = torch.where(whole > 0, parts / whole, value)
            counted = weight * (whole > 0) if self.zero == "skip" else weight
            # a weight of 0 is an absence, of a NaN as well
            sums += [torch.where(counted > 0, counted * share, 0.0), counted]
        total = torch.stack([x.sum() for x in sums])
        self.sums = self.sums.to(total.device) + total

    def compute(self) -> dict[str, Tensor]:
        """Return the errors of everything so far.

        Returns
        -------
        dict of Tensor of float64, shape ()
            `mae`, `rmse` and `bias` (above 0: too high) in the unit of the target,
            `mse` in its square; `mape` and `smape` are shares, 0.25 for 25 %, the
            latter from 0 to 2. A share of nothing but skipped values is NaN.

        Raises
        ------
        ValueError
            If there is nothing to average, or a batch on a GPU held a value that was
            not finite or a weight below 0.
        """
        weight, size, square, error, mape, counted, smape, known = self.sums
        if weight == 0:
            raise ValueError(
                f"targets must hold a value to average. Received: {weight}"
            )
        if not size.isfinite():
            raise ValueError(
                "predictions, targets and sample_weight must be finite, the weights "
                f">= 0. Received: a sum of {size}"
            )
        return {
            "mae": size / weight,
            "mse": square / weight,
            "rmse": (square / weight).sqrt(),
            "bias": error / weight,
            "mape": mape / counted,
            "smape": smape / known,
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
        self.sums = self.sums + other.sums.to(self.sums.device)
        return self


def regression_errors(
    predictions: Tensor,
    targets: Tensor,
    *,
    zero: str | float = "nan",
    sample_weight: Tensor | None = None,
) -> dict[str, Tensor]:
    r"""MAE, MSE, RMSE, bias, MAPE and sMAPE of one batch.

    Means over all values of $|e|$, $e^2$ (and the root of that), $e$, $|e| / |y|$ and
    $2 |e| / (|y| + |\hat y|)$ for the error $e = \hat y - y$. Perfect is 0 everywhere.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted values, any dtype.
    targets : Tensor, shape (...)
        Observed values.
    zero : {"nan", "skip"} or float
        What a share counts whose denominator is 0: the MAPE of a target of 0, the sMAPE
        of a 0 that was predicted as 0. "skip" leaves the value out of that mean; a
        number stands for it. No target is pushed away from 0 in secret.
    sample_weight : Tensor, shape of the first axes of `targets`, optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of Tensor of float64, shape ()
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
    >>> predictions, targets = torch.tensor([1.0, 3.0, 0.0]), torch.tensor([1.0, 2, 4])
    >>> errors = regression_errors(predictions, targets)
    >>> {name: round(float(value), 3) for name, value in errors.items()}
    {'mae': 1.667, 'mse': 5.667, 'rmse': 2.38, 'bias': -1.0, 'mape': 0.5, 'smape': 0.8}

    References
    ----------
    Hyndman, Koehler, "Another look at measures of forecast accuracy", 2006.
    <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    metric = RegressionErrors(zero=zero)
    metric.update(predictions, targets, sample_weight)
    return metric.compute()


def mase(
    predictions: Tensor, targets: Tensor, *, training: Tensor, season: int = 1
) -> Tensor:
    r"""Mean absolute error, in units of the error of a naive forecast.

    $\mathrm{MAE} / \operatorname{mean}_t |x_t - x_{t-s}|$ for the training series $x$
    and the season $s$. Below 1, the forecast beats repeating the last season.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted values, any dtype.
    targets : Tensor, shape (...)
        Observed values.
    training : Tensor, shape (steps,)
        The series that came before, in order; more than `season` steps.
    season : int
        Steps that the naive forecast looks back: 12 for months of a year.

    Returns
    -------
    Tensor of float64, shape ()
        From 0. Infinite if the training series repeats itself exactly, NaN if the
        forecast is perfect as well.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, `season` is less than 1 or
        there is nothing to average.

    Examples
    --------
    >>> predictions, targets = torch.tensor([5.0, 7.0]), torch.tensor([5.0, 6.0])
    >>> mase(predictions, targets, training=torch.tensor([1.0, 2.0, 3.0, 4.0]))
    tensor(0.5000, dtype=torch.float64)

    References
    ----------
    Hyndman, Koehler, "Another look at measures of forecast accuracy", 2006, eq. 6.
    <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    predicted, true, weight = _checked(predictions, targets, None)
    series = training.detach().double()
    if season < 1:
        raise ValueError(f"season must be >= 1. Received: {season}")
    if series.ndim != 1 or len(series) <= season:
        raise ValueError(
            f"training must have one axis of more than {season} steps. "
            f"Received: {tuple(series.shape)}"
        )
    naive = (series[season:] - series[:-season]).abs().mean()
    if not naive.isfinite():
        raise ValueError(f"training must be finite. Received: {series}")
    return _mean((predicted - true).abs(), weight) / naive


def pinball(
    predictions: Tensor,
    targets: Tensor,
    *,
    quantile: float,
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Pinball loss: how well a quantile was predicted.

    The mean of $\max(q d, (q - 1) d)$ with $d = y - \hat y$: a prediction that is too
    low costs $q$ per unit, one too high $1 - q$. At 0.5 it is half the MAE.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted quantiles, any dtype.
    targets : Tensor, shape (...)
        Observed values.
    quantile : float
        Which quantile was asked for, above 0 and below 1.
    sample_weight : Tensor, shape of the first axes of `targets`, optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        In the unit of the target.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite, a weight is negative, `quantile` is
        out of range or there is nothing to average.

    Examples
    --------
    >>> predictions, targets = torch.tensor([2.0, 2.0]), torch.tensor([1.0, 3.0])
    >>> pinball(predictions, targets, quantile=0.75)
    tensor(0.5000, dtype=torch.float64)

    References
    ----------
    Koenker, Bassett, "Regression Quantiles", 1978. <https://doi.org/10.2307/1913643>
    """
    predicted, true, weight = _checked(predictions, targets, sample_weight)
    if not 0 < quantile < 1:
        raise ValueError(f"quantile must be in (0, 1). Received: {quantile}")
    missing = true - predicted
    return _mean(torch.maximum(quantile * missing, (quantile - 1) * missing), weight)


def interval_coverage(
    predictions: Tensor, targets: Tensor, *, sample_weight: Tensor | None = None
) -> Tensor:
    """Share of the observed values that lie in their predicted interval.

    Both ends belong to the interval. A good 90 % interval covers 0.9, not more.

    Parameters
    ----------
    predictions : Tensor, shape (..., 2)
        Lower and upper end of each interval, any dtype.
    targets : Tensor, shape (...)
        Observed values.
    sample_weight : Tensor, shape of the first axes of `targets`, optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        From 0 to 1.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, a weight is negative, a lower
        end is above its upper end or there is nothing to average.

    Examples
    --------
    >>> predictions = torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    >>> interval_coverage(predictions, torch.tensor([1.0, 2.0]))
    tensor(0.5000, dtype=torch.float64)

    References
    ----------
    Gneiting, Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation",
    2007, section 6. <https://doi.org/10.1198/016214506000001437>
    """
    ends, true, weight = _checked(predictions, targets, sample_weight, last=1)
    if ends.shape[-1] != 2:
        raise ValueError(
            f"predictions must have a last axis of 2. Received: {tuple(ends.shape)}"
        )
    low, high = ends[..., 0], ends[..., 1]
    if (low > high).any():
        raise ValueError(
            "predictions must not end below their start. "
            f"Received: {ends[low > high][0].tolist()}"
        )
    return _mean(((low <= true) & (true <= high)).double(), weight)
