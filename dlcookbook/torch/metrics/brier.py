"""Brier score: the mean squared distance of probabilities from the truth."""

from typing import Self

import torch
from torch import Tensor

__all__ = ["Brier", "brier"]


class Brier:
    r"""Brier score of as many batches as there are.

    $\frac1n \sum_i (p_i - y_i)^2$ for probabilities of class 1; for C classes the sum
    $\frac1n \sum_i \sum_k (p_{ik} - [y_i = k])^2$, twice as much when C is 2.

    Keeps two sums of float64.

    Examples
    --------
    >>> metric = Brier()
    >>> metric.update(torch.tensor([0.25, 0.5]), torch.tensor([0, 1]))
    >>> metric.update(torch.tensor([1.0]), torch.tensor([1]))
    >>> metric.compute()
    tensor(0.1042, dtype=torch.float64)

    References
    ----------
    Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.
    <https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2>
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        self.total = torch.zeros((), dtype=torch.float64)
        self.weight = torch.zeros((), dtype=torch.float64)
        # examples with a bad value, found on a GPU
        self.bad = torch.zeros((), dtype=torch.int64)

    def update(
        self,
        probabilities: Tensor,
        targets: Tensor,
        sample_weight: Tensor | None = None,
    ) -> None:
        """Add a batch on the device where it lies.

        Parameters
        ----------
        probabilities : Tensor, shape (N,) or (N, C)
            Probability of class 1, or of each class. Not logits.
        targets : Tensor, shape (N,)
            0 or 1, or classes from 0 to C - 1.
        sample_weight : Tensor, shape (N,), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, a target is no class, a probability is
            outside [0, 1] or NaN, or a weight is negative or not finite. On a
            GPU `compute` tells of the values: to look at them here would be to wait.
        """
        parts = [x for x in (probabilities, targets, sample_weight) if x is not None]
        shapes = {x.shape for x in parts[1:]} | {probabilities.shape[:1]}
        if shapes != {targets.shape} or probabilities.ndim not in (1, 2):
            raise ValueError(
                "probabilities must have shape (N,) or (N, C), targets and "
                "sample_weight (N,). Received: "
                + ", ".join(str(tuple(x.shape)) for x in parts)
            )
        x, true, *weights = (x.detach() for x in parts)
        weight = weights[0].double() if weights else torch.ones_like(true).double()
        classes = x.shape[1] if x.ndim == 2 else 2
        inside, wanted = (x >= 0) & (x <= 1), "in [0, 1]"
        inside = inside.all(1) if x.ndim == 2 else inside
        tests = (
            ("probabilities", wanted, x, inside),
            (
                "targets",
                f"integers in [0, {classes})",
                true,
                (true >= 0) & (true < classes) & (true % 1 == 0),
            ),
            (
                "sample_weight",
                "finite and >= 0",
                weight,
                (weight >= 0) & (weight < torch.inf),
            ),
        )
        fine = torch.stack([test for *_, test in tests]).all(dim=0)
        if x.device.type == "cpu":
            for name, what, values, test in tests:
                if not test.all():
                    got = values[~test][0].tolist()
                    raise ValueError(f"{name} must be {what}. Received: {got}")
        else:
            self.bad = self.bad.to(x.device) + (~fine).sum()
        each = self._each(torch.where(fine, true, 0).long(), x.double())
        # what weighs nothing may be infinite
        total = torch.where(weight > 0, weight * each, 0).sum()
        self.total = self.total.to(x.device) + total
        self.weight = self.weight.to(x.device) + weight.sum()

    def _each(self, true: Tensor, prob: Tensor) -> Tensor:
        if prob.ndim == 1:
            return (prob - true) ** 2
        own = torch.full_like(prob[:, :1], -1.0)
        return (prob.scatter_add(1, true[:, None], own) ** 2).sum(1)

    def compute(self) -> Tensor:
        """Return the mean over everything so far.

        Returns
        -------
        Tensor of float64, shape ()
            From 0 to 1, or to 2 for several classes.

        Raises
        ------
        ValueError
            If nothing was counted, or a batch on a GPU held bad values.
        """
        if self.bad or not self.weight:
            raise ValueError(
                "probabilities or targets out of range, or empty. "
                f"Received: {int(self.bad)} bad examples"
            )
        return self.total / self.weight

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
        device = self.total.device
        self.total = self.total + other.total.to(device)
        self.weight = self.weight + other.weight.to(device)
        self.bad = self.bad.to(device) + other.bad.to(device)
        return self


def brier(
    probabilities: Tensor,
    targets: Tensor,
    *,
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Brier score of one batch.

    $\frac1n \sum_i (p_i - y_i)^2$ for probabilities of class 1; for C classes the sum
    $\frac1n \sum_i \sum_k (p_{ik} - [y_i = k])^2$, twice as much when C is 2.

    Parameters
    ----------
    probabilities : Tensor, shape (N,) or (N, C)
        Probability of class 1, or of each class. Not logits.
    targets : Tensor, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    sample_weight : Tensor, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        From 0 to 1, or to 2 for several classes.

    Examples
    --------
    >>> probabilities = torch.tensor([0.25, 0.5, 1.0])
    >>> brier(probabilities, torch.tensor([0, 1, 1]))
    tensor(0.1042, dtype=torch.float64)

    References
    ----------
    Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.
    <https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2>
    """
    metric = Brier()
    metric.update(probabilities, targets, sample_weight)
    return metric.compute()
