"""McNemar's test: whether two classifiers err differently often on one test set."""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["mcnemar"]


def mcnemar(
    predictions: ArrayLike,
    targets: ArrayLike,
    others: ArrayLike,
    *,
    method: str = "exact",
) -> dict[str, float]:
    r"""McNemar's test by adding up the outcomes that are as far apart or farther.

    Of $b + c$ fair tosses, $b$ fell one way.

    Parameters
    ----------
    predictions : array-like of int, shape (...)
        Classes predicted by the first model.
    targets : array-like of int, shape (...)
        True classes.
    others : array-like of int, shape (...)
        Classes predicted by the second model.
    method : {"exact", "mid_p", "chi2", "chi2_corrected"}
        Which distribution, and whether corrected.

    Returns
    -------
    dict of float
        `p_value`, `first` and `second`.

    Examples
    --------
    >>> mcnemar([1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0])["p_value"]
    0.25

    References
    ----------
    McNemar, "Note on the sampling error of the difference between correlated
    proportions or percentages", 1947. <https://doi.org/10.1007/BF02295996>
    """
    triples = zip(*map(np.ravel, (predictions, targets, others)), strict=True)
    signs = [int(p == y) - int(o == y) for p, y, o in triples]
    b, c = signs.count(1), signs.count(-1)
    n = b + c
    counts = {"first": b, "second": c}
    if method.startswith("chi2") and n:
        apart = max(0, abs(b - c) - (method == "chi2_corrected"))
        # a chi-square of one degree of freedom is the square of a normal number
        return {"p_value": math.erfc(math.sqrt(apart**2 / n / 2)), **counts}
    chance = [Fraction(math.comb(n, i), 2**n) for i in range(n + 1)]
    uneven = [abs(2 * i - n) - abs(b - c) for i in range(n + 1)]
    pairs = list(zip(chance, uneven, strict=True))
    p_value = sum((p for p, more in pairs if more >= 0), Fraction(0))
    if method == "mid_p" and n:
        p_value -= sum((p for p, more in pairs if more == 0), Fraction(0)) / 2
    return {"p_value": float(p_value), **counts}
