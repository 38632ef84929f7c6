"""Calibration error: how far the confidence of a model is from its accuracy."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["CalibrationError", "calibration_error"]


class CalibrationError:
    r"""Calibration error of as many batches as there are.

    $\mathrm{ECE} = \sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|$ over bins
    of confidence. 0 is calibrated, however bad the accuracy.

    Keeps three sums of float64 per bin; `bins` returns what a diagram needs.

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
    >>> metric.update([0, 1, 1], [0.25, 0.75, 1.0])
    >>> round(metric.compute(), 4)
    0.1667

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
        self.sums = np.zeros((3, self.num_bins))

    def update(
        self,
        y_true: ArrayLike,
        y_prob: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> None:
        """Count a batch; one that is refused changes nothing.

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
            If the shapes do not fit, a target is no class, a probability is outside
            [0, 1] or NaN, or a weight is negative or not finite.
        """
        true, prob = np.asarray(y_true), np.asarray(y_prob)
        weight = None if sample_weight is None else np.asarray(sample_weight, float)
        shapes = [x.shape for x in (true, prob, weight) if x is not None]
        if {*shapes[::2], prob.shape[:1]} != {true.shape} or prob.ndim not in (1, 2):
            raise ValueError(
                "y_true and sample_weight must have shape (N,), y_prob (N,) or (N, C). "
                "Received: " + ", ".join(map(str, shapes))
            )
        parts, sums = [x for x in (true, prob, weight) if x is not None], self.sums
        for start in range(0, len(true), 1 << 16):
            sums = sums + self._count(*(x[start : start + (1 << 16)] for x in parts))
        self.sums = sums

    def _count(self, true, prob, weight=None) -> np.ndarray:
        low, high = prob.min(), prob.max()
        if not 0 <= low <= high <= 1:
            raise ValueError(f"y_prob must be in [0, 1]. Received: {low} to {high}")
        if weight is not None and not 0 <= weight.min() <= weight.max() < np.inf:
            raise ValueError(f"sample_weight must be in [0, inf). Received: {weight}")
        top = prob.shape[1] if prob.ndim == 2 else 2
        is_whole = true.dtype.kind != "f" or not (true % 1).any()
        if not 0 <= true.min() <= true.max() < top or not is_whole:
            raise ValueError(
                f"y_true must be integers in [0, {top}). "
                f"Received: {true.min()} to {true.max()}"
            )
        is_exact, bins = prob.dtype.itemsize <= 4, self.num_bins
        if prob.ndim == 2:
            right, prob = prob.argmax(axis=1) == true, prob.max(axis=1).astype(float)
        else:
            right, prob = true == 1, prob.astype(float)
            if self.confidence == "predicted":
                right, is_exact = right == (prob > 0.5), False
                prob = np.maximum(prob, 1 - prob)
        scaled, is_right = prob * bins, self.closed == "right"
        place = (np.ceil if is_right else np.floor)(scaled).astype(np.intp)
        if not is_exact:  # the product may be rounded onto an edge
            near = np.flatnonzero(np.abs(scaled - np.rint(scaled)) < 1e-9)
            past = np.greater if is_right else np.greater_equal
            edges = np.arange(1, bins) / bins
            place[near] = past(prob[near, None], edges).sum(axis=1) + is_right
        # one bin more than there are: for 0, or for 1
        count = np.bincount(place + (bins + 1) * right, weight, 2 * bins + 2)
        total = np.bincount(place, prob if weight is None else prob * weight, bins + 1)
        wrong, right = count.reshape(2, -1)
        sums = np.stack([wrong + right, total, right])
        inner = sums[:, 1:] if is_right else sums[:, :-1]
        inner[:, 0 if is_right else -1] += sums[:, 0 if is_right else -1]
        return inner

    def bins(self) -> dict[str, np.ndarray]:
        """Return what a reliability diagram shows.

        Returns
        -------
        dict of ndarray, shape (num_bins,)
            "count" (or weight), mean "confidence" and "accuracy" of each bin, the last
            two NaN where nothing fell.
        """
        count, confidence, right = self.sums
        with np.errstate(invalid="ignore"):
            shares = {"confidence": confidence / count, "accuracy": right / count}
        return {"count": count, **shares}

    def compute(self) -> float:
        """Return the error over everything so far.

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        ValueError
            If nothing was counted.
        """
        count, confidence, right = self.sums[:, self.sums[0] > 0]
        if not count.size:
            raise ValueError("y_true must not be empty. Received: no examples")
        gap, share = np.abs(right - confidence) / count, count / count.sum()
        values = {"l1": share @ gap, "l2": np.sqrt(share @ gap**2), "max": gap.max()}
        return float(values[self.norm])

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
        self.sums = self.sums + other.sums
        return self


def calibration_error(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    *,
    num_bins: int = 15,
    norm: str = "l1",
    closed: str = "right",
    confidence: str = "positive",
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Calibration error of one batch.

    $\mathrm{ECE} = \sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|$ over bins
    of confidence. 0 is calibrated, however bad the accuracy.

    Parameters
    ----------
    y_true : array-like, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    y_prob : array-like, shape (N,) or (N, C)
        Probability of class 1, or of each class. Not logits.
    num_bins : int
        Number of bins of equal width between 0 and 1.
    norm : {"l1", "l2", "max"}
        Mean gap (ECE), root of the mean squared gap, or largest gap (MCE).
    closed : {"right", "left"}
        Whether an edge belongs to the bin below or above it; 0 and 1 are always in.
    confidence : {"positive", "predicted"}
        Of binary probabilities: that of class 1 against how often it is true, or of the
        likelier class against how often it is right. Of several: always "predicted".
    sample_weight : array-like, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> round(calibration_error([0, 1, 1], [0.25, 0.75, 1.0], num_bins=2), 4)
    0.1667

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", 2017.
    <https://arxiv.org/abs/1706.04599>
    """
    metric = CalibrationError(
        num_bins=num_bins, norm=norm, closed=closed, confidence=confidence
    )
    metric.update(y_true, y_prob, sample_weight)
    return metric.compute()
