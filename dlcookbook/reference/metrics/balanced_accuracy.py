"""Balanced accuracy: the mean recall of the classes, whatever their sizes."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["balanced_accuracy"]


def balanced_accuracy(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    absent: str = "nan",
    adjusted: bool = False,
    ignore_index: int | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.float64:
    r"""Balanced accuracy of one batch.

    The mean over the classes of the share of their examples that is found. A model that
    always says the same gets $1 / C$ with $C$ classes, however frequent that one is.

    Parameters
    ----------
    predictions : array-like of int, shape (...)
        Predicted classes, from 0 to `num_classes` - 1.
    targets : array-like of int, shape (...)
        True classes, in the same range, or `ignore_index`.
    num_classes : int
        Number of classes.
    absent : {"nan", "skip", "zero"}
        What the recall 0/0 of a class without examples is: NaN, and so is the mean;
        NaN that the mean leaves out; or 0.
    adjusted : bool
        True to move chance, $1 / C$, to 0 and leave perfect at 1.
    ignore_index : int, optional
        Target to leave out, such as 255 at the border of objects.
    sample_weight : array-like, shape (...), optional
        What an example counts, >= 0. None counts each once.

    Returns
    -------
    float64
        From 0 to 1, or less if adjusted; NaN as `absent` says.

    Examples
    --------
    >>> round(float(balanced_accuracy([0, 1, 1, 1], [0, 0, 1, 1], 2)), 4)
    0.75

    References
    ----------
    Brodersen et al., "The balanced accuracy and its posterior distribution", 2010.
    <https://doi.org/10.1109/ICPR.2010.764>
    """
    predicted, true = np.ravel(predictions), np.ravel(targets)
    weight = np.ones(len(true)) if sample_weight is None else np.ravel(sample_weight)
    weight = np.where(true == ignore_index, 0.0, weight)
    recalls = []
    for c in range(num_classes):
        support = weight[true == c].sum()
        if support:
            recalls.append(weight[(true == c) & (predicted == c)].sum() / support)
        elif absent != "skip":
            recalls.append(0.0 if absent == "zero" else np.nan)
    value, chance = np.mean(recalls), 1 / len(recalls)
    return (value - chance) / (1 - chance) if adjusted else value
