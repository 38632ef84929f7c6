"""Classification log: accuracy, precision, recall, F1 and matrix from one count."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["classification_log"]


def classification_log(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    average: str = "macro",
    absent: str = "nan",
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> dict[str, np.ndarray]:
    r"""Several measures of one batch, for one count.

    Each batch is counted once, in the confusion matrix $C_{ij}$ of the true class $i$
    and the predicted class $j$: it holds accuracy, precision, recall and $F_1$.

    Parameters
    ----------
    predictions : array-like of int, shape (...)
        Predicted classes, from 0 to `num_classes` - 1.
    targets : array-like of int, shape (...)
        True classes, in the same range, or `ignore_index`.
    num_classes : int
        Number of classes.
    average : {"macro", "weighted", "micro"}
        Mean over the classes, each alike or by its truths, or all counts pooled.
    absent : {"nan", "skip", "zero"}
        What 0/0 is: NaN, and so is a mean over it; NaN that a mean skips; or 0.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of ndarray of float64, shape () or (num_classes, num_classes)
        "accuracy", "f1", "precision", "recall" and "confusion_matrix", the truth going
        down.

    Examples
    --------
    >>> found = classification_log([0, 1, 1, 1], [0, 0, 0, 1], 2)
    >>> float(found["accuracy"])
    0.5

    References
    ----------
    Sokolova and Lapalme, 2009. <https://doi.org/10.1016/j.ipm.2009.03.002>
    """
    predicted, true = np.ravel(predictions), np.ravel(targets)
    weight = np.ones(len(true)) if sample_weight is None else np.ravel(sample_weight)
    weight = np.where(true == ignore_index, 0.0, weight)
    classes = range(num_classes)
    matrix = np.array(
        [
            [weight[(true == i) & (predicted == j)].sum() for j in classes]
            for i in classes
        ]
    )
    zero = 0.0 if absent == "zero" else np.nan
    names = "f1", "precision", "recall"
    tables: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for c in classes:
        hits, misses = matrix[c, c], matrix[c].sum() - matrix[c, c]
        false = matrix[:, c].sum() - hits
        tables["f1"].append((2 * hits, 2 * hits + misses + false))
        tables["precision"].append((hits, hits + false))
        tables["recall"].append((hits, hits + misses))
    accuracy = np.trace(matrix) / matrix.sum()
    found = {"accuracy": accuracy, "confusion_matrix": matrix}
    for name, table in tables.items():
        shares = matrix.sum(axis=1) if average == "weighted" else np.ones(num_classes)
        if average == "micro":
            table = [(sum(a for a, _ in table), sum(b for _, b in table))]
            shares = np.ones(1)
        pairs = [
            (a / b if b else zero, s)
            for (a, b), s in zip(table, shares, strict=True)
            if s and (b or absent != "skip")
        ]
        top, bottom = sum(v * s for v, s in pairs), sum(s for _, s in pairs)
        found[name] = np.array(top / bottom if pairs else np.nan)
    return found
