"""Brier score: the mean squared distance of probabilities from the truth."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Brier", "brier"]


class Brier:
    r"""Brier score of as many batches as there are.

    $\frac1n \sum_i (p_i - y_i)^2$ for probabilities of class 1; for C classes the sum
    $\frac1n \sum_i \sum_k (p_{ik} - [y_i = k])^2$, twice as much when C is 2.

    Keeps two sums of float64.

    Examples
    --------
    >>> metric = Brier()
    >>> metric.update([0, 1], [0.25, 0.5])
    >>> metric.update([1], [1.0])
    >>> round(metric.compute(), 4)
    0.1042

    References
    ----------
    Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.
    <https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2>
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        self.total, self.weight = 0.0, 0.0

    def update(
        self,
        y_true: ArrayLike,
        y_prob: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Add a batch; one that is refused changes nothing.

        Parameters
        ----------
        y_true : array-like, shape (N,)
            0 or 1, or classes from 0 to C - 1.
        y_prob : array-like, shape (N,) or (N, C)
            Probability of class 1, or of each class. Not logits.
        sample_weight : array-like, shape (N,), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, a target is no class, a probability is
            outside [0, 1] or NaN, or a weight is negative or not finite.
        """
        true, score = np.asarray(y_true), np.asarray(y_prob)
        weight = None if sample_weight is None else np.asarray(sample_weight, float)
        shapes = [x.shape for x in (true, score, weight) if x is not None]
        if {*shapes[::2], score.shape[:1]} != {true.shape} or score.ndim not in (1, 2):
            raise ValueError(
                "y_true and sample_weight must have shape (N,), y_prob (N,) or (N, C). "
                "Received: " + ", ".join(map(str, shapes))
            )
        if weight is None:
            weight = np.broadcast_to(1.0, true.shape)
        is_real = true.dtype.kind == "f"
        total, classes = 0.0, score.shape[1] if score.ndim == 2 else 2
        step = max(1, (1 << 17) // classes)
        for start in range(0, len(true), step):
            y, x, w = (a[start : start + step] for a in (true, score, weight))
            low, high = x.min(), x.max()
            if not 0 <= low <= high <= 1:
                wanted = "in [0, 1]"
                raise ValueError(f"y_prob must be {wanted}. Received: {low} to {high}")
            if not 0 <= y.min() <= y.max() < classes or (is_real and (y % 1).any()):
                raise ValueError(
                    f"y_true must be integers in [0, {classes}). "
                    f"Received: {y.min()} to {y.max()}"
                )
            if not 0 <= w.min() <= w.max() < np.inf:
                raise ValueError(
                    "sample_weight must be finite and >= 0. "
                    f"Received: {w.min()} to {w.max()}"
                )
            each = self._each(y.astype(np.intp), x.astype(float))
            # what weighs nothing may be infinite
            total += each[w > 0] @ w[w > 0]
        self.total, self.weight = self.total + total, self.weight + weight.sum()

    def _each(self, true: np.ndarray, prob: np.ndarray) -> np.ndarray:
        if prob.ndim == 1:
            return (prob - true) ** 2
        prob[np.arange(len(true)), true] -= 1
        return (prob**2).sum(axis=1)

    def compute(self) -> float:
        """Return the mean over everything so far.

        Returns
        -------
        float
            From 0 to 1, or to 2 for several classes.

        Raises
        ------
        ValueError
            If nothing was counted.
        """
        if not self.weight:
            raise ValueError("y_true must not be empty. Received: no examples")
        return float(self.total / self.weight)

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : Brier
            Of any other examples.

        Returns
        -------
        Brier
            This one.
        """
        self.total, self.weight = self.total + other.total, self.weight + other.weight
        return self


def brier(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Brier score of one batch.

    $\frac1n \sum_i (p_i - y_i)^2$ for probabilities of class 1; for C classes the sum
    $\frac1n \sum_i \sum_k (p_{ik} - [y_i = k])^2$, twice as much when C is 2.

    Parameters
    ----------
    y_true : array-like, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    y_prob : array-like, shape (N,) or (N, C)
        Probability of class 1, or of each class. Not logits.
    sample_weight : array-like, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to 1, or to 2 for several classes.

    Examples
    --------
    >>> round(brier([0, 1, 1], [0.25, 0.5, 1.0]), 4)
    0.1042

    References
    ----------
    Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.
    <https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2>
    """
    metric = Brier()
    metric.update(y_true, y_prob, sample_weight)
    return metric.compute()
