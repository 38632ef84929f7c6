"""Log loss: minus the mean log of the probability given to the truth."""

from typing import Self

import torch
from torch import Tensor

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
    >>> metric.update(torch.tensor([0.25, 0.5]), torch.tensor([0, 1]))
    >>> metric.update(torch.tensor([1.0]), torch.tensor([1]))
    >>> metric.compute()
    tensor(0.3269, dtype=torch.float64)

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
        self.total = torch.zeros((), dtype=torch.float64)
        self.weight = torch.zeros((), dtype=torch.float64)
        # examples with a bad value, found on a GPU
        self.bad = torch.zeros((), dtype=torch.int64)

    def update(
        self, predictions: Tensor, targets: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Add a batch on the device where it lies.

        Parameters
        ----------
        predictions : Tensor, shape (N,) or (N, C)
            Of class 1, or of each class. Probabilities should sum to 1.
        targets : Tensor, shape (N,)
            0 or 1, or classes from 0 to C - 1.
        sample_weight : Tensor, shape (N,), optional
            What an example counts, >= 0. None counts each once.

        Raises
        ------
        ValueError
            If the shapes do not fit, a target is no class, a score is not finite, a
            probability is outside [0, 1] or NaN, or a weight is negative or not finite.
            On a GPU `compute` tells of the values: to look here would be to wait.
        """
        parts = [x for x in (predictions, targets, sample_weight) if x is not None]
        shapes = {x.shape for x in parts[1:]} | {predictions.shape[:1]}
        if shapes != {targets.shape} or predictions.ndim not in (1, 2):
            raise ValueError(
                "predictions must have shape (N,) or (N, C), targets and sample_weight "
                "(N,). Received: " + ", ".join(str(tuple(x.shape)) for x in parts)
            )
        x, true, *weights = (x.detach() for x in parts)
        weight = weights[0].double() if weights else torch.ones_like(true).double()
        classes = x.shape[1] if x.ndim == 2 else 2
        inside, wanted = (x >= 0) & (x <= 1), "in [0, 1]"
        if self.from_logits:
            inside, wanted = x.isfinite(), "finite"
        inside = inside.all(1) if x.ndim == 2 else inside
        tests = (
            ("predictions", wanted, x, inside),
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

    def _each(self, true: Tensor, score: Tensor) -> Tensor:
        if self.from_logits and score.ndim == 1:
            right = torch.where(true == 1, score, -score)
            return -torch.nn.functional.logsigmoid(right)
        if score.ndim == 1:
            return -torch.where(true == 1, score, 1 - score).log()
        own = score.gather(1, true[:, None])[:, 0]
        return score.logsumexp(1) - own if self.from_logits else -own.log()

    def compute(self) -> Tensor:
        """Return the mean over everything so far.

        Returns
        -------
        Tensor of float64, shape ()
            From 0 to infinity.

        Raises
        ------
        ValueError
            If nothing was counted, or a batch on a GPU held bad values.
        """
        if self.bad or not self.weight:
            raise ValueError(
                "predictions or targets out of range, or empty. "
                f"Received: {int(self.bad)} bad examples"
            )
        return self.total / self.weight

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
        device = self.total.device
        self.total = self.total + other.total.to(device)
        self.weight = self.weight + other.weight.to(device)
        self.bad = self.bad.to(device) + other.bad.to(device)
        return self


def log_loss(
    predictions: Tensor,
    targets: Tensor,
    *,
    from_logits: bool,
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Log loss of one batch.

    $-\frac1n \sum_i \log p_i(y_i)$ in nats; $\log C$ for C equal probabilities. Nothing
    is clipped: a true class of probability 0 costs infinity.

    Parameters
    ----------
    predictions : Tensor, shape (N,) or (N, C)
        Of class 1, or of each class. Probabilities should sum to 1.
    targets : Tensor, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    from_logits : bool
        True for logits, False for probabilities. Nothing is guessed.
    sample_weight : Tensor, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        From 0 to infinity.

    Examples
    --------
    >>> predictions = torch.tensor([0.25, 0.5, 1.0])
    >>> log_loss(predictions, torch.tensor([0, 1, 1]), from_logits=False)
    tensor(0.3269, dtype=torch.float64)

    References
    ----------
    Good, "Rational Decisions", 1952.
    <https://doi.org/10.1111/j.2517-6161.1952.tb00104.x>
    """
    metric = LogLoss(from_logits=from_logits)
    metric.update(predictions, targets, sample_weight)
    return metric.compute()
