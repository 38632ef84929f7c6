"""Cohen's kappa: agreement beyond chance, of classes or of ordered grades."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["CohenKappa", "cohen_kappa"]


class CohenKappa:
    r"""Cohen's kappa of as many batches as there are.

    $\kappa = 1 - \sum_{ij} w_{ij} O_{ij} / \sum_{ij} w_{ij} E_{ij}$ of the confusion
    matrix $O$ and what chance makes of its margins, $E_{ij} = O_{i \cdot} O_{\cdot j} /
    N$. 0 is chance, 1 perfect. NaN if both are one and the same class throughout: 0/0.

    Parameters
    ----------
    num_classes : int
        Number of classes.
    weights : {"linear", "quadratic"}, optional
        What a confusion of grades $i$ and $j$ costs: $|i - j|$ or its square. None:
        every confusion 1, as for classes without an order.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `weights` is none of the above.

    Examples
    --------
    >>> metric = CohenKappa(2)
    >>> metric.update([0, 0], [0, 1])
    >>> metric.update([1, 1], [1, 1])
    >>> round(metric.compute(), 4)
    0.5

    References
    ----------
    Cohen, "Weighted kappa: Nominal scale agreement with provision for scaled
    disagreement or partial credit", 1968. <https://doi.org/10.1037/h0026256>
    """

    def __init__(
        self,
        num_classes: int,
        *,
        weights: str | None = None,
        ignore_index: int | None = None,
    ) -> None:
        if num_classes < 1:
            raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
        if weights not in ("linear", "quadratic", None):
            raise ValueError(
                f"weights must be 'linear', 'quadratic' or None. Received: {weights}"
            )
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.weights = weights
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        self.counts = np.zeros((self.num_classes, self.num_classes), np.int64)

    def update(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Count a batch; a batch that is refused leaves the counts as they were.

        Parameters
        ----------
        y_true : array-like of int, shape (...)
            True classes, from 0 to `num_classes` - 1, or `ignore_index`.
        y_pred : array-like of int, shape (...)
            Predicted classes. Not scores: take their argmax first.
        sample_weight : array-like, shape (...), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes differ, a class is no integer or out of range, or a weight is
            negative or not finite.
        """
        true, predicted = np.asarray(y_true), np.asarray(y_pred)
        weight = None if sample_weight is None else np.asarray(sample_weight, float)
        shapes = [x.shape for x in (true, predicted, weight) if x is not None]
        if len(set(shapes)) > 1:
            raise ValueError(
                "y_true, y_pred and sample_weight must have one shape. Received: "
                + ", ".join(map(str, shapes))
            )
        if weight is not None and not ((weight >= 0) & (weight < np.inf)).all():
            raise ValueError(
                "sample_weight must be finite and >= 0. "
                f"Received: {weight.min()} to {weight.max()}"
            )
        parts = [np.ravel(x) for x in (true, predicted, weight) if x is not None]
        counts, step = self.counts, 1 << 16
        for start in range(0, true.size, step):
            block = [x[start : start + step] for x in parts]
            if self.ignore_index is not None:
                keep = block[0] != self.ignore_index
                block = [x[keep] for x in block]
            for name, classes in zip(("y_true", "y_pred"), block, strict=False):
                self._check(name, classes)
            counts = counts + self._count(*block)
        self.counts = counts

    def _count(
        self, true: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None
    ) -> np.ndarray:
        key = true.astype(np.intp) * self.num_classes
        key += predicted.astype(np.intp, copy=False)
        found = np.bincount(key, weight, self.num_classes**2)
        return found.reshape(self.num_classes, -1)

    def compute(self) -> float:
        """Return the value for everything so far.

        Returns
        -------
        float
            At most 1; NaN if truth and prediction are one and the same class.

        Raises
        ------
        ValueError
            If nothing has been counted.
        """
        matrix = self.counts.astype(float)
        if not self.counts.any():
            raise ValueError("nothing has been counted. Received: 0 examples")
        grades = np.arange(self.num_classes)
        apart = np.abs(grades[:, None] - grades)
        cost = apart ** {"linear": 1, "quadratic": 2}[self.weights or "linear"]
        if self.weights is None:
            cost = np.minimum(apart, 1)
        chance = matrix.sum(axis=1) @ cost @ matrix.sum(axis=0) / matrix.sum()
        return float(1 - (cost * matrix).sum() / chance) if chance else float("nan")

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : CohenKappa
            With the same options.

        Returns
        -------
        CohenKappa
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_classes", "weights", "ignore_index"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.counts = self.counts + other.counts
        return self

    def _check(self, name: str, classes: np.ndarray) -> None:
        if classes.dtype.kind not in "iub":
            raise ValueError(f"{name} must be integers. Received: {classes.dtype}")
        # a negative number without its sign is a huge one: one pass instead of two
        unsigned = classes.view(f"{classes.dtype.byteorder}u{classes.itemsize}")
        if classes.size and unsigned.max() >= self.num_classes:
            raise ValueError(
                f"{name} must be in [0, {self.num_classes}). "
                f"Received: {classes.min()} to {classes.max()}"
            )


def cohen_kappa(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    *,
    weights: str | None = None,
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Cohen's kappa of one batch.

    $\kappa = 1 - \sum_{ij} w_{ij} O_{ij} / \sum_{ij} w_{ij} E_{ij}$ of the confusion
    matrix $O$ and what chance makes of its margins, $E_{ij} = O_{i \cdot} O_{\cdot j} /
    N$. 0 is chance, 1 perfect. NaN if both are one and the same class throughout: 0/0.

    Parameters
    ----------
    y_true : array-like of int, shape (...)
        True classes, from 0 to `num_classes` - 1, or `ignore_index`.
    y_pred : array-like of int, shape (...)
        Predicted classes. Not scores: take their argmax first.
    num_classes : int
        Number of classes.
    weights : {"linear", "quadratic"}, optional
        What a confusion of grades $i$ and $j$ costs: $|i - j|$ or its square. None:
        every confusion 1, as for classes without an order.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        At most 1; NaN if truth and prediction are one and the same class.

    Examples
    --------
    >>> round(cohen_kappa([0, 0, 1, 1], [0, 1, 1, 1], 2), 4)
    0.5

    References
    ----------
    Cohen, "Weighted kappa: Nominal scale agreement with provision for scaled
    disagreement or partial credit", 1968. <https://doi.org/10.1037/h0026256>
    """
    metric = CohenKappa(num_classes, weights=weights, ignore_index=ignore_index)
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
