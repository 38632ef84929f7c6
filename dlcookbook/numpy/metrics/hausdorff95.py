"""Hausdorff distance of masks: 95th percentile, maximum and mean over borders."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["average_surface_distance", "hausdorff95", "hausdorff_distance"]


def hausdorff95(
    y_true: ArrayLike,
    y_pred: ArrayLike,
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
    y_true : array-like, shape (N, ...)
        True masks, boolean or of 0 and 1.
    y_pred : array-like, shape (N, ...)
        Predicted masks, boolean or of 0 and 1.
    spacing : float or sequence of float
        Size of a pixel, or along each axis, such as millimetres of a scan.
    empty : {"nan", "zero"}
        Distance of two masks without a pixel. If one alone has none, it is infinite.

    Returns
    -------
    ndarray of float64, shape (N,)
        One distance per image, in the unit of `spacing`.

    Raises
    ------
    ValueError
        If the shapes differ or are not (N, H, W) or (N, D, H, W), a mask is not boolean
        or of 0 and 1, or an option is none of the above.

    Examples
    --------
    >>> hausdorff95([[[1, 0, 0, 0]]], [[[1, 1, 1, 0]]])
    array([1.9])

    References
    ----------
    Taha and Hanbury, "Metrics for Evaluating 3D Medical Image Segmentation", 2015.
    <https://doi.org/10.1186/s12880-015-0068-x>
    """
    return _measured(
        y_true,
        y_pred,
        spacing,
        empty,
        lambda a, b: max(np.percentile(a, 95), np.percentile(b, 95)),
    )


def hausdorff_distance(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    spacing: float | Sequence[float] = 1.0,
    empty: str = "nan",
) -> np.ndarray:
    r"""Hausdorff distance of masks: how far apart their borders lie at worst.

    $\max(\max_a d(a, \partial B), \max_b d(b, \partial A))$ over the border pixels $a$
    of one mask and $b$ of the other. Equal masks give 0; a single wrong pixel decides.

    Parameters
    ----------
    y_true : array-like, shape (N, ...)
        True masks, boolean or of 0 and 1.
    y_pred : array-like, shape (N, ...)
        Predicted masks, boolean or of 0 and 1.
    spacing : float or sequence of float
        Size of a pixel, or along each axis, such as millimetres of a scan.
    empty : {"nan", "zero"}
        Distance of two masks without a pixel. If one alone has none, it is infinite.

    Returns
    -------
    ndarray of float64, shape (N,)
        One distance per image, in the unit of `spacing`.

    Raises
    ------
    ValueError
        If the shapes differ or are not (N, H, W) or (N, D, H, W), a mask is not boolean
        or of 0 and 1, or an option is none of the above.

    Examples
    --------
    >>> hausdorff_distance([[[1, 0, 0, 0]]], [[[1, 1, 1, 0]]])
    array([2.])

    References
    ----------
    Taha and Hanbury, "Metrics for Evaluating 3D Medical Image Segmentation", 2015.
    <https://doi.org/10.1186/s12880-015-0068-x>
    """
    return _measured(
        y_true,
        y_pred,
        spacing,
        empty,
        lambda a, b: max(a.max(), b.max()),
    )


def average_surface_distance(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    spacing: float | Sequence[float] = 1.0,
    empty: str = "nan",
) -> np.ndarray:
    r"""Average symmetric surface distance of masks: how far apart their borders lie.

    The mean of $d(a, \partial B)$ and $d(b, \partial A)$ over the border pixels $a$ of
    one mask and $b$ of the other, all in one. Equal masks give 0.

    Parameters
    ----------
    y_true : array-like, shape (N, ...)
        True masks, boolean or of 0 and 1.
    y_pred : array-like, shape (N, ...)
        Predicted masks, boolean or of 0 and 1.
    spacing : float or sequence of float
        Size of a pixel, or along each axis, such as millimetres of a scan.
    empty : {"nan", "zero"}
        Distance of two masks without a pixel. If one alone has none, it is infinite.

    Returns
    -------
    ndarray of float64, shape (N,)
        One distance per image, in the unit of `spacing`.

    Raises
    ------
    ValueError
        If the shapes differ or are not (N, H, W) or (N, D, H, W), a mask is not boolean
        or of 0 and 1, or an option is none of the above.

    Examples
    --------
    >>> average_surface_distance([[[1, 0, 0, 0]]], [[[1, 1, 1, 0]]])
    array([0.75])

    References
    ----------
    Taha and Hanbury, "Metrics for Evaluating 3D Medical Image Segmentation", 2015.
    <https://doi.org/10.1186/s12880-015-0068-x>
    """
    return _measured(
        y_true,
        y_pred,
        spacing,
        empty,
        lambda a, b: np.concatenate([a, b]).mean(),
    )


def _measured(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    spacing: float | Sequence[float],
    empty: str,
    measure: Callable,
) -> np.ndarray:
    true, predicted = np.asarray(y_true), np.asarray(y_pred)
    shapes = true.shape, predicted.shape
    if shapes[0] != shapes[1] or true.ndim not in (3, 4):
        text = "y_true and y_pred must be (N, H, W) or (N, D, H, W)."
        raise ValueError(f"{text} Received: {shapes}")
    for name, x in (("y_true", true), ("y_pred", predicted)):
        if not np.isin(x, (0, 1)).all():
            raise ValueError(f"{name} must be 0 or 1. Received: {np.unique(x)[:9]}")
    sizes = np.asarray(spacing, np.float64)
    if sizes.shape not in ((), (true.ndim - 1,)) or not (sizes > 0).all():
        raise ValueError(f"spacing must be > 0, one or per axis. Received: {spacing}")
    sizes = np.broadcast_to(sizes, true.ndim - 1)
    if empty not in ("nan", "zero"):
        raise ValueError(f"empty must be 'nan' or 'zero'. Received: {empty}")
    values = np.full(len(true), np.nan if empty == "nan" else 0.0)
    for i, (a, b) in enumerate(zip(true != 0, predicted != 0, strict=True)):
        if not (a.any() and b.any()):
            values[i] = np.inf if a.any() or b.any() else values[i]
            continue
        # nothing lies outside the box around both
        span = [(x.min(), x.max() + 1) for x in np.nonzero(a | b)]
        box = tuple(slice(*ends) for ends in span)
        a, b = _border(a[box]), _border(b[box])
        values[i] = measure(_distances(a, b, sizes), _distances(b, a, sizes))
    return values


def _border(mask: np.ndarray) -> np.ndarray:
    """Pixels of a mask of which a neighbour, by a face, is not in it."""
    padded, inner = np.pad(mask, 1), mask.copy()
    core = (slice(1, -1),) * mask.ndim
    for axis in range(mask.ndim):
        for shift in (1, -1):
            inner &= np.roll(padded, shift, axis)[core]
    return mask & ~inner


def _distances(points: np.ndarray, goals: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Distance of each point to the nearest goal."""
    # exact along the first axis, then the least of a parabola from every pixel
    place = (np.arange(len(goals)) * sizes[0]).reshape(-1, *[1] * (goals.ndim - 1))
    before = np.maximum.accumulate(np.where(goals, place, -np.inf))
    after = np.minimum.accumulate(np.where(goals, place, np.inf)[::-1])[::-1]
    squared = np.minimum(place - before, after - place) ** 2
    for axis in range(1, goals.ndim - 1):
        lines, best = (np.moveaxis(x, axis, 0) for x in (squared, squared.copy()))
        for k in range(1, len(lines)):
            add = (k * sizes[axis]) ** 2
            if add >= best.max():
                break
            best[k:] = np.minimum(best[k:], lines[:-k] + add)
            best[:-k] = np.minimum(best[:-k], lines[k:] + add)
        squared = np.moveaxis(best, 0, axis)
    where, last = np.argwhere(points), np.arange(goals.shape[-1])
    found = []
    for start in range(0, len(where), 4096):
        *rows, column = where[start : start + 4096].T
        apart = ((last - column[:, None]) * sizes[-1]) ** 2
        found.append((squared[tuple(rows)] + apart).min(1))
    return np.sqrt(np.concatenate(found))
