"""Precision, recall, F-beta and specificity, of each class or averaged."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "f_beta",
    "precision",
    "precision_recall",
    "recall",
    "specificity",
]


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
    weights = (
        np.ones(len(targets)) if sample_weight is None else np.ravel(sample_weight)
    )
    table = np.zeros((num_classes, 4))
    for predicted, true, weight in zip(predictions, targets, weights, strict=True):
        for c in range(num_classes if true != ignore_index else 0):
            table[c, 2 * (true == c) + (predicted == c)] += weight
    support = table[:, 2] + table[:, 3]
    rows = [table.sum(axis=0)] if average == "micro" else table
    zero = 0.0 if absent == "zero" else np.nan
    values: dict[str, list[float]] = {}
    for tn, fp, fn, tp in rows:
        weighted = (1 + beta**2) * tp
        for name, top, bottom in (
            ("precision", tp, tp + fp),
            ("recall", tp, tp + fn),
            ("f_beta", weighted, weighted + beta**2 * fn + fp),
            ("specificity", tn, tn + fp),
        ):
            values.setdefault(name, []).append(top / bottom if bottom else zero)
    if average in ("micro", None):
        return {
            name: np.squeeze(found) if average else np.array(found)
            for name, found in values.items()
        }
    means = {}
    for name, found in values.items():
        share = support if average == "weighted" else np.ones(num_classes)
        pairs = [
            (v, w)
            for v, w in zip(found, share, strict=True)
            if w > 0 and not (absent == "skip" and np.isnan(v))
        ]
        means[name] = np.array(
            sum(v * w for v, w in pairs) / sum(w for _, w in pairs) if pairs else np.nan
        )
    return means


def precision(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    average: str | None = "macro",
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""Precision: how many predictions of a class are right.

    $TP / (TP + FP)$: 1 says that no false alarm was raised, not that none was
    missed.

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
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    ndarray of float64, shape () or (num_classes,)
        From 0 to 1; NaN as `absent` says.

    Examples
    --------
    >>> round(float(precision([0, 1, 1, 1], [0, 0, 0, 1], 2)), 4)
    0.6667

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    found = precision_recall(
        predictions,
        targets,
        num_classes,
        average=average,
        absent=absent,
        ignore_index=ignore_index,
        sample_weight=sample_weight,
    )
    return found["precision"]


def recall(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    average: str | None = "macro",
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""Recall: how many examples of a class are found.

    $TP / (TP + FN)$, also sensitivity; the weighted mean over the classes is the
    accuracy.

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
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    ndarray of float64, shape () or (num_classes,)
        From 0 to 1; NaN as `absent` says.

    Examples
    --------
    >>> round(float(recall([0, 1, 1, 1], [0, 0, 0, 1], 2)), 4)
    0.6667

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    found = precision_recall(
        predictions,
        targets,
        num_classes,
        average=average,
        absent=absent,
        ignore_index=ignore_index,
        sample_weight=sample_weight,
    )
    return found["recall"]


def f_beta(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    average: str | None = "macro",
    beta: float = 1.0,
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""F-beta score: precision and recall in one number.

    $(1 + \beta^2) TP / ((1 + \beta^2) TP + \beta^2 FN + FP)$; $F_1$ is their
    harmonic mean.

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
    ndarray of float64, shape () or (num_classes,)
        From 0 to 1; NaN as `absent` says.

    Examples
    --------
    >>> round(float(f_beta([0, 1, 1, 1], [0, 0, 0, 1], 2)), 4)
    0.5

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    found = precision_recall(
        predictions,
        targets,
        num_classes,
        average=average,
        beta=beta,
        absent=absent,
        ignore_index=ignore_index,
        sample_weight=sample_weight,
    )
    return found["f_beta"]


def specificity(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    average: str | None = "macro",
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""Specificity: how many examples of other classes are not taken for this one.

    $TN / (TN + FP)$: with many classes close to 1 whatever the model does.

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
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    ndarray of float64, shape () or (num_classes,)
        From 0 to 1; NaN as `absent` says.

    Examples
    --------
    >>> round(float(specificity([0, 1, 1, 1], [0, 0, 0, 1], 2)), 4)
    0.6667

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    found = precision_recall(
        predictions,
        targets,
        num_classes,
        average=average,
        absent=absent,
        ignore_index=ignore_index,
        sample_weight=sample_weight,
    )
    return found["specificity"]
