"""Confusion matrix as a picture: counts, and the share of each row, in every cell."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["draw_confusion_matrix"]


def draw_confusion_matrix(
    matrix: ArrayLike, *, class_names: Sequence[str] | None = None
) -> np.ndarray:
    r"""Shares that colour the cells of a drawn confusion matrix, row after row.

    $C_{ij} / \sum_k C_{ik}$, the share of class $i$ that was taken for class $j$.

    Parameters
    ----------
    matrix : array-like, shape (C, C)
        Counts: truths down, predictions across.
    class_names : sequence of str, optional
        What the classes are called; the shares do not depend on it.

    Returns
    -------
    ndarray of float64, shape (C, C)
        Share of each cell in its row, NaN for a class that is never true.

    Examples
    --------
    >>> draw_confusion_matrix([[8, 2], [1, 3]])
    array([[0.8 , 0.2 ],
           [0.25, 0.75]])

    References
    ----------
    Stehman, "Selecting and Interpreting Measures of Thematic Classification
    Accuracy", 1997. <https://doi.org/10.1016/S0034-4257(97)00083-7>
    """
    rows = [[float(x) for x in row] for row in np.asarray(matrix)]
    totals = [sum(row) for row in rows]
    return np.array(
        [
            [x / total if total else np.nan for x in row]
            for row, total in zip(rows, totals, strict=True)
        ]
    )
