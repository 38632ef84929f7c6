"""Multilabel measures: precision, recall, F1, exact matches, wrong labels."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["multilabel"]


def multilabel(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_labels: int,
    *,
    threshold: float | None = None,
    at_threshold: str = "positive",
    average: str | None = "macro",
    absent: str = "nan",
    sample_weight: ArrayLike | None = None,
) -> dict[str, np.ndarray]:
    r"""Multilabel measures of one batch.

    With $TP$ hits, $FP$ false alarms and $FN$ misses, precision is $TP / (TP + FP)$,
    recall $TP / (TP + FN)$ and $F_1 = 2 TP / (2 TP + FP + FN)$. The subset accuracy is
    the share of examples without a fault, the Hamming loss the share of wrong labels.

    Parameters
    ----------
    predictions : array-like, shape (batch, num_labels, ...)
        Decisions, 0 or 1, or scores if there is a `threshold`.
    targets : array-like, shape (batch, num_labels, ...)
        1 where an example has the label, 0 where not.
    num_labels : int
        Number of labels.
    threshold : float, optional
        Score from which on a label is given. None says that decisions come in, 0 or 1.
    at_threshold : {"positive", "negative"}
        What a score equal to `threshold` is: given (>=) or not (>).
    average : {"macro", "weighted", "micro", "samples"}, optional
        Mean over the labels, each alike or by its truths, all counts pooled, or the
        mean over the examples. None gives one value per label.
    absent : {"nan", "skip", "zero"}
        What 0/0 is: NaN, and so is a mean over it; NaN that a mean skips; or 0.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    dict of ndarray of float64, shape () or (num_labels,)
        "f1", "hamming_loss", "precision", "recall" and "subset_accuracy".

    Examples
    --------
    >>> found = multilabel([[0.9, 0.5], [0.2, 0.7]], [[1, 0], [1, 1]], 2, threshold=0.5)
    >>> float(found["hamming_loss"])
    0.5

    References
    ----------
    Zhang and Zhou, 2014. <https://doi.org/10.1109/TKDE.2013.39>
    """
    given, true = (
        np.moveaxis(np.asarray(x, np.float64), 1, -1).reshape(-1, num_labels)
        for x in (predictions, targets)
    )
    weight = np.ones(len(true)) if sample_weight is None else np.ravel(sample_weight)
    if threshold is not None:
        tie = (given == threshold) & (at_threshold == "positive")
        given = np.where((given > threshold) | tie, 1.0, 0.0)
    w = weight[:, None]
    # hits, false alarms and misses, (examples, labels)
    cells = np.stack([w * true * given, w * (1 - true) * given, w * true * (1 - given)])
    found = {
        "hamming_loss": (w * (true != given)).sum() / (weight.sum() * num_labels),
        "subset_accuracy": (weight * (true == given).all(axis=1)).sum() / weight.sum(),
    }
    axis = {"samples": (2,), "micro": (1, 2)}.get(str(average), (1,))
    hits, false, missed = (np.atleast_1d(x) for x in cells.sum(axis=axis))
    alike, zero = np.ones(len(hits)), 0.0 if absent == "zero" else np.nan
    shares = {"samples": weight, "weighted": hits + missed}.get(str(average), alike)
    for name, top, bottom in (
        ("f1", 2 * hits, 2 * hits + false + missed),
        ("precision", hits, hits + false),
        ("recall", hits, hits + missed),
    ):
        values = np.divide(top, bottom, np.full(len(top), zero), where=bottom > 0)
        keep = (shares > 0) & ((bottom > 0) | (absent != "skip"))
        mean = np.average(values[keep], weights=shares[keep]) if keep.any() else zero
        found[name] = values if average is None else np.array(mean)
    return found
