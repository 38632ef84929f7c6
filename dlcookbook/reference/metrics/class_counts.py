"""Class counts: hits, false alarms and misses of each class, without a matrix."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["class_counts"]


def class_counts(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> dict[str, np.ndarray]:
    r"""Hits, false alarms and misses of each class against all others.

    Against all other classes together, an example is for class $c$ a true positive
    ($y = \hat y = c$), a false positive ($y \ne \hat y = c$), a false negative
    ($y = c \ne \hat y$) or a true negative. The support $TP + FN$ counts the truths.

    Parameters
    ----------
    predictions : array-like of int, shape (...)
        Predicted classes, from 0 to `num_classes` - 1.
    targets : array-like of int, shape (...)
        True classes, in the same range, or `ignore_index`.
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of ndarray of float64, shape (num_classes,)
        "true_positives", "false_positives", "false_negatives", "true_negatives" and
        "support".

    Examples
    --------
    >>> class_counts([0, 1, 1], [0, 0, 1], 2)["false_negatives"]
    array([1., 0.])

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    predictions, targets = np.ravel(predictions), np.ravel(targets)
    weights = (
        np.ones(len(targets)) if sample_weight is None else np.ravel(sample_weight)
    )
    kinds = {
        (True, True): "true_positives",
        (False, True): "false_positives",
        (True, False): "false_negatives",
        (False, False): "true_negatives",
    }
    counts = {kind: np.zeros(num_classes) for kind in kinds.values()}
    for predicted, true, weight in zip(predictions, targets, weights, strict=True):
        if true != ignore_index:
            for c in range(num_classes):
                counts[kinds[true == c, predicted == c]][c] += weight
    support = counts["true_positives"] + counts["false_negatives"]
    return counts | {"support": support}
