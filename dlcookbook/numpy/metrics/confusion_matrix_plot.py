"""Confusion matrix as a picture: counts, and the share of each row, in every cell."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["draw_confusion_matrix"]


def draw_confusion_matrix(
    matrix: ArrayLike, axes: Any = None, *, class_names: Sequence[str] | None = None
) -> np.ndarray:
    r"""Draw a confusion matrix, and return the shares that colour its cells.

    $C_{ij} / \sum_k C_{ik}$: of the examples of class $i$, the share that was taken for
    class $j$. Rows add up to 1, so that a rare class is as visible as a frequent one;
    the diagonal is the recall. Each cell tells its count and its share.

    Parameters
    ----------
    matrix : array-like, shape (C, C)
        Counts, or weights: truths down, predictions across, as `confusion_matrix` gives
        them. A picture of more than some 30 classes cannot be read.
    axes : matplotlib.axes.Axes, optional
        Where to draw, such as `pyplot.subplots()[1]`. None draws nothing.
    class_names : sequence of str, optional
        What the classes are called. None numbers them.

    Returns
    -------
    ndarray of float64, shape (C, C)
        Share of each cell in its row, NaN for a class that is never true.

    Raises
    ------
    ValueError
        If `matrix` is not square, or a count negative or not finite, or `class_names`
        are not as many as classes.

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
    counts = np.asarray(matrix)
    if counts.ndim != 2 or not counts.shape[0] == counts.shape[1] > 0:
        raise ValueError(f"matrix must be square. Received: {counts.shape}")
    if not 0 <= counts.min() <= counts.max() < np.inf:
        low, high = counts.min(), counts.max()
        raise ValueError(f"matrix must hold counts. Received: {low} to {high}")
    names = [
        str(x) for x in (range(len(counts)) if class_names is None else class_names)
    ]
    if len(names) != len(counts):
        raise ValueError(f"class_names must be {len(counts)}. Received: {len(names)}")
    with np.errstate(invalid="ignore"):
        shares = counts / counts.sum(axis=1, keepdims=True, dtype=float)
    if axes is not None:
        axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
        for (row, column), share in np.ndenumerate(shares):
            count = counts[row, column]
            text = f"{count:,}" if counts.dtype.kind in "iu" else f"{count:.4g}"
            text += "" if np.isnan(share) else f"\n{share:.0%}"
            # as far from the blue below as it can be
            style = {"ha": "center", "color": "white" if share > 0.72 else "black"}
            axes.text(column, row, text, va="center", **style)
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.set(xlabel="predicted", ylabel="true")
    return shares
