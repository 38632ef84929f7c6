"""Calibration error: how far the confidence of a model is from its accuracy."""

from typing import Self

import torch
from torch import Tensor

__all__ = ["CalibrationError", "calibration_error"]


class CalibrationError:
    r"""Calibration error of as many batches as there are.

    $\mathrm{ECE} = \sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|$ over bins
    of confidence. 0 is calibrated, however bad the accuracy.

    Keeps `sums` of float64 per bin: weight, weight times confidence, weight of what was
    right.

    Parameters
    ----------
    num_bins : int
        Number of bins of equal width between 0 and 1.
    norm : {"l1", "l2", "max"}
        Mean gap (ECE), root of the mean squared gap, or largest gap (MCE).
    closed : {"right", "left"}
        Whether an edge belongs to the bin below or above it; 0 and 1 are always in.
    confidence : {"positive", "predicted"}
        Of binary probabilities: that of class 1 against how often it is true, or of the
        likelier class against how often it is right. Of several: always "predicted".

    Raises
    ------
    ValueError
        If `num_bins` is less than 1 or an option is none of the above.

    Examples
    --------
    >>> metric = CalibrationError(num_bins=2)
    >>> metric.update(torch.tensor([0.25, 0.75]), torch.tensor([0, 1]))
    >>> metric.update(torch.tensor([1.0]), torch.tensor([1]))
    >>> metric.compute()
    tensor(0.1667, dtype=torch.float64)

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", 2017.
    <https://arxiv.org/abs/1706.04599>
    """

    def __init__(
        self,
        *,
        num_bins: int = 15,
        norm: str = "l1",
        closed: str = "right",
        confidence: str = "positive",
    ) -> None:
        if num_bins < 1:
            raise ValueError(f"num_bins must be >= 1. Received: {num_bins}")
        for name, value, known in (
            ("norm", norm, ("l1", "l2", "max")),
            ("closed", closed, ("right", "left")),
            ("confidence", confidence, ("positive", "predicted")),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {known}. Received: {value}")
        self.num_bins, self.norm, self.closed = num_bins, norm, closed
        self.confidence = confidence
        self.reset()

    def reset(self) -> None:
        """Forget every example."""
        # of each bin: weight, weight times confidence, weight of what was right
        self.sums = torch.zeros(3, self.num_bins, dtype=torch.float64)
        # examples with a bad value, found on a GPU
        self.bad = torch.zeros((), dtype=torch.int64)

    def update(
        self,
        probabilities: Tensor,
        targets: Tensor,
        sample_weight: Tensor | None = None,
    ) -> None:
        """Count a batch on the device where it lies.

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
            If the shapes do not fit, a target is no class, a probability is outside
            [0, 1] or NaN, or a weight is negative or not finite. On a GPU `compute`
            tells of the values: to look at them here would be to wait for them.
        """
        parts = [x for x in (probabilities, targets, sample_weight) if x is not None]
        shapes = {x.shape for x in parts[1:]} | {probabilities.shape[:1]}
        if shapes != {targets.shape} or probabilities.ndim not in (1, 2):
            raise ValueError(
                "probabilities must have shape (N,) or (N, C), targets and "
                "sample_weight (N,). Received: "
                + ", ".join(str(tuple(x.shape)) for x in parts)
            )
        parts = [x.detach() for x in parts]
        state, is_cpu = (self.sums, self.bad), targets.device.type == "cpu"
        step = 1 << 16 if is_cpu else max(1, len(targets))
        for start in range(0, len(targets), step):
            sums, bad = self._count(*(x[start : start + step] for x in parts))
            state = state[0].to(sums.device) + sums, state[1].to(sums.device) + bad
        self.sums, self.bad = state

    def _count(
        self, prob: Tensor, true: Tensor, weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        top = prob.shape[1] if prob.ndim == 2 else 2
        fine = {
            "probabilities": ((prob >= 0) & (prob <= 1)).reshape(len(prob), -1).all(1),
            "targets": (true >= 0) & (true < top) & (true % 1 == 0),
        }
        if weight is not None:
            fine["sample_weight"] = (weight >= 0) & (weight < torch.inf)
        if prob.device.type == "cpu":
            wanted = {
                "probabilities": "in [0, 1]",
                "targets": f"integers in [0, {top})",
            }
            for (name, test), x in zip(
                fine.items(), (prob, true, weight), strict=False
            ):
                if x is not None and not test.all():
                    what, got = wanted.get(name, "in [0, inf)"), x[~test][0].tolist()
                    raise ValueError(f"{name} must be {what}. Received: {got}")
        bad = (~torch.stack(list(fine.values())).all(dim=0)).sum()
        if prob.ndim == 2:
            right, prob = prob.argmax(1) == true, prob.amax(1).double()
        else:
            right, prob = true == 1, prob.double()
            if self.confidence == "predicted":
                right = right == (prob > 0.5)
                prob = prob.maximum(1 - prob)
        bins, device = self.num_bins, prob.device
        edges = torch.arange(1, bins, device=device).double() / bins
        place = torch.bucketize(prob, edges, right=self.closed == "left")
        by = torch.ones_like(prob) if weight is None else weight.double()
        rows = torch.stack([by, by * prob, by * right])
        sums = torch.zeros(3, bins, dtype=torch.float64, device=device)
        return sums.index_add(1, place, rows), bad

    def compute(self) -> Tensor:
        """Return the error over everything so far.

        Returns
        -------
        Tensor of float64, shape ()
            From 0 to 1.

        Raises
        ------
        ValueError
            If nothing was counted, or a batch on a GPU held bad values.
        """
        if self.bad or not self.sums[0].any():
            raise ValueError(
                "probabilities must be in [0, 1], targets classes, sample_weight in "
                f"[0, inf), and not empty. Received: {int(self.bad)} bad examples"
            )
        count, confidence, right = self.sums[:, self.sums[0] > 0]
        gap, share = (right - confidence).abs() / count, count / count.sum()
        if self.norm == "max":
            return gap.max()
        return share @ gap if self.norm == "l1" else (share @ gap**2).sqrt()

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : CalibrationError
            With the same options.

        Returns
        -------
        CalibrationError
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("num_bins", "norm", "closed", "confidence"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.sums = self.sums + other.sums.to(self.sums.device)
        self.bad = self.bad + other.bad.to(self.bad.device)
        return self


def calibration_error(
    probabilities: Tensor,
    targets: Tensor,
    *,
    num_bins: int = 15,
    norm: str = "l1",
    closed: str = "right",
    confidence: str = "positive",
    sample_weight: Tensor | None = None,
) -> Tensor:
    r"""Calibration error of one batch.

    $\mathrm{ECE} = \sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|$ over bins
    of confidence. 0 is calibrated, however bad the accuracy.

    Parameters
    ----------
    probabilities : Tensor, shape (N,) or (N, C)
        Probability of class 1, or of each class. Not logits.
    targets : Tensor, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    num_bins : int
        Number of bins of equal width between 0 and 1.
    norm : {"l1", "l2", "max"}
        Mean gap (ECE), root of the mean squared gap, or largest gap (MCE).
    closed : {"right", "left"}
        Whether an edge belongs to the bin below or above it; 0 and 1 are always in.
    confidence : {"positive", "predicted"}
        Of binary probabilities: that of class 1 against how often it is true, or of the
        likelier class against how often it is right. Of several: always "predicted".
    sample_weight : Tensor, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    Tensor of float64, shape ()
        From 0 to 1.

    Examples
    --------
    >>> probabilities = torch.tensor([0.25, 0.75, 1.0])
    >>> calibration_error(probabilities, torch.tensor([0, 1, 1]), num_bins=2)
    tensor(0.1667, dtype=torch.float64)

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", 2017.
    <https://arxiv.org/abs/1706.04599>
    """
    metric = CalibrationError(
        num_bins=num_bins, norm=norm, closed=closed, confidence=confidence
    )
    metric.update(probabilities, targets, sample_weight)
    return metric.compute()
