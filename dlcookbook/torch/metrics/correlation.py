"""Correlation: whether predictions rise with the targets, and whether they agree."""

import math
from typing import Self

import torch
from torch import Tensor

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
    >>> metric.update(torch.tensor([2.0, 3.0]), torch.tensor([1.0, 2.0]))
    >>> metric.update(torch.tensor([4.0]), torch.tensor([3.0]))
    >>> metric.compute()
    tensor(0.5714, dtype=torch.float64)

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
        self.moments = torch.zeros(6, dtype=torch.float64)

    def update(
        self, predictions: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Add a batch on the device where it lies.

        Parameters
        ----------
        predictions : Tensor, shape (examples,)
            Predicted values, any dtype.
        targets : Tensor, shape (examples,)
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
        weight = torch.ones_like(true)
        if sample_weight is not None:
            weight = sample_weight.double()
        if not predicted.shape == true.shape == weight.shape or true.ndim != 1:
            raise ValueError(
                "predictions, targets and sample_weight must have one axis of one "
                f"length. Received: {tuple(predicted.shape)}, {tuple(true.shape)}, "
                f"{tuple(weight.shape)}"
            )
        if not len(true):
            return
        weight = torch.where(weight >= 0, weight, math.nan)
        pair = torch.stack([true, predicted])
        # equal values are exactly 0 once one of them is taken off
        shift = torch.where(weight > 0, pair, -math.inf).amax(1)
        shift = torch.where(shift.isfinite(), shift, 0.0)
        moved, total = pair - shift[:, None], weight.sum()
        means = moved @ weight / torch.where(total > 0, total, 1.0)
        x, y = moved - means[:, None]
        products = torch.stack([x * x, y * y, x * y]) @ weight
        if true.device.type == "cpu" and not products.isfinite().all():
            raise ValueError(
                "predictions, targets and sample_weight must be finite, the weights "
                f">= 0. Received: squares that add up to {products[:2].tolist()}"
            )
        self._merge(torch.cat([total[None], shift + means, products]))

    def _merge(self, two: Tensor) -> None:
        one = self.moments.to(two.device)
        weight = one[0] + two[0]
        share = two[0] / torch.where(weight > 0, weight, 1.0)
        x, y = two[1:3] - one[1:3]
        means = one[1:3] + torch.stack([x, y]) * share
        means = torch.where(one[0] > 0, means, two[1:3])
        between = torch.stack([x * x, y * y, x * y]) * one[0] * share
        self.moments = torch.cat([weight[None], means, one[3:] + two[3:] + between])

    def compute(self) -> Tensor:
        """Return the correlation of everything so far.

        Returns
        -------
        Tensor of float64, shape ()
            From -1 to 1. NaN where all targets or all predictions are equal: Pearson's,
            and the concordance where both are.

        Raises
        ------
        ValueError
            If there is no example, or a batch on a GPU held a value that was not finite
            or a weight below 0.
        """
        weight, x_mean, y_mean, x, y, both = self.moments
        if weight == 0:
            raise ValueError("targets must hold an example of weight. Received: none")
        if not (x + y).isfinite():
            raise ValueError(
                "predictions, targets and sample_weight must be finite, the weights "
                f">= 0. Received: squares that add up to {x + y}"
            )
        if self.kind == "pearson":
            # the root of x y, which could overflow
            return (both / ((x / y).sqrt() * y)).clamp(-1, 1)
        apart = (weight - self.ddof) * (x_mean - y_mean).square()
        return (2 * both / (x + y + apart)).clamp(-1, 1)

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
        self._merge(other.moments)
        return self


def correlation(
    predictions: Tensor,
    targets: Tensor,
    *,
    kind: str = "pearson",
    ddof: int = 0,
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Pearson's or the concordance correlation of one batch.

    $s_{xy} / (s_x s_y)$, or $2 s_{xy} / (s_x^2 + s_y^2 + (\bar x - \bar y)^2)$, which
    is 1 for equal values alone.

    Parameters
    ----------
    predictions : Tensor, shape (examples,)
        Predicted values, any dtype.
    targets : Tensor, shape (examples,)
        Observed values.
    kind : {"pearson", "concordance"}
        Which one.
    ddof : int
        What is taken off the number of examples in the variances: 0 as Lin has it, or
        1. It matters for the concordance alone.
    sample_weight : Tensor, shape (examples,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        From -1 to 1. NaN where all targets or all predictions are equal: Pearson's, and
        the concordance where both are.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, a weight is negative, `kind` is
        none of the above or there is no example.

    Examples
    --------
    >>> correlation(torch.tensor([2.0, 4.0, 6.0]), torch.tensor([1.0, 2.0, 3.0]))
    tensor(1., dtype=torch.float64)

    References
    ----------
    Lin, "A Concordance Correlation Coefficient to Evaluate Reproducibility", 1989.
    <https://doi.org/10.2307/2532051>
    """
    metric = Correlation(kind=kind, ddof=ddof)
    metric.update(predictions, targets, sample_weight)
    return metric.compute()
