"""Confusion matrix: how often each class was taken for which."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["confusion_matrix"]


def confusion_matrix(
    predictions: ArrayLike,
    targets: ArrayLike,
    num_classes: int,
    *,
    ignore_index: int | None = None,
    normalize: str | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    r"""Confusion matrix, one example after another.

    $C_{ij}$ counts the examples of class $i$ that were taken for class $j$: the truth
    goes down, the prediction across. A perfect model fills the diagonal alone.

    Parameters
    ----------
    predictions : array-like of int, shape (...)
        Predicted classes, from 0 to `num_classes` - 1.
    targets : array-like of int, shape (...)
        True classes, in the same range, or `ignore_index`.
    num_classes : int
        Number of classes.
    ignore_index : int, optional
        Target to leave out.
    normalize : {"true", "pred", "all"}, optional
        Divide by the sum of the row, of the column or of all.
    sample_weight : array-like, shape (...), optional
        What an example counts.

    Returns
    -------
    ndarray of float64, shape (num_classes, num_classes)
        The counts, or shares; NaN where a sum to divide by is 0.

    Examples
    --------
    >>> confusion_matrix([0, 1, 1], [0, 0, 1], 2)
    array([[1., 1.],
           [0., 1.]])

    References
    ----------
    Stehman, "Selecting and Interpreting Measures of Thematic Classification
    Accuracy", 1997. <https://doi.org/10.1016/S0034-4257(97)00083-7>
    """
    predictions, targets = np.ravel(predictions), np.ravel(targets)
    weights = (
        np.ones(len(targets)) if sample_weight is None else np.ravel(sample_weight)
    )
    matrix = np.zeros((num_classes, num_classes))
    for predicted, true, weight in zip(predictions, targets, weights, strict=True):
        if true != ignore_index:
            matrix[true, predicted] += weight
    axis = {None: (), "true": (1,), "pred": (0,), "all": (0, 1)}[normalize]
    with np.errstate(invalid="ignore"):
        return matrix / matrix.sum(axis=axis, keepdims=True) if axis else matrix
