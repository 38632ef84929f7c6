"""Multilabel measures: precision, recall, F1, exact matches, wrong labels."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Multilabel", "hamming_loss", "multilabel", "subset_accuracy"]


class Multilabel:
    r"""Multilabel measures of as many batches as there are.

    With $TP$ hits, $FP$ false alarms and $FN$ misses, precision is $TP / (TP + FP)$,
    recall $TP / (TP + FN)$ and $F_1 = 2 TP / (2 TP + FP + FN)$. The subset accuracy is
    the share of examples without a fault, the Hamming loss the share of wrong labels.

    Parameters
    ----------
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

    Raises
    ------
    ValueError
        If `num_labels` is less than 1, or `at_threshold`, `average` or `absent` is none
        of the above.

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
        y_true : array-like, shape (..., num_labels)
            1 where an example has the label, 0 where not.
        y_pred : array-like, shape (..., num_labels)
            Decisions, 0 or 1, or scores if there is a `threshold`.
        sample_weight : array-like, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, a truth or decision is not 0 or 1, a score is not
            finite, or a weight is negative or NaN.
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
        if not (weight >= 0).all():
            raise ValueError(f"sample_weight must be >= 0. Received: {weight.min()}")
        if self.threshold is not None:
            given, limit = given.astype(float), self.threshold
            if not np.isfinite(given).all():
                raise ValueError(f"y_pred must be finite. Received: {given}")
            given = given >= limit if self.at_threshold == "positive" else given > limit
        for name, x in ("y_true", true), ("y_pred", given):
            if not ((x == 0) | (x == 1)).all():
                raise ValueError(f"{name} must be 0 or 1. Received: {x}")
        t, p = (x.reshape(-1, labels).astype(bool) for x in (true, given))
        weight, sums = weight.ravel(), self.sums
        step = max(1, (1 << 16) // labels)
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
        means = np.zeros((3, 2))
        if self.average == "samples":
            pairs = (2 * hits, taken + actual), (hits, taken), (hits, actual)
            means = np.array([self._mean(*pair, weight) for pair in pairs])
        labels = [weight @ x for x in tables]
        return np.concatenate([*labels, rest, means.T.ravel()])

    @np.errstate(invalid="ignore")
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
        size = self.num_labels
        hits, taken, actual, (total, exact, wrong) = np.split(
            self.sums[: 3 * size + 3], [size, 2 * size, 3 * size]
        )
        if not total:
            raise ValueError("nothing has been counted. Received: 0 examples")
        found = {
            "hamming_loss": wrong / (total * self.num_labels),
            "subset_accuracy": exact / total,
        }
        tables = (2 * hits, taken + actual), (hits, taken), (hits, actual)
        for i, name in enumerate(("f1", "precision", "recall")):
            top, bottom = tables[i]
            if self.average == "samples":
                found[name] = self.sums[i - 6] / self.sums[i - 3]
            elif self.average == "micro":
                found[name] = self._ratio(np.sum(top), np.sum(bottom))
            elif self.average is None:
                found[name] = self._ratio(top, bottom)
            else:
                weight = actual if self.average == "weighted" else np.ones_like(actual)
                top, bottom = self._mean(top, bottom, weight)
                found[name] = top / bottom
        return found

    def _ratio(self, top: ArrayLike, bottom: ArrayLike) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            values = np.true_divide(top, bottom)
        if self.absent == "zero":
            values = np.where(np.equal(bottom, 0), 0.0, values)
        return values

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
            Of as many labels.

        Returns
        -------
        Multilabel
            This one.

        Raises
        ------
        ValueError
            If the numbers of labels differ.
        """
        if other.num_labels != self.num_labels:
            raise ValueError(
                f"other must have {self.num_labels} labels. "
                f"Received: {other.num_labels}"
            )
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


def hamming_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_labels: int,
    *,
    threshold: float | None = None,
    at_threshold: str = "positive",
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""Hamming loss: the share of wrong labels.

    Every label of every example is counted: where few are true, giving none looks good.

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
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    ndarray of float64, shape ()
        From 0 to 1.

    Examples
    --------
    >>> float(hamming_loss([[1, 0], [1, 1]], [[1, 1], [0, 1]], 2))
    0.5

    References
    ----------
    Zhang and Zhou, 2014. <https://doi.org/10.1109/TKDE.2013.39>
    """
    found = multilabel(
        y_true,
        y_pred,
        num_labels,
        threshold=threshold,
        at_threshold=at_threshold,
        sample_weight=sample_weight,
    )
    return found["hamming_loss"]


def subset_accuracy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_labels: int,
    *,
    threshold: float | None = None,
    at_threshold: str = "positive",
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""Subset accuracy: the share of examples without a fault.

    One wrong label out of a hundred makes an example wrong; also called exact match.

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
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    ndarray of float64, shape ()
        From 0 to 1.

    Examples
    --------
    >>> float(subset_accuracy([[1, 0], [1, 1]], [[1, 1], [0, 1]], 2))
    0.0

    References
    ----------
    Zhang and Zhou, 2014. <https://doi.org/10.1109/TKDE.2013.39>
    """
    found = multilabel(
        y_true,
        y_pred,
        num_labels,
        threshold=threshold,
        at_threshold=at_threshold,
        sample_weight=sample_weight,
    )
    return found["subset_accuracy"]
