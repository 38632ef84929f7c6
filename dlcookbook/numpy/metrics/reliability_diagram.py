"""Reliability diagram: how often it comes true, bin by bin of what the model says."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["reliability_diagram"]


def reliability_diagram(
    y_true: ArrayLike, y_prob: ArrayLike, axes: Any = None, *, num_bins: int = 10
) -> dict[str, np.ndarray]:
    r"""Reliability diagram: always as numbers, and drawn where axes are given.

    A bar is the accuracy of a bin of confidence, the red one on it the gap to the mean
    confidence, the number above how many examples fell there. Calibrated probabilities
    lie on the diagonal: $P(y \mid \hat p = p) = p$.

    Parameters
    ----------
    y_true : array-like, shape (N,)
        0 or 1, or classes from 0 to C - 1.
    y_prob : array-like, shape (N,) or (N, C)
        Probability of class 1, or of each class, of which the likeliest counts. Not
        logits.
    axes : matplotlib.axes.Axes, optional
        Where to draw, such as `pyplot.subplots()[1]`. None draws nothing.
    num_bins : int
        Number of bins of equal width between 0 and 1; an edge is of the bin below it.

    Returns
    -------
    dict of ndarray, shape (num_bins,)
        "count", mean "confidence" and "accuracy" of each bin, which are drawn; the last
        two are NaN where nothing fell.

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no example, a target is no class, a
        probability is outside [0, 1] or NaN, or `num_bins` is less than 1.

    Examples
    --------
    >>> bins = reliability_diagram([0, 1, 1, 1], [0.25, 0.5, 0.75, 1.0], num_bins=2)
    >>> bins["accuracy"], bins["confidence"]
    (array([0.5, 1. ]), array([0.375, 0.875]))

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", 2017, figure 1.
    <https://arxiv.org/abs/1706.04599>
    """
    true, prob = np.asarray(y_true), np.asarray(y_prob, float)
    if num_bins < 1:
        raise ValueError(f"num_bins must be >= 1. Received: {num_bins}")
    if not true.shape == prob.shape[:1] != (0,) or prob.ndim not in (1, 2):
        raise ValueError(
            "y_true must have shape (N,), y_prob (N,) or (N, C), N >= 1. "
            f"Received: {true.shape}, {prob.shape}"
        )
    if not 0 <= prob.min() <= prob.max() <= 1:
        low, high = prob.min(), prob.max()
        raise ValueError(f"y_prob must be in [0, 1]. Received: {low} to {high}")
    sure, said = prob, 1
    if prob.ndim == 2:
        sure, said = prob.max(axis=1), prob.argmax(axis=1)
    if not np.isin(true, np.arange(max(prob.shape[1:], default=2))).all():
        raise ValueError(f"y_true must be classes from 0. Received: {true}")
    edges = np.arange(num_bins) / num_bins
    place = edges[1:].searchsorted(sure)
    count = np.bincount(place, minlength=num_bins)
    sums = (np.bincount(place, x, num_bins) for x in (sure, true == said))
    with np.errstate(invalid="ignore"):
        confidence, accuracy = (x / count for x in sums)
    if axes is not None:
        some, size = count > 0, 1 / num_bins
        left, right, gap = edges[some], accuracy[some], (confidence - accuracy)[some]
        style = {"align": "edge", "edgecolor": "black"}
        axes.bar(left, right, size, color="tab:blue", label="accuracy", **style)
        axes.bar(left, gap, size, right, color="#d627287f", label="gap", **style)
        tops = np.maximum(right, right + gap)
        for x, y, n in np.stack([left, tops, count[some]], axis=1):
            axes.text(x + size / 2, y + 0.01, f"{n:.0f}", ha="center", fontsize="small")
        axes.plot([0, 1], [0, 1], "--", color="black", label="calibrated")
        axes.set(xlim=(0, 1), ylim=(0, 1.06), xlabel="confidence", ylabel="accuracy")
        axes.set_title(f"calibration error {abs(gap) @ count[some] / len(true):.3f}")
        axes.legend(loc="upper left")
    return {"count": count, "confidence": confidence, "accuracy": accuracy}
