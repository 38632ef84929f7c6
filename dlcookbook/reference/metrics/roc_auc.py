"""ROC-AUC: how often a positive scores higher than a negative."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["roc_auc"]


def roc_auc(
    scores: ArrayLike,
    targets: ArrayLike,
    *,
    absent: str = "nan",
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Area under the ROC curve, pair after pair.

    Of all pairs of a positive and a negative, the share in which the positive scores
    higher; equal scores are half a win.

    Parameters
    ----------
    scores : array-like, shape (...)
        Higher for what looks positive.
    targets : array-like, shape (...)
        1 for a positive, 0 for a negative.
    absent : {"nan", "raise"}
        Of no meaning here: NaN where positives or negatives are missing.
    sample_weight : array-like, shape (...), optional
        What an example counts.

    Returns
    -------
    float
        From 0 to 1, or NaN.

    Examples
    --------
    >>> roc_auc([0.9, 0.4, 0.4, 0.1], [1, 0, 1, 0])
    0.875

    References
    ----------
    Hanley and McNeil, "The Meaning and Use of the Area under a Receiver Operating
    Characteristic (ROC) Curve", 1982. <https://doi.org/10.1148/radiology.143.1.7063747>
    """
    scores, targets = np.ravel(scores), np.ravel(targets)
    weights = np.ones(len(scores)) if sample_weight is None else np.ravel(sample_weight)
    won = pairs = 0.0
    for i in np.flatnonzero(targets == 1):
        for j in np.flatnonzero(targets == 0):
            weight = weights[i] * weights[j]
            pairs += weight
            if scores[i] >= scores[j]:
                won += weight if scores[i] > scores[j] else weight / 2
    return float(won / pairs) if pairs else float("nan")
