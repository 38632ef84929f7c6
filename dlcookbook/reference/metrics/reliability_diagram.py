"""Reliability diagram: how often it comes true, bin by bin of what the model says."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["reliability_diagram"]


def reliability_diagram(
    probabilities: ArrayLike, targets: ArrayLike, *, num_bins: int = 10
) -> dict[str, np.ndarray]:
    r"""Numbers of a reliability diagram, bin after bin.

    Of the examples whose confidence is in $(k / B, (k + 1) / B]$, the first bin with 0:
    how many there are, their mean confidence, and the share of them that came true.

    Parameters
    ----------
    probabilities : array-like, shape (N,) or (N, C)
        Probability of class 1, or of each class.
    targets : array-like, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    num_bins : int
        Number of bins.

    Returns
    -------
    dict of ndarray, shape (num_bins,)
        "count", "confidence" and "accuracy" of each bin.

    Examples
    --------
    >>> bins = reliability_diagram([0.25, 0.5, 0.75, 1.0], [0, 1, 1, 1], num_bins=2)
    >>> bins["accuracy"]
    array([0.5, 1. ])

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", 2017, figure 1.
    <https://arxiv.org/abs/1706.04599>
    """
    pairs = []
    rows = np.asarray(probabilities, float), np.asarray(targets)
    for p, true in zip(*rows, strict=True):
        scores = list(p) if p.ndim else [1 - p, p]
        said = scores.index(max(scores)) if p.ndim else 1
        pairs.append((scores[said], said == true))
    bins = []
    for k in range(num_bins):
        inside = [
            (p, right)
            for p, right in pairs
            if k / num_bins < p <= (k + 1) / num_bins or p == k == 0
        ]
        means = np.mean(inside, axis=0) if inside else (np.nan, np.nan)
        bins.append((len(inside), *means))
    return dict(zip(("count", "confidence", "accuracy"), np.array(bins).T, strict=True))
