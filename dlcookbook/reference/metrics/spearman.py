"""Spearman's rank correlation: whether predictions order the targets rightly."""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["spearman"]


def spearman(predictions: ArrayLike, targets: ArrayLike) -> float:
    r"""Spearman's rank correlation by counting what is smaller.

    Pearson's correlation of the ranks, where equal values share the mean of theirs.

    Parameters
    ----------
    predictions : array-like, shape (examples,)
        Predicted values.
    targets : array-like, shape (examples,)
        Observed values.

    Returns
    -------
    float
        From -1 to 1, or NaN for 0/0.

    Examples
    --------
    >>> round(spearman([1.0, 10.0, 100.0, 50.0], [1.0, 2.0, 3.0, 4.0]), 6)
    0.8

    References
    ----------
    Spearman, "The Proof and Measurement of Association between Two Things", 1904.
    <https://doi.org/10.2307/1412159>
    """

    def ranks(values):
        values = list(np.asarray(values))
        below = [sum(v < x for v in values) for x in values]
        above = [sum(v > x for v in values) for x in values]
        # 0 is the middle
        return [Fraction(int(b) - int(a), 2) for b, a in zip(below, above, strict=True)]

    x, y = ranks(predictions), ranks(targets)
    over = sum(a * b for a, b in zip(x, y, strict=True))
    under = sum(a * a for a in x) * sum(b * b for b in y)
    return math.copysign(math.sqrt(over**2 / under), over) if under else math.nan
