"""Correlation: whether predictions rise with the targets, and whether they agree."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Correlation", "correlation"]


class Correlation:
    r"""Pearson's or the concordance correlation of as many batches as there are.

    Pearson's $r = s_{xy} / (s_x s_y)$ asks for a straight line, the concordance
    $2 s_{xy} / (s_x^2 + s_y^2 + (\bar x - \bar y)^2)$ for the line $\hat y = y$: it is
    $r$ times a factor below 1 for a wrong scale or offset. The moments are taken around
    the mean of each batch and merged, so that values far from 0 lose no digits.

    Parameters
    ----------
    kind : {"pearson", "concordance"}
        Which one.
    ddof : int
        What is taken off the number of examples in the variances: 0 as Lin has it, or
        1. It matters for the concordance alone.

    Raises
    ------
    ValueError
        If `kind` is none of the above.

    Examples
    --------
    >>> metric = Correlation(kind="concordance")
    >>> metric.update([1.0, 2.0], [2.0, 3.0])
    >>> metric.update([3.0], [4.0])
    >>> round(metric.compute(), 4)
    0.5714

    References
    ----------
    Lin, "A Concordance Correlation Coefficient to Evaluate Reproducibility", 1989.
    <https://doi.org/10.2307/2532051>
    Chan, Golub, LeVeque, "Algorithms for Computing the Sample Variance", 1983 (the
    merge). <https://doi.org/10.1080/00031305.1983.10483115>
    """

    def __init__(self, *, kind: str = "pearson", ddof: int = 0) -> None:
        if kind not in ("pearson", "concordance"):
            raise ValueError(
                f"kind must be 'pearson' or 'concordance'. Received: {kind}"
            )
        self.kind, self.ddof = kind, ddof
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # weight, the two means, their squares and products around these
        self.moments = np.zeros(6)

    def update(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Add a batch; a batch that is refused leaves the sums as they were.

        Parameters
        ----------
        y_true : array-like, shape (examples,)
            Observed values.
        y_pred : array-like, shape (examples,)
            Predicted values.
        sample_weight : array-like, shape (examples,), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, a value is not finite or a weight is negative.
        """
        true, predicted = np.asarray(y_true, float), np.asarray(y_pred, float)
        weight = np.ones(true.shape)
        if sample_weight is not None:
            weight = np.asarray(sample_weight, float)
        if not true.shape == predicted.shape == weight.shape or true.ndim != 1:
            raise ValueError(
                "y_true, y_pred and sample_weight must have one axis of one length. "
                f"Received: {true.shape}, {predicted.shape}, {weight.shape}"
            )
        if not ((weight >= 0) & (weight < np.inf)).all():
            raise ValueError(
                "sample_weight must be finite and >= 0. "
                f"Received: {weight.min()} to {weight.max()}"
            )
        moments = self.moments
        for start in range(0, len(true), 1 << 16):
            block = [x[start : start + (1 << 16)] for x in (true, predicted, weight)]
            if block[2].any():
                moments = self._merged(moments, self._moments_of(*block))
        self.moments = moments

    def _moments_of(
        self, true: np.ndarray, predicted: np.ndarray, weight: np.ndarray
    ) -> np.ndarray:
        # equal values are exactly 0 once one of them is taken off
        counts = slice(None) if weight.all() else weight > 0
        x_shift, y_shift = true[counts].max(), predicted[counts].max()
        with np.errstate(invalid="ignore"):
            x, y, total = true - x_shift, predicted - y_shift, weight.sum()
            x_mean, y_mean = weight @ x / total, weight @ y / total
            x, y = x - x_mean, y - y_mean
            products = [weight @ (x * x), weight @ (y * y), weight @ (x * y)]
        if not np.isfinite(products).all():
            raise ValueError(
                "y_true, y_pred and sample_weight must be finite. "
                f"Received: squares that add up to {products[:2]}"
            )
        return np.array([total, x_shift + x_mean, y_shift + y_mean, *products])

    def _merged(self, one: np.ndarray, two: np.ndarray) -> np.ndarray:
        weight = one[0] + two[0]
        if not one[0] or not two[0]:
            return two if two[0] else one
        x, y = two[1:3] - one[1:3]
        means = one[1:3] + np.array([x, y]) * two[0] / weight
        between = np.array([x * x, y * y, x * y]) * one[0] * two[0] / weight
        return np.array([weight, *means, *(one[3:] + two[3:] + between)])

    def compute(self) -> float:
        """Return the correlation of everything so far.

        Returns
        -------
        float
            From -1 to 1. NaN where all targets or all predictions are equal: Pearson's,
            and the concordance where both are.

        Raises
        ------
        ValueError
            If there is no example.
        """
        weight, x_mean, y_mean, x, y, both = self.moments
        if not weight:
            raise ValueError("y_true must hold an example of weight. Received: none")
        if self.kind == "pearson":
            # the root of x y, which could overflow
            over, under = both, np.sqrt(x / y) * y if y else 0.0
        else:
            over = 2 * both
            under = x + y + (weight - self.ddof) * (x_mean - y_mean) ** 2
        return float(np.clip(over / under, -1, 1)) if under else float("nan")

    def merge(self, other: Self) -> Self:
        """Add what another worker has seen; `other` stays as it is.

        Parameters
        ----------
        other : Correlation
            With the same options.

        Returns
        -------
        Correlation
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("kind", "ddof"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.moments = self._merged(self.moments, other.moments)
        return self


def correlation(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    kind: str = "pearson",
    ddof: int = 0,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Pearson's or the concordance correlation of one batch.

    $s_{xy} / (s_x s_y)$, or $2 s_{xy} / (s_x^2 + s_y^2 + (\bar x - \bar y)^2)$, which
    is 1 for equal values alone.

    Parameters
    ----------
    y_true : array-like, shape (examples,)
        Observed values.
    y_pred : array-like, shape (examples,)
        Predicted values.
    kind : {"pearson", "concordance"}
        Which one.
    ddof : int
        What is taken off the number of examples in the variances: 0 as Lin has it, or
        1. It matters for the concordance alone.
    sample_weight : array-like, shape (examples,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From -1 to 1. NaN where all targets or all predictions are equal: Pearson's, and
        the concordance where both are.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, a weight is negative, `kind` is
        none of the above or there is no example.

    Examples
    --------
    >>> correlation([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    1.0
    >>> correlation([1.0, 2.0, 3.0], [3.0, 2.0, 1.0], kind="concordance")
    -1.0

    References
    ----------
    Lin, "A Concordance Correlation Coefficient to Evaluate Reproducibility", 1989.
    <https://doi.org/10.2307/2532051>
    """
    metric = Correlation(kind=kind, ddof=ddof)
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
