"""Ranking: nDCG, MRR, hit rate, recall, precision and mean average precision at k."""

import itertools
import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["ranking"]


def ranking(
    scores: ArrayLike,
    targets: ArrayLike,
    *,
    k: int | None = None,
    gain: str = "linear",
    empty: str | float = "nan",
) -> dict[str, float]:
    r"""Six measures of a ranking, averaged over every order that ties leave open.

    nDCG is $\sum_i g(y_i) / \log_2(1 + i)$ over that of the best order; MRR one over
    the place of the first relevant item.

    Parameters
    ----------
    scores : array-like, shape (queries, items)
        Scores to rank by; few items, since all orders are tried.
    targets : array-like, shape (queries, items)
        Relevance of each item.
    k : int, optional
        How many of the first items count.
    gain : {"linear", "exponential"}
        What relevance is worth to nDCG.
    empty : {"nan", "skip"} or float
        What each measure is for a query without a relevant item.

    Returns
    -------
    dict of float
        The six means.

    Examples
    --------
    >>> ranking([[0.9, 0.8, 0.1], [0.9, 0.2, 0.8]], [[0, 1, 0], [1, 0, 0]])["mrr"]
    0.75

    References
    ----------
    McSherry, Najork, "Computing Information Retrieval Performance Measures Efficiently
    in the Presence of Tied Scores", 2008.
    <https://doi.org/10.1007/978-3-540-78646-7_38>
    """
    names = ("ndcg", "mrr", "map", "precision", "recall", "hits")
    rows = []

    def dcg(ys):
        worth = (y if gain == "linear" else 2.0**y - 1 for y in ys)
        return sum(g / math.log2(1 + i) for i, g in enumerate(worth, 1))

    for score, target in zip(np.asarray(scores), np.asarray(targets), strict=True):
        n = k or len(score)
        ideal, total = dcg(sorted(target, reverse=True)[:n]), sum(target > 0)
        orders = [
            [float(target[i]) for i in order][:n]
            for order in itertools.permutations(range(len(score)))
            if all(score[a] >= score[b] for a, b in itertools.pairwise(order))
        ]
        found = []
        for ys in orders if total else ():
            hits = [i for i, y in enumerate(ys, 1) if y > 0]
            precisions = [(j + 1) / i for j, i in enumerate(hits)]
            share = len(hits) / n, len(hits) / total, float(bool(hits))
            first = 1 / hits[0] if hits else 0.0
            found.append(
                (dcg(ys) / ideal, first, sum(precisions) / min(n, total), *share)
            )
        if total or empty != "skip":
            rows.append(np.mean(found, axis=0) if total else [float(empty)] * 6)
    return dict(zip(names, map(float, np.mean(rows, axis=0)), strict=True))
