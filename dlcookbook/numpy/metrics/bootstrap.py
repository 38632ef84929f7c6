"""Bootstrap: the interval that a metric, or the difference of two models, lies in."""

import math
from collections.abc import Callable, Iterable
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["bootstrap", "bootstrap_values", "jackknife_values"]


def bootstrap(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    y_other: ArrayLike | None = None,
    *,
    metric: Callable,
    rng: np.random.Generator | int,
    confidence: float = 0.95,
    method: str = "percentile",
    resamples: int = 9999,
    batched: bool = False,
) -> dict[str, float]:
    r"""Confidence interval of a metric by drawing the examples again, with replacement.

    From the $\alpha/2$ to the $1 - \alpha/2$ quantile of the metric over the resamples.
    With a second model it is that of the difference, drawn in pairs: 0 outside of it is
    evidence that they differ on such data. Of another training it knows nothing.

    Parameters
    ----------
    y_true : array-like, shape (examples, ...)
        True values. The examples must be independent: draw patients, not their images.
    y_pred : array-like, shape (examples, ...)
        What the model makes of each example.
    y_other : array-like, shape (examples, ...), optional
        What a second model makes of them: its metric is taken off the first one's.
    metric : callable
        `metric(y_true, y_pred)` gives a number.
    rng : Generator or int
        Draws the examples: `np.random.default_rng(0)`, or its seed.
    confidence : float
        Probability with which the interval is to hold the truth.
    method : {"percentile", "bca"}
        BCa moves the quantiles by the bias of the resamples and by the skewness that
        leaving out one example after another shows: better for small sets.
    resamples : int
        How often the examples are drawn.
    batched : bool
        True if the metric takes a first axis more, of resamples, and gives one number
        for each: `lambda t, p: (t == p).mean(axis=1)`. Many times faster.

    Returns
    -------
    dict of float
        `value` on the examples as they are, `low` and `high` end. NaN where the metric
        is, or where BCa has resamples on one side of the value only.

    Raises
    ------
    ValueError
        If there are fewer than two examples, their shapes, say (N,) and (N, 1), would
        broadcast, an option is out of range or the metric gives other than one number.

    Examples
    --------
    >>> truth = np.arange(100) % 2
    >>> guess = np.where(np.arange(100) % 5 == 0, 1 - truth, truth)
    >>> accuracy = lambda t, p: (t == p).mean(axis=1)
    >>> bootstrap(truth, guess, metric=accuracy, rng=0, batched=True)
    {'value': 0.8, 'low': 0.72, 'high': 0.88}

    References
    ----------
    Efron, "Better Bootstrap Confidence Intervals", 1987.
    <https://doi.org/10.1080/01621459.1987.10478410>
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be in (0, 1). Received: {confidence}")
    if method not in ("percentile", "bca"):
        raise ValueError(f"method must be 'percentile' or 'bca'. Received: {method}")
    given = y_true, y_pred, y_other
    drawn = bootstrap_values(
        *given, metric=metric, rng=rng, resamples=resamples, batched=batched
    )
    parts = _checked(*given)
    value = _measured([np.arange(len(parts[0]))[None]], parts, metric, batched)[0]
    ends = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    if method == "bca":
        left = jackknife_values(*given, metric=metric, batched=batched)
        below = ((drawn < value).mean() + (drawn <= value).mean()) / 2
        ends = _corrected(ends, float(below), left.mean() - left)
    nothing = np.isnan(ends).any()
    low, high = (math.nan, math.nan) if nothing else np.quantile(drawn, ends)
    return {"value": float(value), "low": float(low), "high": float(high)}


def bootstrap_values(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    y_other: ArrayLike | None = None,
    *,
    metric: Callable,
    rng: np.random.Generator | int,
    resamples: int = 9999,
    batched: bool = False,
) -> np.ndarray:
    """Metric of each resample, of which `bootstrap` gives two quantiles.

    Parameters
    ----------
    y_true, y_pred, y_other : array-like, shape (examples, ...)
        True values and what one or two models make of them, as with `bootstrap`.
    metric : callable
        `metric(y_true, y_pred)` gives a number.
    rng : Generator or int
        Draws the examples: `np.random.default_rng(0)`, or its seed.
    resamples : int
        How often the examples are drawn.
    batched : bool
        True if the metric takes a first axis more, of resamples.

    Returns
    -------
    ndarray of float64, shape (resamples,)
        The metric, or the difference of two.

    Raises
    ------
    ValueError
        If `resamples` is below 1, or as with `bootstrap`.

    Examples
    --------
    >>> error = lambda t, p: abs(t - p).mean()
    >>> bootstrap_values([1, 2], [1, 3], metric=error, rng=0, resamples=99).shape
    (99,)

    References
    ----------
    Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979.
    <https://doi.org/10.1214/aos/1176344552>
    """
    parts, generator = _checked(y_true, y_pred, y_other), np.random.default_rng(rng)
    if resamples < 1:
        raise ValueError(f"resamples must be >= 1. Received: {resamples}")
    size = len(parts[0])
    step = max(1, (1 << 18) // size)
    left = range(resamples, 0, -step)
    rows = (generator.integers(0, size, (min(step, more), size)) for more in left)
    return _measured(rows, parts, metric, batched)


def jackknife_values(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    y_other: ArrayLike | None = None,
    *,
    metric: Callable,
    batched: bool = False,
) -> np.ndarray:
    """Metric without each example in turn: which of them it hangs on.

    Parameters
    ----------
    y_true, y_pred, y_other : array-like, shape (examples, ...)
        True values and what one or two models make of them, as with `bootstrap`.
    metric : callable
        `metric(y_true, y_pred)` gives a number.
    batched : bool
        True if the metric takes a first axis more.

    Returns
    -------
    ndarray of float64, shape (examples,)
        The metric, or the difference of two.

    Raises
    ------
    ValueError
        As with `bootstrap`.

    Examples
    --------
    >>> error = lambda t, p: abs(t - p).mean()
    >>> jackknife_values([1.0, 2.0, 3.0], [1.0, 2.0, 5.0], metric=error)
    array([1., 1., 0.])

    References
    ----------
    Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979.
    <https://doi.org/10.1214/aos/1176344552>
    """
    parts = _checked(y_true, y_pred, y_other)
    rest = np.arange(len(parts[0]) - 1)
    rows = ((rest + (rest >= left))[None] for left in range(len(rest) + 1))
    return _measured(rows, parts, metric, batched)


def _checked(*given: ArrayLike | None) -> list[np.ndarray]:
    parts = [np.atleast_1d(x) for x in given if x is not None]
    shapes = [x.shape for x in parts]
    # an (N, 1) of a model against an (N,) of labels is N x N to a metric
    thin = {tuple(n for n in shape[1:] if n > 1) for shape in shapes}
    if len({*map(len, parts)}) > 1 or len(parts[0]) < 2 or len(thin) < len({*shapes}):
        raise ValueError(
            "y_true, y_pred and y_other must have as many examples, two at least, and "
            f"shapes that do not differ by axes of length 1 alone. Received: {shapes}"
        )
    return [x if x.dtype.kind in "iubUSO" else x.astype(float) for x in parts]


def _measured(
    blocks: Iterable[np.ndarray], parts: list, metric: Callable, batched: bool
) -> np.ndarray:
    found = []
    for rows in blocks:
        truth, *models = (x[rows] for x in parts)
        told = np.asarray(
            [metric(truth, x) if batched else [*map(metric, truth, x)] for x in models]
        )
        if told.shape != (len(models), len(rows)) or told.dtype.kind not in "biufV":
            raise ValueError(
                "metric must give one number, of a batch one for each resample. "
                f"Received: {told.dtype} of shape {told.shape[1:]}"
            )
        one, *two = told.astype(float)
        found.append(one - two[0] if two else one)
    return np.concatenate(found)


def _corrected(ends: np.ndarray, below: float, influence: np.ndarray) -> np.ndarray:
    normal, spread = NormalDist(), np.square(influence).sum()
    if not 0 < below < 1 or not spread > 0:
        return np.full(2, math.nan)
    bias = normal.inv_cdf(below)
    speed = (influence**3).sum() / (6 * spread**1.5)
    steps = [bias + normal.inv_cdf(float(end)) for end in ends]
    return np.array([normal.cdf(bias + z / (1 - speed * z)) for z in steps])
