"""Calibration error: how far the confidence of a model is from its accuracy."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["calibration_error"]


def calibration_error(
    probabilities: ArrayLike,
    targets: ArrayLike,
    *,
    num_bins: int = 15,
    norm: str = "l1",
    closed: str = "right",
    confidence: str = "positive",
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Calibration error, bin after bin.

    $\mathrm{ECE} = \sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|$ over bins
    of confidence. 0 is calibrated, however bad the accuracy.

    Parameters
    ----------
    probabilities : array-like, shape (N,) or (N, C)
        Probability of class 1, or of each class. Not logits.
    targets : array-like, shape (N,)
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
    sample_weight : array-like, shape (N,), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> round(calibration_error([0.25, 0.75, 1.0], [0, 1, 1], num_bins=2), 4)
    0.1667

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", 2017.
    <https://arxiv.org/abs/1706.04599>
    """
    probabilities = np.asarray(probabilities, float)
    targets, sizes, gaps = np.asarray(targets), [], []
    weights = (
        np.ones(len(targets)) if sample_weight is None else np.asarray(sample_weight)
    )
    members: list[list] = [[] for _ in range(num_bins)]
    for p, true, weight in zip(probabilities, targets, weights, strict=True):
        sure, right = p, true == 1
        if p.ndim or confidence == "predicted":
            each = p if p.ndim else np.array([1 - p, p])
            sure, right = max(each), list(each).index(max(each)) == true
        for k in range(num_bins):
            low, high = k / num_bins, (k + 1) / num_bins
            inside = low < sure <= high or sure == k == 0
            if closed == "left":
                inside = low <= sure < high or sure == high == 1
            if inside:
                members[k].append((weight, weight * sure, weight * right))
    for examples in members:
        size, sure, right = np.sum(examples or [(0, 0, 0)], axis=0)
        if size:
            sizes.append(size)
            gaps.append(abs(right - sure) / size)
    power = {"l1": 1, "l2": 2, "max": np.inf}[norm]
    if power == np.inf:
        return float(max(gaps))
    return float(np.average(np.power(gaps, power), weights=sizes) ** (1 / power))
