"""Classification report: every class and the means, as numbers, text or picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["classification_report"]


def classification_report(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    class_names: Sequence[str] | None = None,
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> dict[str, Any]:
    r"""Classification report, one class after another.

    With $TP$ hits, $FP$ false alarms and $FN$ misses, precision is $TP / (TP + FP)$,
    recall $TP / (TP + FN)$ and $F_1$ their harmonic mean $2 TP / (2 TP + FP + FN)$;
    the support $TP + FN$ counts the truths. "macro avg" is the mean over the classes,
    "weighted avg" the mean over the examples: its recall is the accuracy.

    Parameters
    ----------
    predictions : array-like of int, shape (...)
        Predicted classes, from 0 to `num_classes` - 1.
    targets : array-like of int, shape (...)
        True classes, in the same range, or `ignore_index`.
    num_classes : int
        Number of classes.
    class_names : sequence of str, optional
        What the classes are called, each by another name. None numbers them.
    absent : {"nan", "skip", "zero"}
        What 0/0 is, the precision of a class never predicted, say: NaN, and so is a
        mean over it; NaN that a mean leaves out; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict
        By class name, and by "macro avg" and "weighted avg", a dict of "precision",
        "recall", "f1-score" and "support"; by "accuracy" a float.

    Examples
    --------
    >>> report = classification_report([0, 1, 1, 1], [0, 0, 0, 1], 2)
    >>> float(report["accuracy"]), float(report["1"]["recall"])
    (0.5, 1.0)

    References
    ----------
    Sokolova and Lapalme, "A systematic analysis of performance measures for
    classification tasks", 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    predicted, true = np.ravel(predictions), np.ravel(targets)
    weight = np.ones(len(true)) if sample_weight is None else np.ravel(sample_weight)
    weight = np.where(true == ignore_index, 0.0, weight)
    zero = 0.0 if absent == "zero" else np.nan
    report: dict[str, Any] = {}
    for c in range(num_classes):
        hits = weight[(true == c) & (predicted == c)].sum()
        taken, support = weight[predicted == c].sum(), weight[true == c].sum()
        report[str(class_names[c] if class_names else c)] = {
            "precision": hits / taken if taken else zero,
            "recall": hits / support if support else zero,
            "f1-score": 2 * hits / (taken + support) if taken + support else zero,
            "support": support,
        }
    rows = list(report.values())
    report["accuracy"] = weight[true == predicted].sum() / weight.sum()
    weights = [1.0] * num_classes, [row["support"] for row in rows]
    for name, shares in zip(("macro", "weighted"), weights, strict=True):
        report[f"{name} avg"] = {"support": weight.sum()}
        for head in ("precision", "recall", "f1-score"):
            pairs = [(r[head], s) for r, s in zip(rows, shares, strict=True) if s]
            if absent == "skip":
                pairs = [pair for pair in pairs if not np.isnan(pair[0])]
            top, bottom = sum(v * s for v, s in pairs), sum(s for _, s in pairs)
            report[f"{name} avg"][head] = top / bottom if bottom else np.nan
    return report
