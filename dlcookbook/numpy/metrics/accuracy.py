"""Accuracy and top-k accuracy from scores, with a rule for equal scores."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Accuracy", "TopKAccuracy", "accuracy", "top_k_accuracy"]


class TopKAccuracy:
    r"""Top-k accuracy of as many batches as there are.

    An example counts if its true class is among the $k$ highest scores. Its place is
    the number of classes with a higher score, and nothing is sorted. A model that gives
    all $C$ classes one score gets $k / C$, as guessing does.

    Parameters
    ----------
    k : int
        How many of the highest scores are looked at.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.

    Raises
    ------
    ValueError
        If `k` is less than 1 or `ties` is none of the above.

    Examples
    --------
    >>> metric = TopKAccuracy(2)
    >>> metric.update([2], [[0.1, 0.6, 0.3]])
    >>> metric.update([2], [[0.5, 0.3, 0.2]])
    >>> metric.compute()
    0.5

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """

    def __init__(
        self,
        k: int,
        *,
        ties: str = "fraction",
        ignore_index: int | None = None,
    ) -> None:
        if k < 1:
            raise ValueError(f"k must be >= 1. Received: {k}")
        if ties not in ("fraction", "pessimistic", "optimistic"):
            raise ValueError(
                "ties must be 'fraction', 'pessimistic' or 'optimistic'. "
                f"Received: {ties}"
            )
        self.k, self.ties, self.ignore_index = k, ties, ignore_index
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # hits and examples; float64 counts to 9e15 without a gap
        self.sums = np.zeros(2)

    def update(
        self,
        y_true: ArrayLike,
        y_score: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Count a batch; a batch that is refused leaves the sums as they were.

        Parameters
        ----------
        y_true : array-like of int, shape (...)
            True classes, or `ignore_index`.
        y_score : array-like, shape (..., num_classes)
            Logits or probabilities: only their order counts.
        sample_weight : array-like, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, there are fewer than `k` classes, a class is no
            integer or out of range, a score is not finite, or a weight is negative or
            not finite.
        """
        true, scores = np.asarray(y_true), np.asarray(y_score)
        weight = np.ones(true.shape)
        if sample_weight is not None:
            weight = np.asarray(sample_weight, float)
        if scores.shape[:-1] != true.shape or weight.shape != true.shape:
            raise ValueError(
                "y_score must have the shape of y_true and an axis of classes more, "
                "sample_weight the shape of y_true. Received: "
                f"{true.shape}, {scores.shape}, {weight.shape}"
            )
        classes = scores.shape[-1] if scores.ndim else 0
        if self.k > classes:
            raise ValueError(f"k must be <= {classes} classes. Received: {self.k}")
        if true.dtype.kind not in "iub":
            raise ValueError(f"y_true must be integers. Received: {true.dtype}")
        if not ((weight >= 0) & (weight < np.inf)).all():
            raise ValueError(
                "sample_weight must be finite and >= 0. "
                f"Received: {weight.min()} to {weight.max()}"
            )
        parts = true.ravel(), scores.reshape(-1, classes), weight.ravel()
        sums, step = self.sums, max(1, (1 << 16) // classes)
        for start in range(0, true.size, step):
            sums = sums + self._count(*(x[start : start + step] for x in parts))
        self.sums = sums

    def _count(
        self, true: np.ndarray, scores: np.ndarray, weight: np.ndarray
    ) -> np.ndarray:
        if self.ignore_index is not None:
            keep = true != self.ignore_index
            true, scores, weight = true[keep], scores[keep], weight[keep]
        classes = scores.shape[1]
        if true.size and not 0 <= true.min() <= true.max() < classes:
            raise ValueError(
                f"y_true must be in [0, {classes}). "
                f"Received: {true.min()} to {true.max()}"
            )
        if scores.dtype.kind not in "iuf" or scores.dtype == np.float16:
            scores = scores.astype(np.float32)
        if not np.isfinite(scores).all():
            wrong = scores[~np.isfinite(scores)]
            raise ValueError(f"y_score must be finite. Received: {wrong[0]}")
        mine = scores[np.arange(len(true)), true.astype(np.intp, copy=False), None]
        # a product with ones is the fastest sum of a row
        ones = np.ones(classes, np.float32)
        higher = (scores > mine).astype(np.float32) @ ones
        tied = scores == mine
        equal = np.float32(1)
        if np.count_nonzero(tied) > len(true):
            equal = tied.astype(np.float32) @ ones
        if self.ties == "fraction":
            hit = np.clip((self.k - higher) / equal.astype(float), 0, 1)
        elif self.ties == "optimistic":
            hit = higher < self.k
        else:
            hit = higher + equal <= self.k
        return np.array([hit @ weight, weight.sum()])

    def compute(self) -> float:
        """Return the accuracy of everything so far.

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        ValueError
            If nothing has been counted.
        """
        hits, total = self.sums.tolist()
        if not total:
            raise ValueError("nothing has been counted. Received: 0 examples")
        return hits / total

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : Accuracy or TopKAccuracy
            With the same options.

        Returns
        -------
        Accuracy or TopKAccuracy
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("k", "ties", "ignore_index"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.sums = self.sums + other.sums
        return self


class Accuracy(TopKAccuracy):
    r"""Accuracy of as many batches as there are.

    An example counts if no class has a higher score than the true one. A model that
    gives all $C$ classes one score gets $1 / C$, as guessing does, and one that gives
    NaN gets an error instead of the share of class 0.

    Parameters
    ----------
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.

    Raises
    ------
    ValueError
        If `ties` is none of the above.

    Examples
    --------
    >>> metric = Accuracy()
    >>> metric.update([1], [[0.1, 0.6, 0.3]])
    >>> metric.update([2], [[0.5, 0.3, 0.2]])
    >>> metric.compute()
    0.5

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """

    def __init__(
        self, *, ties: str = "fraction", ignore_index: int | None = None
    ) -> None:
        super().__init__(1, ties=ties, ignore_index=ignore_index)


def accuracy(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    ties: str = "fraction",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Accuracy of one batch.

    An example counts if no class has a higher score than the true one. A model that
    gives all $C$ classes one score gets $1 / C$, as guessing does, and one that gives
    NaN gets an error instead of the share of class 0.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, or `ignore_index`.
    y_score : array-like, shape (..., num_classes)
        Logits or probabilities: only their order counts.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> accuracy([1, 2], [[0.1, 0.6, 0.3], [0.5, 0.3, 0.2]])
    0.5

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """
    metric = Accuracy(ties=ties, ignore_index=ignore_index)
    metric.update(y_true, y_score, sample_weight)
    return metric.compute()


def top_k_accuracy(
    y_true: ArrayLike,
    y_score: ArrayLike,
    k: int,
    *,
    ties: str = "fraction",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Top-k accuracy of one batch.

    An example counts if its true class is among the $k$ highest scores. Its place is
    the number of classes with a higher score, and nothing is sorted. A model that gives
    all $C$ classes one score gets $k / C$, as guessing does.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, or `ignore_index`.
    y_score : array-like, shape (..., num_classes)
        Logits or probabilities: only their order counts.
    k : int
        How many of the highest scores are looked at.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> top_k_accuracy([2, 2], [[0.1, 0.6, 0.3], [0.5, 0.3, 0.2]], 2)
    0.5

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """
    metric = TopKAccuracy(k, ties=ties, ignore_index=ignore_index)
    metric.update(y_true, y_score, sample_weight)
    return metric.compute()
