"""R squared: how much of the variance of the targets a model explains."""

import math
from typing import Self

import torch
from torch import Tensor

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
    >>> targets = torch.tensor([10001.0, 10002.0])
    >>> metric.update(torch.tensor([10001.0, 10002.5]), targets)
    >>> metric.update(torch.tensor([10003.0]), torch.tensor([10003.0]))
    >>> metric.compute()
    tensor(0.8750, dtype=torch.float64)

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
        self.moments: Tensor | None = None

    def update(
        self, predictions: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Add a batch on the device where it lies.

        Parameters
        ----------
        predictions : Tensor, shape (examples,) or (examples, outputs)
            Predicted values, any dtype.
        targets : Tensor, shape of `predictions`
            Observed values.
        sample_weight : Tensor, shape (examples,), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, a value is not finite or a weight is negative. On
            a GPU `compute` tells of the values: to look at them here would be to wait.
        """
        predicted, true = predictions.detach().double(), targets.detach().double()
        weight = true.new_ones(true.shape[:1])
        if sample_weight is not None:
            weight = sample_weight.double()
        shapes = (
            f"Received: predictions {tuple(predicted.shape)}, "
            f"targets {tuple(true.shape)}"
        )
        if true.shape != predicted.shape or true.ndim not in (1, 2):
            raise ValueError(
                f"predictions must have the shape of targets, one or two axes. {shapes}"
            )
        if weight.shape != true.shape[:1]:
            raise ValueError(
                "sample_weight must have one per example. "
                f"Received: {tuple(weight.shape)}"
            )
        if self.moments is not None and self.moments.shape[1:] != true.shape[1:]:
            raise ValueError(f"targets must have the outputs of before. {shapes}")
        if not len(true):
            return
        weight = torch.where(weight >= 0, weight, math.nan)
        column = weight.reshape(-1, *(1,) * (true.ndim - 1))
        # equal targets are exactly 0 once one of them is taken off
        shift = torch.where(column > 0, true, -math.inf).amax(0)
        shift = torch.where(shift.isfinite(), shift, 0.0)
        moved, total = true - shift, weight.sum()
        mean = (column * moved).sum(0) / torch.where(total > 0, total, 1.0)
        square = (column * (moved - mean).square()).sum(0)
        residual = (column * (true - predicted).square()).sum(0)
        if true.device.type == "cpu" and not residual.isfinite().all():
            raise ValueError(
                "predictions, targets and sample_weight must be finite, the weights "
                f">= 0. Received: squares that add up to {residual}"
            )
        weights = total.expand_as(mean)
        self._merge(torch.stack([weights, shift + mean, square, residual]))

    def _merge(self, two: Tensor) -> None:
        one = torch.zeros_like(two) if self.moments is None else self.moments
        one = one.to(two.device)
        weight = one[0] + two[0]
        share = two[0] / torch.where(weight > 0, weight, 1.0)
        apart = two[1] - one[1]
        mean = torch.where(one[0] > 0, one[1] + apart * share, two[1])
        square = one[2] + two[2] + apart.square() * one[0] * share
        self.moments = torch.stack([weight, mean, square, one[3] + two[3]])

    def compute(self) -> Tensor:
        """Return R squared of everything so far.

        Returns
        -------
        Tensor of float64, shape () or (outputs,) without an average
            Up to 1. NaN or what `constant` says where all targets are equal, as those
            of a single example are; an average by variance leaves such outputs out.

        Raises
        ------
        ValueError
            If there is no example, or a batch on a GPU held a value that was not finite
            or a weight below 0.
        """
        if self.moments is None or (self.moments[0] == 0).all():
            raise ValueError("targets must hold an example of weight. Received: none")
        _, _, square, residual = self.moments
        if not residual.isfinite().all():
            raise ValueError(
                "predictions, targets and sample_weight must be finite, the weights "
                f">= 0. Received: squares that add up to {residual}"
            )
        equal = square == 0
        flat = (residual == 0).double() if self.constant == "finite" else math.nan
        score = torch.where(equal, flat, 1 - residual / square)
        if self.average == "variance" and not equal.all():
            return 1 - residual[~equal].sum() / square.sum()
        return score if self.average is None else score.mean()

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
        if other.moments is not None:
            if self.moments is not None and self.moments.shape != other.moments.shape:
                raise ValueError(
                    f"other must have the outputs {tuple(self.moments.shape[1:])}. "
                    f"Received: {tuple(other.moments.shape[1:])}"
                )
            self._merge(other.moments)
        return self


def r2(
    predictions: Tensor,
    targets: Tensor,
    *,
    average: str | None = "uniform",
    constant: str = "nan",
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""R squared of one batch.

    $1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$. Perfect is 1; predicting the mean
    is 0; worse than that is negative, without end.

    Parameters
    ----------
    predictions : Tensor, shape (examples,) or (examples, outputs)
        Predicted values, any dtype.
    targets : Tensor, shape of `predictions`
        Observed values.
    average : {"uniform", "variance"}, optional
        How several outputs become one number: each alike, or weighted by the variance
        of its targets. None gives one number per output.
    constant : {"nan", "finite"}
        What an output scores whose targets are all equal: NaN, or 1 if it was predicted
        without an error and 0 if not.
    sample_weight : Tensor, shape (examples,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape () or (outputs,) without an average
        Up to 1. NaN or what `constant` says where all targets are equal, as those of a
        single example are; an average by variance leaves such outputs out.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, a weight is negative, an option
        is none of the above or there is no example.

    Examples
    --------
    >>> targets = torch.tensor([10001.0, 10002.0, 10003.0])
    >>> r2(torch.tensor([10001.0, 10002.5, 10003.0]), targets)
    tensor(0.8750, dtype=torch.float64)

    References
    ----------
    Coefficient of determination.
    <https://en.wikipedia.org/wiki/Coefficient_of_determination>
    """
    metric = R2(average=average, constant=constant)
    metric.update(predictions, targets, sample_weight)
    return metric.compute()
