"""McNemar's test: whether two classifiers err differently often on one test set."""

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["mcnemar"]


def mcnemar(
    y_true: ArrayLike, y_pred: ArrayLike, y_other: ArrayLike, *, method: str = "exact"
) -> dict[str, float]:
    r"""McNemar's test of two classifiers on the same examples.

    Only examples that one model alone has right tell them apart. If both were equally
    good, these were fair tosses, of which $b$ fell to the first and $c$ to the second.

    Parameters
    ----------
    y_true : array-like of int or str, shape (...)
        True classes.
    y_pred, y_other : array-like of int or str, shape (...)
        Classes that the one and the other model predict for the same examples. Not
        scores: take their argmax first.
    method : {"exact", "mid_p", "chi2", "chi2_corrected"}
        The binomial distribution; the same with half of what is just as uneven, which
        is less cautious; $(b - c)^2 / (b + c)$ against $\chi^2$, for many tosses; the
        same with $|b - c| - 1$, corrected for continuity.

    Returns
    -------
    dict of float
        `p_value`, two-sided, 1 without a toss; $b$ as `first`, $c$ as `second`.

    Raises
    ------
    ValueError
        If shapes differ, scores come, `method` is none of these or nothing is there.

    Examples
    --------
    >>> truth, one, two = [1] * 10, [1] * 9 + [0], [1] * 3 + [0] * 6 + [1]
    >>> mcnemar(truth, one, two)
    {'p_value': 0.125, 'first': 6, 'second': 1}

    References
    ----------
    McNemar, "Note on the sampling error of the difference between correlated
    proportions or percentages", 1947. <https://doi.org/10.1007/BF02295996>
    Fagerland, Lydersen, Laake, "The McNemar test for binary matched-pairs data", 2013
    (mid-p). <https://doi.org/10.1186/1471-2288-13-91>
    """
    true, one, two = (np.asarray(x) for x in (y_true, y_pred, y_other))
    if not true.shape == one.shape == two.shape:
        raise ValueError(
            "y_true, y_pred and y_other must have one shape. "
            f"Received: {true.shape}, {one.shape}, {two.shape}"
        )
    if method not in ("exact", "mid_p", "chi2", "chi2_corrected"):
        raise ValueError(
            "method must be 'exact', 'mid_p', 'chi2' or 'chi2_corrected'. "
            f"Received: {method}"
        )
    if not true.size:
        raise ValueError("y_true must hold an example. Received: none")
    for name, x in zip(("y_true", "y_pred", "y_other"), (true, one, two), strict=True):
        # no score equals its class: every example would be wrong
        if x.dtype.kind in "fcV":
            raise ValueError(f"{name} must be classes, no scores. Received: {x.dtype}")
    rights = one == true, two == true
    first = int(np.count_nonzero(rights[0] > rights[1]))
    second = int(np.count_nonzero(rights[1] > rights[0]))
    if first == second == 0 or method in ("exact", "mid_p"):
        p_value = _binomial(first, second, method == "mid_p")
    else:
        apart = max(0, abs(first - second) - (method == "chi2_corrected"))
        p_value = math.erfc(apart / math.sqrt(2 * (first + second)))
    return {"p_value": p_value, "first": first, "second": second}


def _binomial(first: int, second: int, mid_p: bool) -> float:
    tosses = first + second
    ways = total = 1
    for i in range(1, min(first, second) + 1):
        ways = ways * (tosses - i + 1) // i
        total += ways
    # in whole numbers to the end; both sides, which are one where the tosses are even
    far, just = min(2 * total, 1 << tosses), ways * (1 if first == second else 2)
    return (2 * far - (just if mid_p and tosses else 0)) / (2 << tosses)
