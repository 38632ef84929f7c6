"""Correlation: whether predictions rise with the targets, and whether they agree."""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["correlation"]


def correlation(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    kind: str = "pearson",
    ddof: int = 0,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Pearson's or the concordance correlation in fractions.

    $s_{xy} / (s_x s_y)$, or $2 s_{xy} / (s_x^2 + s_y^2 + (\bar x - \bar y)^2)$, rounded
    once at the end.

    Parameters
    ----------
    predictions : array-like, shape (examples,)
        Predicted values.
    targets : array-like, shape (examples,)
        Observed values.
    kind : {"pearson", "concordance"}
        Which one.
    ddof : int
        What is taken off the number of examples in the variances.
    sample_weight : array-like, shape (examples,), optional
        What an example counts.

    Returns
    -------
    float
        From -1 to 1, or NaN for 0/0.

    Examples
    --------
    >>> correlation([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    1.0

    References
    ----------
    Lin, "A Concordance Correlation Coefficient to Evaluate Reproducibility", 1989.
    <https://doi.org/10.2307/2532051>
    """
    weights = np.ones(np.shape(targets)) if sample_weight is None else sample_weight
    p, y, w = (
        [Fraction(float(v)) for v in np.asarray(values, float)]
        for values in (predictions, targets, weights)
    )
    total = sum(w, Fraction(0))
    p_mean = sum((w * p for w, p in zip(w, p, strict=True)), Fraction(0)) / total
    y_mean = sum((w * y for w, y in zip(w, y, strict=True)), Fraction(0)) / total
    pp = yy = py = Fraction(0)
    for i in range(len(w)):
        pp += w[i] * (p[i] - p_mean) ** 2
        yy += w[i] * (y[i] - y_mean) ** 2
        py += w[i] * (p[i] - p_mean) * (y[i] - y_mean)
    if kind == "pearson":
        sign = 1 if py > 0 else -1
        return sign * math.sqrt(py**2 / (pp * yy)) if pp * yy else math.nan
    under = pp + yy + (total - ddof) * (p_mean - y_mean) ** 2
    return float(2 * py / under) if under else math.nan
