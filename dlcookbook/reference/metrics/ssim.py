"""SSIM: how alike images are in brightness, contrast and structure."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["ssim"]


def ssim(
    predictions: ArrayLike, targets: ArrayLike, *, data_range: float
) -> np.ndarray:
    r"""Mean structural similarity of images, in Gaussian windows (1.5, 11 x 11).

    Parameters
    ----------
    predictions : array-like, shape (N, C, H, W)
        Predicted images, same shape and range.
    targets : array-like, shape (N, C, H, W)
        True images, any dtype.
    data_range : float
        Highest less lowest possible value: 255 for uint8, often 1 for floats.

    Returns
    -------
    ndarray of float64, shape ()
        Up to 1.

    Examples
    --------
    >>> images = np.zeros((1, 1, 12, 12))
    >>> round(float(ssim(images + 0.1, images, data_range=1)), 4)
    0.0099

    References
    ----------
    Wang et al., "Image Quality Assessment", 2004. <https://doi.org/10.1109/TIP.2003.819861>
    """
    n = np.arange(-5, 6)
    weight = np.exp(-(n[:, None] ** 2 + n**2) / (2 * 1.5**2))
    weight /= weight.sum()
    one, two = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    values = []
    x, y = np.asarray(targets, float), np.asarray(predictions, float)
    for i, c, top, left in np.ndindex(*x.shape[:2], x.shape[2] - 10, x.shape[3] - 10):
        a, b = (z[i, c, top : top + 11, left : left + 11] for z in (x, y))
        mean, other = (weight * a).sum(), (weight * b).sum()
        spread = (weight * ((a - mean) ** 2 + (b - other) ** 2)).sum()
        shared = (weight * (a - mean) * (b - other)).sum()
        light = (2 * mean * other + one) / (mean**2 + other**2 + one)
        values.append(light * (2 * shared + two) / (spread + two))
    return np.asarray(np.mean(values))
