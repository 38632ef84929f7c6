"""Precision, recall, F-beta and specificity, of each class or averaged."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["precision_recall"]


def precision_recall(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    average: str | None = "macro",
    beta: float = 1.0,
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> dict[str, np.ndarray]:
    r"""Precision, recall, F-beta and specificity of one batch.

    With $TP$ hits, $FP$ false alarms, $FN$ misses and $TN$ others, precision is
    $TP / (TP + FP)$, recall $TP / (TP + FN)$, specificity $TN / (TN + FP)$, and
    $F_\beta = (1 + \beta^2) TP / ((1 + \beta^2) TP + \beta^2 FN + FP)$. The weighted
    mean of recall, and all means "micro" but that of specificity, are the accuracy.

    Parameters
    ----------
    predictions : array-like of int, shape (...)
        Predicted classes, from 0 to `num_classes` - 1.
    targets : array-like of int, shape (...)
        True classes, in the same range, or `ignore_index`.
    num_classes : int
        Number of classes.
    average : {"macro", "weighted", "micro"}, optional
        Mean over the classes, each alike ("macro") or by its truths ("weighted"), or
        the measure of all counts pooled ("micro"). None gives one value per class.
    beta : float
        What recall is worth against precision, > 0: 2 doubles it.
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of ndarray of float64, shape () or (num_classes,)
        "f_beta", "precision", "recall" and "specificity".

    Examples
    --------
    >>> precision_recall([0, 1, 1, 1], [0, 0, 0, 1], 2, average=None)["recall"].round(4)
    array([0.3333, 1.    ])

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    predictions, targets = np.ravel(predictions), np.ravel(targets)
    weight = np.ones(len(targets)) if sample_weight is None else np.ravel(sample_weight)
    table = np.zeros((num_classes, 4))
    for predicted, true, w in zip(predictions, targets, weight, strict=True):
        for c in range(num_classes if true != ignore_index else 0):
            table[c, 2 * (true == c) + (predicted == c)] += w
    if average == "micro":
        table = table.sum(axis=0, keepdims=True)
    tn, fp, fn, tp = table.T
    share = tp + fn if average == "weighted" else np.ones(len(table))
    weighted, zero = (1 + beta**2) * tp, 0.0 if absent == "zero" else np.nan
    found = {}
    for name, top, bottom in (
        ("precision", tp, tp + fp),
        ("recall", tp, tp + fn),
        ("f_beta", weighted, weighted + beta**2 * fn + fp),
        ("specificity", tn, tn + fp),
    ):
        values = np.divide(top, bottom, np.full(len(top), zero), where=bottom > 0)
        keep = (share > 0) & ((bottom > 0) | (absent != "skip"))
        mean = np.average(values[keep], weights=share[keep]) if keep.any() else zero
        found[name] = values if average is None else np.array(mean)
    return found
