"""Pooling with TensorFlow's 'same' padding or torch's symmetric one."""

import numpy as np

__all__ = [
    "same_average_pool",
    "same_max_pool",
    "symmetric_average_pool",
    "symmetric_max_pool",
]


def same_max_pool(x, size, *, stride=None):
    r"""Largest values of $\lceil n / s \rceil$ windows, as many as TensorFlow has.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Outputs.

    Examples
    --------
    >>> same_max_pool([[[4.0, 1.0, 2.0, 3.0]]], 3, stride=2)
    array([[[4., 3.]]])

    References
    ----------
    TensorFlow, "Notes on padding". <https://www.tensorflow.org/api_docs/python/tf/nn>
    """
    return _pooled(np.nanmax, *_same(x, size, stride))


def same_average_pool(x, size, *, stride=None):
    """Means of the values that are there, in TensorFlow's windows.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Outputs.

    Examples
    --------
    >>> same_average_pool([[[4.0, 1.0, 1.0, 3.0]]], 3, stride=2)
    array([[[2., 2.]]])

    References
    ----------
    TensorFlow, "Notes on padding". <https://www.tensorflow.org/api_docs/python/tf/nn>
    """
    return _pooled(np.nanmean, *_same(x, size, stride))


def symmetric_max_pool(x, size, *, stride=None, padding=0):
    """Largest values of torch's windows: as much outside before as behind.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.
    padding : int
        Places outside on either side, at most half of `size`.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Outputs.

    Examples
    --------
    >>> symmetric_max_pool([[[4.0, 1.0, 2.0, 3.0]]], 3, stride=2, padding=1)
    array([[[4., 3.]]])

    References
    ----------
    Dumoulin, Visin, 2016. <https://arxiv.org/abs/1603.07285>
    """
    return _pooled(np.nanmax, *_symmetric(x, size, stride, padding))


def symmetric_average_pool(x, size, *, stride=None, padding=0, count_include_pad=True):
    """Means of torch's windows, over all of a window or over what is there.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    size : int
        Length of the window along every axis.
    stride : int, optional
        Step between windows. None takes `size`.
    padding : int
        Zeros on either side, at most half of `size`.
    count_include_pad : bool
        Divide by the whole window, zeros outside included.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Outputs.

    Examples
    --------
    >>> symmetric_average_pool([[[6.0, 6.0, 6.0]]], 3, stride=1, padding=1)
    array([[[4., 6., 4.]]])

    References
    ----------
    Dumoulin, Visin, 2016. <https://arxiv.org/abs/1603.07285>
    """
    x, *rest = _symmetric(x, size, stride, padding)
    x = np.nan_to_num(x) if count_include_pad else x
    return _pooled(np.nanmean, x, *rest)


def _same(x, size, stride):
    step = size if stride is None else stride
    edges = []
    for n in np.shape(x)[2:]:
        missing = max((-(-n // step) - 1) * step + size - n, 0)
        edges.append((missing // 2, missing - missing // 2))
    return _framed(x, edges), size, step


def _symmetric(x, size, stride, padding):
    step = size if stride is None else stride
    return _framed(x, [(padding, padding)] * (np.ndim(x) - 2)), size, step


def _framed(x, edges):
    # NaN marks what is not there
    edges = [(0, 0), (0, 0), *edges]
    return np.pad(np.asarray(x, float), edges, constant_values=np.nan)


def _pooled(of, x, size, step):
    axes = tuple(range(2, x.ndim))
    windows = np.lib.stride_tricks.sliding_window_view(x, (size,) * len(axes), axes)
    thinned = windows[
        (slice(None), slice(None), *[slice(None, None, step)] * len(axes))
    ]
    return of(thinned, axis=tuple(range(-len(axes), 0)))
