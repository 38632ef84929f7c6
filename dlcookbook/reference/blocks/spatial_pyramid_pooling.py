"""Spatial pyramid pooling: as many numbers from an image of any size."""

import math

import numpy as np

__all__ = ["spatial_pyramid_pooling"]


def spatial_pyramid_pooling(x, *, levels=(1, 2, 4), average=False):
    r"""Pool over $n \times n$ parts of the image for every $n$ and join the results.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Features.
    levels : sequence of int
        Parts along each side, one level each.
    average : bool
        Take the mean of each part. False takes the largest.

    Returns
    -------
    ndarray, shape (N, C * sum of levels squared)
        Level after level; in each, channel after channel, row by row. float64.

    Examples
    --------
    >>> spatial_pyramid_pooling([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]], levels=(1, 2))
    array([[6., 2., 3., 5., 6.]])

    References
    ----------
    He et al., "Spatial Pyramid Pooling in Deep Convolutional Networks for Visual
    Recognition", 2014, section 2.2. <https://arxiv.org/abs/1406.4729>
    """
    x = np.asarray(x, np.float64)
    height, width = x.shape[2:]
    found: list[list[float]] = [[] for _ in x]
    for example, numbers in zip(x, found, strict=True):
        for n in levels:
            for channel in example:
                for i, j in np.ndindex(n, n):
                    rows = slice(i * height // n, math.ceil((i + 1) * height / n))
                    columns = slice(j * width // n, math.ceil((j + 1) * width / n))
                    part = channel[rows, columns]
                    numbers.append(part.mean() if average else part.max())
    return np.array(found)
