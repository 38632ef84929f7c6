"""R squared: how much of the variance of the targets a model explains."""

from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["r2"]


def r2(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    average: str | None = "uniform",
    constant: str = "nan",
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""R squared in fractions, rounded once at the end.

    $1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$.

    Parameters
    ----------
    predictions : array-like, shape (examples,) or (examples, outputs)
        Predicted values.
    targets : array-like, shape of `predictions`
        Observed values.
    average : {"uniform", "variance"}, optional
        How outputs become one number; None keeps them.
    constant : {"nan", "finite"}
        What an output scores whose targets are all equal.
    sample_weight : array-like, shape (examples,), optional
        What an example counts.

    Returns
    -------
    ndarray of float64, shape () or (outputs,)
        Up to 1.

    Examples
    --------
    >>> float(r2([10001.0, 10002.5, 10003.0], [10001.0, 10002.0, 10003.0]))
    0.875

    References
    ----------
    Coefficient of determination.
    <https://en.wikipedia.org/wiki/Coefficient_of_determination>
    """
    targets = np.asarray(targets, float)
    weights = np.ones(len(targets)) if sample_weight is None else sample_weight
    scores, variances = [], []
    columns = [np.reshape(x, (len(targets), -1)).T for x in (predictions, targets)]
    for column in zip(*columns, strict=True):
        rows = [
            [Fraction(float(x)) for x in row]
            for row in zip(*column, np.asarray(weights, float), strict=True)
        ]
        mean = sum(w * y for _, y, w in rows) / sum(w for *_, w in rows)
        total = sum(w * (y - mean) ** 2 for _, y, w in rows)
        residual = sum(w * (y - p) ** 2 for p, y, w in rows)
        flat = np.nan if constant == "nan" else float(residual == 0)
        scores.append(float(1 - residual / total) if total else flat)
        variances.append(float(total))
    if average == "variance" and any(variances):
        return np.asarray(np.nansum(np.multiply(scores, variances)) / np.sum(variances))
    shape = () if average else targets.shape[1:]
    return np.reshape([np.mean(scores)] if average else scores, shape)
