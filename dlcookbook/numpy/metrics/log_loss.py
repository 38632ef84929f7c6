"""Log loss: minus the mean log of the probability given to the truth."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["LogLoss", "log_loss"]


class LogLoss:
    r"""Log loss of as many batches as there are.

    $-\frac1n \sum_i \log p_i(y_i)$ in nats; $\log C$ for C equal probabilities. Nothing
    is clipped: a true class of probability 0 costs infinity.

    Keeps two sums of float64.

    Parameters
    ----------
    from_logits : bool
        True for logits, False for probabilities. Nothing is guessed.

    Examples
    --------
    >>> metric = LogLoss(from_logits=False)
    >>> metric.update([0, 1], [0.25, 0.5])
    >>> metric.update([1], [1.0])
    >>> round(metric.compute(), 4)
    0.3269

    References
    ----------
    Good, "Rational Decisions", 1952.
    <https://doi.org/10.1111/j.2517-6161.1952.tb00104.x>
    """

    def __init__(self, *, from_logits: bool) -> None:
        self.from_logits = from_logits
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        self.total, self.weight = 0.0, 0.0

    def update(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Add a batch; one that is refused changes nothing.

        Parameters
        ----------
        y_true : array-like, shape (N,)
            0 or 1, or classes from 0 to C - 1.
        y_pred : array-like, shape (N,) or (N, C)
            Of class 1, or of each class. Probabilities should sum to 1.
        sample_weight : array-like, shape (N,), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, a target is no class, a score is not finite, a
            probability is outside [0, 1] or NaN, or a weight is negative or not finite.
        """
        true, score = np.asarray(y_true), np.asarray(y_pred)
        weight = None if sample_weight is None else np.asarray(sample_weight, float)
        shapes = [x.shape for x in (true, score, weight) if x is not None]
        if {*shapes[::2], score.shape[:1]} != {true.shape} or score.ndim not in (1, 2):
            raise ValueError(
                "y_true and sample_weight must have shape (N,), y_pred (N,) or (N, C). "
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
            fine = 0 <= low <= high <= 1
            if self.from_logits:
                fine = -np.inf < low <= high < np.inf
            if not fine:
                wanted = "finite" if self.from_logits else "in [0, 1]"
                raise ValueError(f"y_pred must be {wanted}. Received: {low} to {high}")
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

    def _each(self, true: np.ndarray, score: np.ndarray) -> np.ndarray:
        if self.from_logits and score.ndim == 1:
            return np.logaddexp(0, np.where(true == 1, -score, score))
        rows = np.arange(len(true))
        if self.from_logits:
            score = score - score.max(axis=1, keepdims=True)
            return np.log(np.exp(score).sum(axis=1)) - score[rows, true]
        if score.ndim == 1:
            prob = np.where(true == 1, score, 1 - score)
        else:
            prob = score[rows, true]
        with np.errstate(divide="ignore"):
            return -np.log(prob)

    def compute(self) -> float:
        """Return the mean over everything so far.

        Returns
        -------
        float
            From 0 to infinity.

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
        other : LogLoss
            With the same options.

        Returns
        -------
        LogLoss
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        if (mine := self.from_logits) != (theirs := other.from_logits):
            raise ValueError(f"other must have from_logits={mine}. Received: {theirs}")
        self.total, self.weight = self.total + other.total, self.weight + other.weight
        return self


def log_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    from_logits: bool,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Log loss of one batch.

    $-\frac1n \sum_i \log p_i(y_i)$ in nats; $\log C$ for C equal probabilities. Nothing
    is clipped: a true class of probability 0 costs infinity.

    Parameters
    ----------
    y_true : array-like, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    y_pred : array-like, shape (N,) or (N, C)
        Of class 1, or of each class. Probabilities should sum to 1.
    from_logits : bool
        True for logits, False for probabilities. Nothing is guessed.
    sample_weight : array-like, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to infinity.

    Examples
    --------
    >>> round(log_loss([0, 1, 1], [0.25, 0.5, 1.0], from_logits=False), 4)
    0.3269

    References
    ----------
    Good, "Rational Decisions", 1952.
    <https://doi.org/10.1111/j.2517-6161.1952.tb00104.x>
    """
    metric = LogLoss(from_logits=from_logits)
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
