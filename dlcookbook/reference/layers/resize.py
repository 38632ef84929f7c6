"""Resize images as TensorFlow does or as torch does."""

import math

import numpy as np

__all__ = ["resize"]


def resize(x, size, *, method="bilinear", convention="tf"):
    r"""Read an image at $(i + \tfrac12) n / m - \tfrac12$, the middle of a new pixel.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images.
    size : tuple of int
        New height and width.
    method : {"nearest", "bilinear", "bicubic"}
        The nearest pixel, two or four pixels along each axis.
    convention : {"tf", "torch"}
        Whose nearest and whose bicubic. Bilinear is the same. torch's nearest rounds
        $i n / m$ down; its bicubic has a = -0.75 instead of -0.5 and repeats the edge
        where TensorFlow leaves out what is outside.

    Returns
    -------
    ndarray, shape (N, C, *size)
        Resized images.

    Examples
    --------
    >>> resize([[[[1.0, 3.0]]]], (1, 4))
    array([[[[1. , 1.5, 2.5, 3. ]]]])

    References
    ----------
    Keys, "Cubic convolution interpolation for digital image processing", 1981.
    <https://doi.org/10.1109/TASSP.1981.1163711>
    """
    x = np.asarray(x, float)
    down, across = (
        np.array([_weights(i, n, m, method, convention) for i in range(m)])
        for n, m in zip(x.shape[2:], size, strict=True)
    )
    return np.einsum("ih,nchw,jw->ncij", down, x, across)


def _weights(i, n, m, method, convention):
    """How much of each of n pixels is in pixel i of m."""
    pixels = np.arange(n)
    if method == "nearest":
        place = (2 * i + 1) * n / (2 * m) if convention == "tf" else i * n / m
        return np.where(pixels == math.floor(place), 1.0, 0.0)
    place = (i + 0.5) * n / m - 0.5
    if method == "bilinear":
        place = min(max(place, 0), n - 1)
        return np.maximum(0, 1 - np.abs(pixels - place))
    if convention == "tf":
        found = _cubic(pixels - place, -0.5)
        return found / found.sum()
    around = np.arange(-3, n + 3)
    found = _cubic(around - place, -0.75)
    return np.array([found[np.clip(around, 0, n - 1) == p].sum() for p in pixels])


def _cubic(distance, a):
    d = np.abs(distance)
    near = (a + 2) * d**3 - (a + 3) * d**2 + 1
    far = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))
