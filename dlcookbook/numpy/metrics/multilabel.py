"""Multilabel measures: precision, recall, F1, exact matches, wrong labels."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Multilabel", "multilabel"]


class Multilabel:
    """Multilabel measures of as many batches as there are.

    What `multilabel` says of one, from sums over its examples.

    Parameters
    ----------
    num_labels, threshold, at_threshold, average, absent
        As in `multilabel`.

    Raises
    ------
    ValueError
        If `num_labels` < 1, `threshold` is not finite, or another option is unknown.

    Examples
    --------
    >>> metric = Multilabel(2)
    >>> metric.update([[1, 0]], [[1, 1]])
    >>> metric.update([[1, 1]], [[0, 1]])
    >>> metric.compute()["recall"]
    np.float64(0.75)

    References
    ----------
    Zhang and Zhou, 2014. <https://doi.org/10.1109/TKDE.2013.39>
    """

    def __init__(
        self,
        num_labels: int,
        *,
        threshold: float | None = None,
        at_threshold: str = "positive",
        average: str | None = "macro",
        absent: str = "nan",
    ) -> None:
        if num_labels < 1:
            raise ValueError(f"num_labels must be >= 1. Received: {num_labels}")
        if threshold is not None and not abs(threshold) < float("inf"):
            raise ValueError(f"threshold must be finite. Received: {threshold}")
        for name, value, known in (
            ("at_threshold", at_threshold, ("positive", "negative")),
            ("average", average, ("macro", "weighted", "micro", "samples", None)),
            ("absent", absent, ("nan", "skip", "zero")),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {known}. Received: {value}")
        self.num_labels, self.threshold = num_labels, threshold
        self.at_threshold, self.average, self.absent = at_threshold, average, absent
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # hits, decisions and truths of each label; examples, those without a fault and
        # wrong labels; the measures of the examples and their weights
        self.sums = np.zeros(3 * self.num_labels + 9)

    def update(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Count a batch; a batch that is refused leaves the sums as they were.

        Parameters
        ----------
        y_true, y_pred : array-like, shape (..., num_labels)
            As in `multilabel`.
        sample_weight : array-like, shape (...), optional
            As in `multilabel`.

        Raises
        ------
        ValueError
            If the shapes do not fit, a truth or decision is not 0 or 1, a score is not
            finite, or a weight is negative or not finite.
        """
        true, given, labels = np.asarray(y_true), np.asarray(y_pred), self.num_labels
        weight: np.ndarray = np.ones(true.shape[:-1])
        if sample_weight is not None:
            weight = np.asarray(sample_weight, float)
        shapes = [true.shape, given.shape, (*weight.shape, labels)]
        if len(set(shapes)) > 1:
            raise ValueError(
                f"y_true and y_pred must have {labels} labels on the last axis and one "
                f"shape, sample_weight that of the examples. Received: {shapes}"
            )
        if not ((weight >= 0) & (weight < np.inf)).all():
            raise ValueError(f"sample_weight must be finite, >= 0. Received: {weight}")
        if self.threshold is not None:
            given, limit = given.astype(float), self.threshold
            if not np.isfinite(given).all():
                raise ValueError(f"y_pred must be finite. Received: {given}")
            given = given >= limit if self.at_threshold == "positive" else given > limit
        for name, x in ("y_true", true), ("y_pred", given):
            if not ((x == 0) | (x == 1)).all():
                raise ValueError(f"{name} must be 0 or 1. Received: {x}")
        t, p = (x.reshape(-1, labels).astype(bool) for x in (true, given))
        weight, sums, step = weight.ravel(), self.sums, max(1, (1 << 16) // labels)
        for start in range(0, len(t), step):
            inside = slice(start, start + step)
            sums = sums + self._count(t[inside], p[inside], weight[inside])
        self.sums = sums

    def _count(
        self, true: np.ndarray, given: np.ndarray, weight: np.ndarray
    ) -> np.ndarray:
        tables = true & given, given, true
        hits, taken, actual = (x.sum(axis=1) for x in tables)
        wrong = taken + actual - 2 * hits
        rest = np.stack([np.ones(len(wrong)), wrong == 0, wrong]) @ weight
        pairs = (2 * hits, taken + actual), (hits, taken), (hits, actual)
        means = np.array([self._mean(*pair, weight) for pair in pairs])
        return np.concatenate([*(weight @ x for x in tables), rest, means.T.ravel()])

    def compute(self) -> dict[str, np.ndarray]:
        """Return the measures of everything so far.

        Returns
        -------
        dict of ndarray of float64, shape () or (num_labels,)
            "f1", "hamming_loss", "precision", "recall" and "subset_accuracy".

        Raises
        ------
        ValueError
            If nothing has been counted.
        """
        hits, taken, actual = self.sums[:-9].reshape(3, -1)
        total, exact, wrong = self.sums[-9:-6]
        if not total:
            raise ValueError("nothing has been counted. Received: 0 examples")
        found = {
            "hamming_loss": wrong / (total * self.num_labels),
            "subset_accuracy": exact / total,
        }
        tables = (2 * hits, taken + actual), (hits, taken), (hits, actual)
        weight = actual if self.average == "weighted" else np.ones_like(actual)
        for i, name in enumerate(("f1", "precision", "recall")):
            top, bottom = tables[i]
            if self.average == "samples":
                top, bottom = self.sums[i - 6], self.sums[i - 3]
            elif self.average == "micro":
                top, bottom = top.sum(), bottom.sum()
            elif self.average is not None:
                top, bottom = self._mean(top, bottom, weight)
            found[name] = self._ratio(top, bottom)
        return found

    @np.errstate(invalid="ignore")
    def _ratio(self, top: ArrayLike, bottom: ArrayLike) -> np.ndarray:
        r = np.true_divide(top, bottom)
        return np.where(np.equal(bottom, 0), 0.0, r) if self.absent == "zero" else r

    def _mean(
        self, top: np.ndarray, bottom: np.ndarray, weight: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        if self.absent == "skip":
            weight = np.where(bottom == 0, 0, weight)
        values = self._ratio(top, bottom)
        return np.where(weight == 0, 0, weight * values).sum(), weight.sum()

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : Multilabel
            With the same options.

        Returns
        -------
        Multilabel
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_labels", "threshold", "at_threshold", "average", "absent"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.sums = self.sums + other.sums
        return self


def multilabel(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_labels: int,
    *,
    threshold: float | None = None,
    at_threshold: str = "positive",
    average: str | None = "macro",
    absent: str = "nan",
    sample_weight: ArrayLike | None = None,
) -> dict[str, np.ndarray]:
    r"""Multilabel measures of one batch.

    With $TP$ hits, $FP$ false alarms and $FN$ misses, precision is $TP / (TP + FP)$,
    recall $TP / (TP + FN)$ and $F_1 = 2 TP / (2 TP + FP + FN)$. The subset accuracy is
    the share of examples without a fault, the Hamming loss the share of wrong labels.

    Parameters
    ----------
    y_true : array-like, shape (..., num_labels)
        1 where an example has the label, 0 where not.
    y_pred : array-like, shape (..., num_labels)
        Decisions, 0 or 1, or scores if there is a `threshold`.
    num_labels : int
        Number of labels.
    threshold : float, optional
        Score from which on a label is given. None says that decisions come in, 0 or 1.
    at_threshold : {"positive", "negative"}
        What a score equal to `threshold` is: given (>=) or not (>).
    average : {"macro", "weighted", "micro", "samples"}, optional
        Mean over the labels, each alike or by its truths, all counts pooled, or the
        mean over the examples. None gives one value per label.
    absent : {"nan", "skip", "zero"}
        What 0/0 is: NaN, and so is a mean over it; NaN that a mean skips; or 0.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of ndarray of float64, shape () or (num_labels,)
        "f1", "hamming_loss", "precision", "recall" and "subset_accuracy".

    Examples
    --------
    >>> found = multilabel([[1, 0], [1, 1]], [[0.9, 0.5], [0.2, 0.7]], 2, threshold=0.5)
    >>> found["hamming_loss"]
    np.float64(0.5)

    References
    ----------
    Zhang and Zhou, 2014. <https://doi.org/10.1109/TKDE.2013.39>
    """
    metric = Multilabel(
        num_labels,
        threshold=threshold,
        at_threshold=at_threshold,
        average=average,
        absent=absent,
    )
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
