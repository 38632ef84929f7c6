"""Average precision: the mean precision at which the positives are found."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["average_precision"]


def average_precision(
    scores: ArrayLike,
    targets: ArrayLike,
    *,
    absent: str = "nan",
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Average precision, threshold after threshold.

    $\mathrm{AP} = \sum_k (R_k - R_{k-1}) P_k$ with the recall $R_k$ and the precision
    $P_k$ of calling positive what scores at least the k-th highest score.

    Parameters
    ----------
    scores : array-like, shape (...)
        Higher for what looks positive.
    targets : array-like, shape (...)
        1 for a positive, 0 for a negative.
    absent : {"nan", "raise"}
        Of no meaning here: NaN where positives are missing.
    sample_weight : array-like, shape (...), optional
        What an example counts.

    Returns
    -------
    float
        From 0 to 1, or NaN.

    Examples
    --------
    >>> round(average_precision([0.9, 0.4, 0.4, 0.1], [1, 0, 1, 0]), 4)
    0.8333

    References
    ----------
    Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", 2010, section
    4.2. <https://doi.org/10.1007/s11263-009-0275-4>
    """
    scores, targets = np.ravel(scores), np.ravel(targets)
    weights = np.ones(len(scores)) if sample_weight is None else np.ravel(sample_weight)
    positives = weights[targets == 1].sum()
    if not positives:
        return float("nan")
    area = recall_before = 0.0
    for threshold in sorted(set(scores[weights > 0]), reverse=True):
        taken = scores >= threshold
        found = weights[taken & (targets == 1)].sum()
        recall, precision = found / positives, found / weights[taken].sum()
        area += (recall - recall_before) * precision
        recall_before = recall
    return float(area)
