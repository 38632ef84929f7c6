"""Accuracy and top-k accuracy from scores, with a rule for equal scores."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["accuracy", "top_k_accuracy"]


def accuracy(
    scores: ArrayLike,
    targets: ArrayLike,
    *,
    ties: str = "fraction",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.float64:
    r"""Accuracy of one batch.

    An example counts if no class has a higher score than the true one. A model that
    gives all $C$ classes one score gets $1 / C$, as guessing does, and one that gives
    NaN gets an error instead of the share of class 0.

    Parameters
    ----------
    scores : array-like, shape (batch, num_classes, ...)
        Logits or probabilities.
    targets : array-like of int, shape (batch, ...)
        True classes, or `ignore_index`.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float64
        From 0 to 1.

    Examples
    --------
    >>> float(accuracy([[0.1, 0.6, 0.3], [0.5, 0.3, 0.2]], [1, 2]))
    0.5

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """
    return top_k_accuracy(
        scores,
        targets,
        1,
        ties=ties,
        ignore_index=ignore_index,
        sample_weight=sample_weight,
    )


def top_k_accuracy(
    scores: ArrayLike,
    targets: ArrayLike,
    k: int,
    *,
    ties: str = "fraction",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.float64:
    r"""Top-k accuracy of one batch.

    An example counts if its true class is among the $k$ highest scores. Its place is
    the number of classes with a higher score, and nothing is sorted. A model that gives
    all $C$ classes one score gets $k / C$, as guessing does.

    Parameters
    ----------
    scores : array-like, shape (batch, num_classes, ...)
        Logits or probabilities.
    targets : array-like of int, shape (batch, ...)
        True classes, or `ignore_index`.
    k : int
        How many of the highest scores are looked at.
    ties : {"fraction", "pessimistic", "optimistic"}
        Which place the true class gets among equal scores: any of theirs, which counts
        the share of them within the first k; the last; or the first.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float64
        From 0 to 1.

    Examples
    --------
    >>> float(top_k_accuracy([[0.1, 0.6, 0.3], [0.5, 0.3, 0.2]], [2, 2], 2))
    0.5

    References
    ----------
    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", 2015.
    <https://arxiv.org/abs/1409.0575>
    """
    scores = np.moveaxis(np.asarray(scores, np.float64), 1, -1)
    targets = np.asarray(targets)
    weights = np.ones(targets.shape) if sample_weight is None else sample_weight
    found = total = np.float64(0)
    for true, row, weight in zip(
        targets.ravel(),
        scores.reshape(targets.size, -1),
        np.ravel(weights),
        strict=True,
    ):
        if true == ignore_index:
            continue
        first = sum(score > row[true] for score in row)
        places = first + np.arange(sum(score == row[true] for score in row))
        inside = places < k
        hit = {
            "fraction": inside.mean(),
            "pessimistic": inside[-1],
            "optimistic": inside[0],
        }
        found, total = found + weight * hit[ties], total + weight
    return found / total
