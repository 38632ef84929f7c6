"""Hausdorff distance of masks: 95th percentile, maximum and mean over borders."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["average_surface_distance", "hausdorff95", "hausdorff_distance"]


def hausdorff95(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    spacing: float | Sequence[float] = 1.0,
    empty: str = "nan",
) -> np.ndarray:
    r"""95% Hausdorff distance of masks: how far apart borders lie but for outliers.

    $\max(P_{95}\{d(a, \partial B)\}, P_{95}\{d(b, \partial A)\})$ over the border
    pixels $a$ of one mask and $b$ of the other, each direction on its own, interpolated
    linearly. Equal masks give 0.

    Parameters
    ----------
    predictions : array-like, shape (N, ...)
        Predicted masks of 0 and 1.
    targets : array-like, shape (N, ...)
        True masks of 0 and 1.
    spacing : float or sequence of float
        Size of a pixel, or along each axis, such as millimetres of a scan.
    empty : {"nan", "zero"}
        Distance of two masks without a pixel. If one alone has none, it is infinite.

    Returns
    -------
    ndarray of float64, shape (N,)
        One distance per image, in the unit of `spacing`.

    Examples
    --------
    >>> hausdorff95([[[1, 0, 0, 0]]], [[[1, 1, 1, 0]]])
    array([1.9])

    References
    ----------
    Taha and Hanbury, "Metrics for Evaluating 3D Medical Image Segmentation", 2015.
    <https://doi.org/10.1186/s12880-015-0068-x>
    """
    pairs = _both(predictions, targets, spacing, empty)
    return np.array([max(_percentile(a), _percentile(b)) for a, b in pairs], float)


def hausdorff_distance(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    spacing: float | Sequence[float] = 1.0,
    empty: str = "nan",
) -> np.ndarray:
    r"""Hausdorff distance of masks: how far apart their borders lie at worst.

    $\max(\max_a d(a, \partial B), \max_b d(b, \partial A))$ over the border pixels $a$
    of one mask and $b$ of the other. Equal masks give 0; a single wrong pixel decides.

    Parameters
    ----------
    predictions : array-like, shape (N, ...)
        Predicted masks of 0 and 1.
    targets : array-like, shape (N, ...)
        True masks of 0 and 1.
    spacing : float or sequence of float
        Size of a pixel, or along each axis, such as millimetres of a scan.
    empty : {"nan", "zero"}
        Distance of two masks without a pixel. If one alone has none, it is infinite.

    Returns
    -------
    ndarray of float64, shape (N,)
        One distance per image, in the unit of `spacing`.

    Examples
    --------
    >>> hausdorff_distance([[[1, 0, 0, 0]]], [[[1, 1, 1, 0]]])
    array([2.])

    References
    ----------
    Taha and Hanbury, "Metrics for Evaluating 3D Medical Image Segmentation", 2015.
    <https://doi.org/10.1186/s12880-015-0068-x>
    """
    pairs = _both(predictions, targets, spacing, empty)
    return np.array([max(*a, *b) for a, b in pairs], float)


def average_surface_distance(
    predictions: ArrayLike,
    targets: ArrayLike,
    *,
    spacing: float | Sequence[float] = 1.0,
    empty: str = "nan",
) -> np.ndarray:
    r"""Average symmetric surface distance of masks: how far apart their borders lie.

    The mean of $d(a, \partial B)$ and $d(b, \partial A)$ over the border pixels $a$ of
    one mask and $b$ of the other, all in one. Equal masks give 0.

    Parameters
    ----------
    predictions : array-like, shape (N, ...)
        Predicted masks of 0 and 1.
    targets : array-like, shape (N, ...)
        True masks of 0 and 1.
    spacing : float or sequence of float
        Size of a pixel, or along each axis, such as millimetres of a scan.
    empty : {"nan", "zero"}
        Distance of two masks without a pixel. If one alone has none, it is infinite.

    Returns
    -------
    ndarray of float64, shape (N,)
        One distance per image, in the unit of `spacing`.

    Examples
    --------
    >>> average_surface_distance([[[1, 0, 0, 0]]], [[[1, 1, 1, 0]]])
    array([0.75])

    References
    ----------
    Taha and Hanbury, "Metrics for Evaluating 3D Medical Image Segmentation", 2015.
    <https://doi.org/10.1186/s12880-015-0068-x>
    """
    pairs = _both(predictions, targets, spacing, empty)
    return np.array([sum([*a, *b]) / (len(a) + len(b)) for a, b in pairs], float)


def _both(predictions, targets, spacing, empty):
    """Distances from one border to the other, and back, for each image."""
    for pair in zip(np.asarray(predictions), np.asarray(targets), strict=True):
        borders = [_border(mask) for mask in pair]
        sizes = np.broadcast_to(spacing, pair[0].ndim)
        places = [[tuple(sizes * p) for p in border] for border in borders]
        if all(places):
            yield [
                [min(math.dist(p, q) for q in other) for p in one]
                for one, other in (places, places[::-1])
            ]
        else:
            lone = math.inf if any(places) else {"nan": math.nan, "zero": 0.0}[empty]
            yield [lone], [lone]


def _percentile(values):
    place = 0.95 * (len(values) - 1)
    low, high = sorted(values)[math.floor(place)], sorted(values)[math.ceil(place)]
    return low + (place % 1) * (high - low) if low < high else low


def _border(mask):
    inside = {tuple(map(int, p)) for p in np.argwhere(mask)}
    around = itertools.product((-1, 0, 1), repeat=mask.ndim)
    steps = [s for s in around if sum(map(abs, s)) == 1]
    near = {p: [tuple(np.add(p, s).tolist()) for s in steps] for p in inside}
    return [p for p in inside if not inside.issuperset(near[p])]
