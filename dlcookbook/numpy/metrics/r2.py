"""R squared: how much of the variance of the targets a model explains."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["R2", "r2"]


class R2:
    r"""R squared of as many batches as there are.

    $1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$. Perfect is 1; predicting the mean
    is 0; worse than that is negative, without end. The sums are taken around the mean
    of each batch and merged, so that targets far from 0 lose no digits.

    Parameters
    ----------
    average : {"uniform", "variance"}, optional
        How several outputs become one number: each alike, or weighted by the variance
        of its targets. None gives one number per output.
    constant : {"nan", "finite"}
        What an output scores whose targets are all equal: NaN, or 1 if it was predicted
        without an error and 0 if not.

    Raises
    ------
    ValueError
        If an option is none of the above.

    Examples
    --------
    >>> metric = R2()
    >>> metric.update([10001.0, 10002.0], [10001.0, 10002.5])
    >>> metric.update([10003.0], [10003.0])
    >>> metric.compute()
    0.875

    References
    ----------
    Chan, Golub, LeVeque, "Algorithms for Computing the Sample Variance", 1983 (the
    merge). <https://doi.org/10.1080/00031305.1983.10483115>
    Coefficient of determination.
    <https://en.wikipedia.org/wiki/Coefficient_of_determination>
    """

    def __init__(
        self, *, average: str | None = "uniform", constant: str = "nan"
    ) -> None:
        if average not in (None, "uniform", "variance"):
            raise ValueError(
                f"average must be 'uniform', 'variance' or None. Received: {average}"
            )
        if constant not in ("nan", "finite"):
            raise ValueError(
                f"constant must be 'nan' or 'finite'. Received: {constant}"
            )
        self.average, self.constant = average, constant
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # per output: weight, mean, squares around the mean, squares of the errors
        self.moments: np.ndarray | None = None

    def update(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Add a batch; a batch that is refused leaves the sums as they were.

        Parameters
        ----------
        y_true : array-like, shape (examples,) or (examples, outputs)
            Observed values.
        y_pred : array-like, shape of `y_true`
            Predicted values.
        sample_weight : array-like, shape (examples,), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, a value is not finite or a weight is negative.
        """
        true, predicted = np.asarray(y_true, float), np.asarray(y_pred, float)
        weight = np.ones(true.shape[:1])
        if sample_weight is not None:
            weight = np.asarray(sample_weight, float)
        shapes = f"Received: y_true {true.shape}, y_pred {predicted.shape}"
        if true.shape != predicted.shape or true.ndim not in (1, 2):
            raise ValueError(
                f"y_pred must have the shape of y_true, one or two axes. {shapes}"
            )
        if weight.shape != true.shape[:1]:
            raise ValueError(
                f"sample_weight must have one per example. Received: {weight.shape}"
            )
        if not ((weight >= 0) & (weight < np.inf)).all():
            raise ValueError(
                "sample_weight must be finite and >= 0. "
                f"Received: {weight.min()} to {weight.max()}"
            )
        moments = self.moments
        if moments is not None and moments.shape[1:] != true.shape[1:]:
            raise ValueError(f"y_true must have the outputs of before. {shapes}")
        for start in range(0, len(true), 1 << 16):
            inside = slice(start, start + (1 << 16))
            if weight[inside].any():
                found = self._moments_of(
                    true[inside], predicted[inside], weight[inside]
                )
                moments = found if moments is None else self._merged(moments, found)
        self.moments = moments

    def _moments_of(
        self, true: np.ndarray, predicted: np.ndarray, weight: np.ndarray
    ) -> np.ndarray:
        # equal targets are exactly 0 once one of them is taken off
        shift = (true if weight.all() else true[weight > 0]).max(axis=0)
        with np.errstate(invalid="ignore"):
            moved = true - shift
            total = weight.sum()
            mean = np.tensordot(weight, moved, 1) / total
            square = np.tensordot(weight, np.square(moved - mean), 1)
            residual = np.tensordot(weight, np.square(true - predicted), 1)
        if not np.isfinite(residual).all():
            raise ValueError(
                "y_true, y_pred and sample_weight must be finite. "
                f"Received: squares that add up to {residual}"
            )
        return np.stack([np.full_like(mean, total), shift + mean, square, residual])

    def _merged(self, one: np.ndarray, two: np.ndarray) -> np.ndarray:
        weight = one[0] + two[0]
        apart, share = two[1] - one[1], two[0] / weight
        square = one[2] + two[2] + np.square(apart) * one[0] * share
        return np.stack([weight, one[1] + apart * share, square, one[3] + two[3]])

    def compute(self) -> float | np.ndarray:
        """Return R squared of everything so far.

        Returns
        -------
        float or ndarray, shape (outputs,) without an average
            Up to 1. NaN or what `constant` says where all targets are equal, as those
            of a single example are; an average by variance leaves such outputs out.

        Raises
        ------
        ValueError
            If there is no example.
        """
        if self.moments is None:
            raise ValueError("y_true must hold an example of weight. Received: none")
        _, _, square, residual = self.moments
        equal = square == 0
        score = 1 - residual / np.where(equal, 1, square)
        flat = np.nan if self.constant == "nan" else np.where(residual == 0, 1, 0)
        score = np.where(equal, flat, score)
        if self.average == "variance" and not equal.all():
            score = 1 - residual[~equal].sum() / square.sum()
        elif self.average is not None:
            score = score.mean()
        return score if score.ndim else float(score)

    def merge(self, other: Self) -> Self:
        """Add what another worker has seen; `other` stays as it is.

        Parameters
        ----------
        other : R2
            Of as many outputs, with the same options.

        Returns
        -------
        R2
            This one.

        Raises
        ------
        ValueError
            If an option or the number of outputs differs.
        """
        for name in ("average", "constant"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        if self.moments is None or other.moments is None:
            self.moments = other.moments if self.moments is None else self.moments
        elif self.moments.shape != other.moments.shape:
            raise ValueError(
                f"other must have the outputs {self.moments.shape[1:]}. "
                f"Received: {other.moments.shape[1:]}"
            )
        else:
            self.moments = self._merged(self.moments, other.moments)
        return self


def r2(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    average: str | None = "uniform",
    constant: str = "nan",
    sample_weight: ArrayLike | None = None,
) -> float | np.ndarray:
    r"""R squared of one batch.

    $1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$. Perfect is 1; predicting the mean
    is 0; worse than that is negative, without end.

    Parameters
    ----------
    y_true : array-like, shape (examples,) or (examples, outputs)
        Observed values.
    y_pred : array-like, shape of `y_true`
        Predicted values.
    average : {"uniform", "variance"}, optional
        How several outputs become one number: each alike, or weighted by the variance
        of its targets. None gives one number per output.
    constant : {"nan", "finite"}
        What an output scores whose targets are all equal: NaN, or 1 if it was predicted
        without an error and 0 if not.
    sample_weight : array-like, shape (examples,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float or ndarray, shape (outputs,) without an average
        Up to 1. NaN or what `constant` says where all targets are equal, as those of a
        single example are; an average by variance leaves such outputs out.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, a weight is negative, an option
        is none of the above or there is no example.

    Examples
    --------
    >>> r2([10001.0, 10002.0, 10003.0], [10001.0, 10002.5, 10003.0])
    0.875

    References
    ----------
    Coefficient of determination.
    <https://en.wikipedia.org/wiki/Coefficient_of_determination>
    """
    metric = R2(average=average, constant=constant)
    metric.update(y_true, y_pred, sample_weight)
    return metric.compute()
