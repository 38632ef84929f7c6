"""PSNR: how far the noise of an image lies below its range, in decibels."""

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["psnr"]


def psnr(
    predictions: ArrayLike, targets: ArrayLike, *, data_range: float
) -> np.ndarray:
    r"""Mean of $10 \log_{10}(R^2 / \mathrm{MSE})$ of each image, $R$ being its range.

    Parameters
    ----------
    predictions : array-like, shape (N, ...)
        Predicted images, same shape and range.
    targets : array-like, shape (N, ...)
        True images, any dtype.
    data_range : float
        Highest less lowest possible value: 255 for uint8, often 1 for floats.

    Returns
    -------
    ndarray of float64, shape ()
        In decibels.

    Examples
    --------
    >>> images = np.zeros((1, 1, 12, 12))
    >>> round(float(psnr(images + 0.1, images, data_range=1)), 4)
    20.0

    References
    ----------
    Huynh-Thu and Ghanbari, "Scope of Validity of PSNR", 2008.
    <https://doi.org/10.1049/el:20080522>
    """
    values = []
    for x, y in zip(np.asarray(targets), np.asarray(predictions), strict=True):
        squares = [
            (float(a) - float(b)) ** 2 for a, b in zip(x.flat, y.flat, strict=True)
        ]
        error = math.fsum(squares) / len(squares)
        values.append(
            20 * math.log10(data_range / math.sqrt(error)) if error else math.inf
        )
    return np.asarray(np.mean(values))
