"""Regression errors: how far the predictions are off, in the unit or as a share."""

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["interval_coverage", "mase", "pinball", "regression_errors"]


def regression_errors(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    zero: str | float = "nan",
    sample_weight: ArrayLike | None = None,
) -> dict[str, float]:
    r"""MAE, MSE, RMSE, bias, MAPE and sMAPE, one value after another.

    Means of $|e|$, $e^2$ (and its root), $e$, $|e| / |y|$ and $2 |e| / (|y| + |p|)$ for
    the error $e = p - y$ of a prediction $p$. Perfect is 0 everywhere.

    Parameters
    ----------
    predictions : array-like, shape (...)
        Predicted values.
    targets : array-like, shape (...)
        Observed values.
    zero : {"nan", "skip"} or float
        What a share of 0 counts, or whether it is left out.
    sample_weight : array-like, shape of the first axes of `targets`, optional
        What an example counts.

    Returns
    -------
    dict of float
        The six means.

    Examples
    --------
    >>> regression_errors([3.0, 0.0], [2.0, 4.0])["bias"]
    -1.5

    References
    ----------
    Hyndman, Koehler, "Another look at measures of forecast accuracy", 2006.
    <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    predictions, targets = np.asarray(predictions, float), np.asarray(targets, float)
    weights = np.ones(()) if sample_weight is None else np.asarray(sample_weight)
    names = ("mae", "mse", "bias", "mape", "smape")
    pairs: dict[str, list] = {name: [] for name in names}
    for i in np.ndindex(targets.shape):
        p, y, weight = predictions[i], targets[i], weights[i[: weights.ndim]]
        error = p - y
        for name, over, under in (
            ("mae", abs(error), 1),
            ("mse", error**2, 1),
            ("bias", error, 1),
            ("mape", abs(error), abs(y)),
            ("smape", 2 * abs(error), abs(y) + abs(p)),
        ):
            if weight and (under or zero != "skip"):
                value = over / under if under else float(zero)
                pairs[name].append((weight * value, weight))
    means = {}
    for name, found in pairs.items():
        total = math.fsum(weight for _, weight in found)
        means[name] = math.fsum(x for x, _ in found) / total if found else math.nan
    return means | {"rmse": math.sqrt(means["mse"])}


def mase(
    predictions: ArrayLike, targets: ArrayLike, *, training: ArrayLike, season: int = 1
) -> float:
    r"""Mean absolute error, in units of the error of a naive forecast.

    $\mathrm{MAE} / \operatorname{mean}_t |x_t - x_{t-s}|$ for the training series $x$
    and the season $s$. Below 1, the forecast beats repeating the last season.

    Parameters
    ----------
    predictions : array-like, shape (...)
        Predicted values.
    targets : array-like, shape (...)
        Observed values.
    training : array-like, shape (steps,)
        The series that came before.
    season : int
        Steps that the naive forecast looks back.

    Returns
    -------
    float
        From 0.

    Examples
    --------
    >>> mase([5.0, 7.0], [5.0, 6.0], training=[1.0, 2.0, 3.0, 4.0])
    0.5

    References
    ----------
    Hyndman, Koehler, "Another look at measures of forecast accuracy", 2006, eq. 6.
    <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    series = [float(x) for x in np.asarray(training)]
    naive = [abs(series[t] - series[t - season]) for t in range(season, len(series))]
    error = regression_errors(predictions, targets)["mae"]
    scale = math.fsum(naive) / len(naive)
    return error / scale if scale else (math.inf if error else math.nan)


def pinball(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    quantile: float,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Pinball loss, one value after another.

    A prediction below the target costs $q$ per unit, one above it $1 - q$.

    Parameters
    ----------
    predictions : array-like, shape (...)
        Predicted quantiles.
    targets : array-like, shape (...)
        Observed values.
    quantile : float
        Which quantile was asked for.
    sample_weight : array-like, shape of the first axes of `targets`, optional
        What an example counts.

    Returns
    -------
    float
        The mean.

    Examples
    --------
    >>> pinball([2.0, 2.0], [1.0, 3.0], quantile=0.75)
    0.5

    References
    ----------
    Koenker, Bassett, "Regression Quantiles", 1978. <https://doi.org/10.2307/1913643>
    """
    predictions, targets = np.asarray(predictions, float), np.asarray(targets, float)
    weights = np.ones(()) if sample_weight is None else np.asarray(sample_weight)
    total = cost = 0.0
    for i in np.ndindex(targets.shape):
        weight = float(weights[i[: weights.ndim]])
        price = quantile if predictions[i] < targets[i] else 1 - quantile
        cost += weight * price * abs(float(predictions[i] - targets[i]))
        total += weight
    return cost / total


def interval_coverage(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Share of the observed values in their interval, one after another.

    Both ends belong to the interval.

    Parameters
    ----------
    predictions : array-like, shape (..., 2)
        Lower and upper end of each interval.
    targets : array-like, shape (...)
        Observed values.
    sample_weight : array-like, shape of the first axes of `targets`, optional
        What an example counts.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> interval_coverage([[0.0, 1.0], [0.0, 1.0]], [1.0, 2.0])
    0.5

    References
    ----------
    Gneiting, Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation",
    2007, section 6. <https://doi.org/10.1198/016214506000001437>
    """
    predictions, targets = np.asarray(predictions, float), np.asarray(targets, float)
    weights = np.ones(()) if sample_weight is None else np.asarray(sample_weight)
    total = inside = 0.0
    for i in np.ndindex(targets.shape):
        low, high = predictions[i]
        weight = float(weights[i[: weights.ndim]])
        total += weight
        inside += weight if min(max(targets[i], low), high) == targets[i] else 0
    return inside / total
