"""Ranking: nDCG, MRR, hit rate, recall, precision and mean average precision at k."""

import math
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Ranking", "ranking"]


class Ranking:
    r"""Six measures of a ranking, averaged over as many queries as there are.

    Items of equal score come in every order at once: each measure is its mean over all
    of these, so that a model which scores everything alike earns what chance does and
    not what the order of the file gives. Perfect is an nDCG of 1.

    Parameters
    ----------
    k, gain, empty
        As in `ranking`.

    Raises
    ------
    ValueError
        If `k` < 1, or `gain` or `empty` is unknown.

    Examples
    --------
    >>> metric = Ranking(k=2)
    >>> metric.update([[0, 1, 0]], [[0.9, 0.8, 0.1]])
    >>> metric.update([[2, 0, 1]], [[0.9, 0.2, 0.8]])
    >>> means = metric.compute()
    >>> round(means["ndcg"], 4), means["mrr"], means["precision"]
    (0.8155, 0.75, 0.75)

    References
    ----------
    McSherry, Najork, "Computing Information Retrieval Performance Measures Efficiently
    in the Presence of Tied Scores", 2008.
    <https://doi.org/10.1007/978-3-540-78646-7_38>
    """

    def __init__(
        self, *, k: int | None = None, gain: str = "linear", empty: str | float = "nan"
    ) -> None:
        if k is not None and k < 1:
            raise ValueError(f"k must be >= 1 or None. Received: {k}")
        if gain not in ("linear", "exponential"):
            raise ValueError(
                f"gain must be 'linear' or 'exponential'. Received: {gain}"
            )
        if isinstance(empty, str) and empty not in ("nan", "skip"):
            raise ValueError(
                f"empty must be 'nan', 'skip' or a number. Received: {empty}"
            )
        # merge compares: NaN is not equal to itself, "nan" is
        self.k, self.gain, self.empty = k, gain, "nan" if str(empty) == "nan" else empty
        self.reset()

    def reset(self) -> None:
        """Forget every query."""
        # of queries that count, and whether there was any
        self.sums, self.queries, self.seen = np.zeros(6), 0, False

    def update(self, y_true: ArrayLike, y_score: ArrayLike) -> None:
        """Add a batch of queries; one that is refused leaves the sums as they were.

        Parameters
        ----------
        y_true : array-like, shape (queries, items)
            Relevance of each item, >= 0.
        y_score : array-like, shape (queries, items)
            Scores to rank by, the best one highest.

        Raises
        ------
        ValueError
            If the shapes differ or have fewer than `k` items, a score is not finite or
            a relevance is negative or not finite.
        """
        relevance, score = np.asarray(y_true, float), np.asarray(y_score)
        if relevance.shape != score.shape or relevance.ndim != 2:
            raise ValueError(
                "y_true and y_score must have one shape (queries, items). "
                f"Received: {relevance.shape}, {score.shape}"
            )
        size = score.shape[1]
        if size < (self.k or 1):
            raise ValueError(
                f"y_score must have k = {self.k or 1} items at least. Received: {size}"
            )
        for name, x, low in (("y_score", score, -np.inf), ("y_true", relevance, 0)):
            # NaN goes through min and max
            ends = (x.min(), x.max()) if x.size else (0, 0)
            if not (np.isfinite(ends[0]) and np.isfinite(ends[1]) and ends[0] >= low):
                raise ValueError(
                    f"{name} must be finite{' and >= 0' if low == 0 else ''}. "
                    f"Received: {ends[0]} to {ends[1]}"
                )
        step = max(1, (1 << 15) // size)
        for start in range(0, len(score), step):
            inside = slice(start, start + step)
            found = self._measures(relevance[inside], score[inside].astype(float))
            self.sums = self.sums + found.sum(axis=1)
            self.queries, self.seen = self.queries + found.shape[1], True

    def _measures(self, relevance: np.ndarray, score: np.ndarray) -> np.ndarray:
        hollow = np.equal(relevance.max(axis=1), 0)
        if self.empty == "skip":
            relevance, score, hollow = (x[~hollow] for x in (relevance, score, hollow))
        k = self.k or score.shape[1]
        order = np.argsort(-score, axis=1)
        score = np.take_along_axis(score, order, 1)
        gains = relevance if self.gain == "linear" else np.exp2(relevance) - 1
        place = np.arange(score.shape[1])
        # first and last place of the items that share a score
        change = score[:, 1:] != score[:, :-1]
        starts = np.pad(change, ((0, 0), (1, 0)), constant_values=True)
        ends = np.pad(change, ((0, 0), (0, 1)), constant_values=True)
        first = np.maximum.accumulate(np.where(starts, place, 0), axis=1)
        last = np.where(ends, place, len(place))[:, ::-1]
        last = np.minimum.accumulate(last, axis=1)[:, ::-1]
        tied, within = last - first + 1, place - first

        def up_to(x: np.ndarray) -> np.ndarray:
            total = np.cumsum(np.take_along_axis(x, order, 1), axis=1)
            return np.pad(total, ((0, 0), (1, 0)))

        running, worth = up_to((relevance > 0).astype(np.int64)), up_to(gains)
        before = np.take_along_axis(running, first, 1)
        relevant = np.take_along_axis(running, last + 1, 1) - before
        value = np.take_along_axis(worth, last + 1, 1)
        value = (value - np.take_along_axis(worth, first, 1)) / tied
        total, discount = running[:, -1], 1 / np.log2(place[:k] + 2)
        best = -np.sort(-gains, axis=1)[:, :k]
        chance = relevant / tied
        mean_before = before + within * (relevant - 1) / np.maximum(tied - 1, 1)
        precise = (chance * (mean_before + 1) / (place + 1))[:, :k].sum(axis=1)
        # probability that no relevant item has come yet
        none = np.maximum(tied - relevant - within, 0) / (tied - within)
        none = np.cumprod(none, axis=1)[:, :k]
        earlier = np.pad(none, ((0, 0), (1, 0)), constant_values=1.0)[:, :-1]
        found = chance[:, :k].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            measures = np.stack(
                [
                    (value[:, :k] @ discount) / (best @ discount),
                    ((earlier - none) / (place[:k] + 1)).sum(axis=1),
                    precise / np.minimum(k, total),
                    found / k,
                    found / total,
                    1 - none[:, -1],
                ]
            )
        measures[:, hollow] = math.nan if self.empty == "skip" else float(self.empty)
        return measures

    def compute(self) -> dict[str, float]:
        """Return the means of everything so far.

        Returns
        -------
        dict of float
            `ndcg`, `mrr`, `map` (each query's sum of precisions divided by the relevant
            items that `k` has room for), `precision`, `recall`, `hits`: from 0 to 1.
            NaN if every query was skipped.

        Raises
        ------
        ValueError
            If there is no query.
        """
        if not self.seen:
            raise ValueError("y_true must hold a query. Received: none")
        names = ("ndcg", "mrr", "map", "precision", "recall", "hits")
        means = self.sums / (self.queries or math.nan)
        return dict(zip(names, means.tolist(), strict=True))

    def merge(self, other: Self) -> Self:
        """Add what another worker has summed; `other` stays as it is.

        Parameters
        ----------
        other : Ranking
            With the same options.

        Returns
        -------
        Ranking
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("k", "gain", "empty"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.sums = self.sums + other.sums
        self.queries, self.seen = self.queries + other.queries, self.seen or other.seen
        return self


def ranking(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    k: int | None = None,
    gain: str = "linear",
    empty: str | float = "nan",
) -> dict[str, float]:
    r"""Six measures of a ranking, averaged over the queries of one batch.

    Items of equal score come in every order at once: each measure is its mean over all
    of these. Perfect is an nDCG of 1.

    Parameters
    ----------
    y_true : array-like, shape (queries, items)
        Relevance of each item, >= 0.
    y_score : array-like, shape (queries, items)
        Scores to rank by, the best one highest.
    k : int, optional
        How many of the first items count. None counts all.
    gain : {"linear", "exponential"}
        What relevance $y$ is worth to nDCG: $y$, or $2^y - 1$. It is divided by
        $\log_2(1 + \text{rank})$. The other measures ask only whether $y > 0$.
    empty : {"nan", "skip"} or float
        What each measure is for a query without a relevant item. "skip" leaves the
        query out.

    Returns
    -------
    dict of float
        `ndcg`, `mrr`, `map` (each query's sum of precisions divided by the relevant
        items that `k` has room for), `precision`, `recall`, `hits`: from 0 to 1. NaN if
        every query was skipped.

    Raises
    ------
    ValueError
        If the shapes differ or have fewer than `k` items, a score is not finite, a
        relevance is negative, an option is none of the above or there is no query.

    Examples
    --------
    >>> ranking([[0, 1, 0], [1, 0, 0]], [[0.9, 0.8, 0.1], [0.9, 0.2, 0.8]])["mrr"]
    0.75

    References
    ----------
    Jarvelin, Kekalainen, "Cumulated gain-based evaluation of IR techniques", 2002.
    <https://doi.org/10.1145/582415.582418>
    """
    metric = Ranking(k=k, gain=gain, empty=empty)
    metric.update(y_true, y_score)
    return metric.compute()
