"""Bootstrap: the interval that a metric, or the difference of two models, lies in."""

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["bootstrap", "bootstrap_values", "jackknife_values"]


def bootstrap(
    predictions: ArrayLike,
    targets: ArrayLike,
    others: ArrayLike | None = None,
    *,
    metric: Callable,
    rng: np.random.Generator | int,
    confidence: float = 0.95,
    method: str = "percentile",
    resamples: int = 9999,
    batched: bool = False,
) -> dict[str, float]:
    r"""Confidence interval of a metric, one resample after another.

    The quantiles of the metric over the resamples, of which BCa takes
    $\Phi(z_0 + \frac{z_0 + z}{1 - a (z_0 + z)})$ instead of $\Phi(z)$.

    Parameters
    ----------
    predictions : array-like, shape (examples, ...)
        What the model makes of each example.
    targets : array-like, shape (examples, ...)
        True values.
    others : array-like, shape (examples, ...), optional
        What a second model makes of them.
    metric : callable
        `metric(targets, predictions)` gives a number.
    rng : Generator or int
        Draws the examples.
    confidence : float
        Probability that the interval is to hold the truth with.
    method : {"percentile", "bca"}
        Which quantiles.
    resamples : int
        How often the examples are drawn.
    batched : bool
        True if the metric takes a first axis more.

    Returns
    -------
    dict of float
        `value`, `low` and `high`.

    Examples
    --------
    >>> mean = lambda t, p: float(np.mean(t == p))
    >>> bootstrap([1, 0, 1, 1], [1, 1, 1, 1], metric=mean, rng=0)["value"]
    0.75

    References
    ----------
    Efron, "Better Bootstrap Confidence Intervals", 1987.
    <https://doi.org/10.1080/01621459.1987.10478410>
    """
    given = predictions, targets, others
    n = len(np.asarray(targets))
    whole = _value(given, range(n), metric, batched)
    drawn = sorted(
        bootstrap_values(
            *given, metric=metric, rng=rng, resamples=resamples, batched=batched
        )
    )
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    if method == "bca":
        phi = NormalDist()
        below = [(x < whole) + 0.5 * (x == whole) for x in drawn]
        z0 = phi.inv_cdf(math.fsum(below) / resamples)
        left = jackknife_values(*given, metric=metric, batched=batched)
        apart = [math.fsum(left) / n - x for x in left]
        a = math.fsum(x**3 for x in apart) / 6
        a /= math.fsum(x**2 for x in apart) ** 1.5
        moved = [z0 + phi.inv_cdf(end) for end in ends]
        ends = [phi.cdf(z0 + z / (1 - a * z)) for z in moved]
    found = {"value": whole}
    for name, end in zip(("low", "high"), ends, strict=True):
        place, part = divmod(end * (resamples - 1), 1)
        above = drawn[min(int(place) + 1, resamples - 1)]
        found[name] = drawn[int(place)] * (1 - part) + above * part
    return found


def bootstrap_values(
    predictions: ArrayLike,
    targets: ArrayLike,
    others: ArrayLike | None = None,
    *,
    metric: Callable,
    rng: np.random.Generator | int,
    resamples: int = 9999,
    batched: bool = False,
) -> np.ndarray:
    """Metric of each resample, one after another.

    Each has as many examples as there are, drawn with replacement.

    Parameters
    ----------
    predictions, targets : array-like, shape (examples, ...)
        What the model makes of each example, and what is true.
    others : array-like, shape (examples, ...), optional
        What a second model makes of them.
    metric : callable
        `metric(targets, predictions)` gives a number.
    rng : Generator or int
        Draws the examples.
    resamples : int
        How often.
    batched : bool
        True if the metric takes a first axis more.

    Returns
    -------
    ndarray of float64, shape (resamples,)
        The metric, or the difference of two.

    Examples
    --------
    >>> error = lambda t, p: float(np.mean(t != p))
    >>> len(bootstrap_values([1, 0], [1, 1], metric=error, rng=0, resamples=7))
    7

    References
    ----------
    Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979.
    <https://doi.org/10.1214/aos/1176344552>
    """
    given, generator = (predictions, targets, others), np.random.default_rng(rng)
    n = len(np.asarray(targets))
    draws = [generator.integers(0, n, n) for _ in range(resamples)]
    return np.array([_value(given, rows, metric, batched) for rows in draws])


def jackknife_values(
    predictions: ArrayLike,
    targets: ArrayLike,
    others: ArrayLike | None = None,
    *,
    metric: Callable,
    batched: bool = False,
) -> np.ndarray:
    """Metric without each example in turn.

    Parameters
    ----------
    predictions, targets : array-like, shape (examples, ...)
        What the model makes of each example, and what is true.
    others : array-like, shape (examples, ...), optional
        What a second model makes of them.
    metric : callable
        `metric(targets, predictions)` gives a number.
    batched : bool
        True if the metric takes a first axis more.

    Returns
    -------
    ndarray of float64, shape (examples,)
        The metric, or the difference of two.

    Examples
    --------
    >>> error = lambda t, p: float(np.mean(t != p))
    >>> jackknife_values([1, 0, 0], [1, 1, 0], metric=error).tolist()
    [0.5, 0.0, 0.5]

    References
    ----------
    Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979.
    <https://doi.org/10.1214/aos/1176344552>
    """
    given, n = (predictions, targets, others), len(np.asarray(targets))
    rests = [[j for j in range(n) if j != i] for i in range(n)]
    return np.array([_value(given, rows, metric, batched) for rows in rests])


def _value(given, rows, metric, batched) -> float:
    models, truth = given[::2], np.asarray(given[1])[list(rows)]
    numbers = []
    for model in models:
        if model is not None:
            pair = truth, np.asarray(model)[list(rows)]
            pair = (pair[0][None], pair[1][None]) if batched else pair
            numbers.append(float(np.ravel(metric(*pair))[0]))
    return numbers[0] - sum(numbers[1:])
