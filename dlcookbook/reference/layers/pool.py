"""Pooling: a window becomes its largest or its mean value."""

import math

import numpy as np

__all__ = [
    "adaptive_average_pool",
    "adaptive_average_pool_backward",
    "adaptive_max_pool",
    "adaptive_max_pool_backward",
    "average_pool",
    "average_pool_backward",
    "global_average_pool",
    "global_average_pool_backward",
    "max_pool",
    "max_pool_backward",
]


def max_pool(x, size, *, stride=None, padding=0):
    """Largest value of every window; what is outside never wins.

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
        Outputs; what no full window reaches is left out.

    Examples
    --------
    >>> max_pool([[[1.0, 5.0, 2.0, 3.0, 9.0]]], 2)
    array([[[5., 3.]]])

    References
    ----------
    Ranzato et al., 2007. <https://doi.org/10.1109/CVPR.2007.383157>
    """
    x = np.asarray(x, float)
    sizes, windows = _windows(x, size, stride, padding)
    y = np.zeros((*x.shape[:2], *sizes))
    axes = tuple(range(2, x.ndim))
    for place, where, _ in windows:
        y[(..., *place)] = x[(..., *where)].max(axes)
    return y


def max_pool_backward(grad, x, size, *, stride=None, padding=0):
    """Gradient of `max_pool`: all of it goes to the first largest value.

    Parameters
    ----------
    grad : ndarray, shape (N, C, ...)
        Gradient of the loss for the outputs.
    x : ndarray, shape (N, C, ...)
        What the layer was given.
    size, stride, padding : int
        As for `max_pool`.

    Returns
    -------
    tuple of ndarray, shape of x
        The gradient for x.

    Examples
    --------
    >>> max_pool_backward([[[7.0]]], [[[1.0, 5.0]]], 2)
    (array([[[0., 7.]]]),)

    References
    ----------
    Ranzato et al., 2007. <https://doi.org/10.1109/CVPR.2007.383157>
    """
    x, grad = np.asarray(x, float), np.asarray(grad, float)
    dx = np.zeros_like(x)
    for place, where, _ in _windows(x, size, stride, padding)[1]:
        for at in np.ndindex(x.shape[:2]):
            patch = x[(*at, *where)]
            best = np.unravel_index(patch.argmax(), patch.shape)
            dx[(*at, *where)][best] += grad[(*at, *place)]
    return (dx,)


def average_pool(x, size, *, stride=None, padding=0, count_include_pad=True):
    """Mean of every window.

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
        Divide by the whole window, zeros outside included: torch's default. TensorFlow
        divides by the values that are there.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Outputs; what no full window reaches is left out.

    Examples
    --------
    >>> average_pool([[[6.0, 6.0, 6.0]]], 3, stride=1, padding=1)
    array([[[4., 6., 4.]]])

    References
    ----------
    LeCun et al., 1998. <https://doi.org/10.1109/5.726791>
    """
    x = np.asarray(x, float)
    sizes, windows = _windows(x, size, stride, padding)
    y = np.zeros((*x.shape[:2], *sizes))
    axes = tuple(range(2, x.ndim))
    for place, where, known in windows:
        count = size ** len(axes) if count_include_pad else known
        y[(..., *place)] = x[(..., *where)].sum(axes) / count
    return y


def average_pool_backward(
    grad, x, size, *, stride=None, padding=0, count_include_pad=True
):
    """Gradient of `average_pool`: the same share for every value of a window.

    Parameters
    ----------
    grad : ndarray, shape (N, C, ...)
        Gradient of the loss for the outputs.
    x : ndarray, shape (N, C, ...)
        What the layer was given.
    size, stride, padding : int
        As for `average_pool`.
    count_include_pad : bool
        As for `average_pool`.

    Returns
    -------
    tuple of ndarray, shape of x
        The gradient for x.

    Examples
    --------
    >>> average_pool_backward([[[7.0]]], [[[1.0, 5.0]]], 2)
    (array([[[3.5, 3.5]]]),)

    References
    ----------
    LeCun et al., 1998. <https://doi.org/10.1109/5.726791>
    """
    x, grad = np.asarray(x, float), np.asarray(grad, float)
    dx, rank = np.zeros_like(x), x.ndim - 2
    for place, where, known in _windows(x, size, stride, padding)[1]:
        count = size**rank if count_include_pad else known
        share = grad[(..., *place)] / count
        dx[(..., *where)] += share[(..., *[None] * rank)]
    return (dx,)


def global_average_pool(x):
    """Mean over all places: one number per channel, for every size of the input.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.

    Returns
    -------
    ndarray, shape (N, C)
        Means.

    Examples
    --------
    >>> global_average_pool([[[1.0, 2.0, 6.0]]])
    array([[3.]])

    References
    ----------
    Lin et al., "Network in network", 2013. <https://arxiv.org/abs/1312.4400>
    """
    x = np.asarray(x, float)
    return x.mean(tuple(range(2, x.ndim)))


def global_average_pool_backward(grad, x):
    """Gradient of `global_average_pool`: the same share for every place.

    Parameters
    ----------
    grad : ndarray, shape (N, C)
        Gradient of the loss for the outputs.
    x : ndarray, shape (N, C, ...)
        What the layer was given.

    Returns
    -------
    tuple of ndarray, shape of x
        The gradient for x.

    Examples
    --------
    >>> global_average_pool_backward([[6.0]], [[[1.0, 2.0, 6.0]]])
    (array([[[2., 2., 2.]]]),)

    References
    ----------
    Lin et al., 2013. <https://arxiv.org/abs/1312.4400>
    """
    shape = np.shape(x)
    share = np.asarray(grad, float) / math.prod(shape[2:])
    return (np.broadcast_to(share[(..., *[None] * (len(shape) - 2))], shape).copy(),)


def adaptive_average_pool(x, size):
    r"""Mean of window i, from $\lfloor i n / m \rfloor$ to $\lceil (i+1) n / m \rceil$.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    size : tuple of int
        Length of the output along each axis. Windows overlap where it does not divide.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Means.

    Examples
    --------
    >>> adaptive_average_pool([[[0.0, 3.0, 6.0, 9.0, 12.0]]], (2,))
    array([[[3., 9.]]])

    References
    ----------
    He et al., "Spatial pyramid pooling", 2014. <https://arxiv.org/abs/1406.4729>
    """
    x = np.asarray(x, float)
    y = np.zeros((*x.shape[:2], *size))
    for place in np.ndindex(*size):
        y[(..., *place)] = x[_share(x, place, size)].mean(tuple(range(2, x.ndim)))
    return y


def adaptive_average_pool_backward(grad, x, size):
    """Gradient of `adaptive_average_pool`.

    Parameters
    ----------
    grad : ndarray, shape (N, C, ...)
        Gradient of the loss for the outputs.
    x : ndarray, shape (N, C, ...)
        What the layer was given.
    size : tuple of int
        As for `adaptive_average_pool`.

    Returns
    -------
    tuple of ndarray, shape of x
        The gradient for x.

    Examples
    --------
    >>> adaptive_average_pool_backward([[[3.0, 3.0]]], np.zeros((1, 1, 5)), (2,))
    (array([[[1., 1., 2., 1., 1.]]]),)

    References
    ----------
    He et al., 2014. <https://arxiv.org/abs/1406.4729>
    """
    x, grad = np.asarray(x, float), np.asarray(grad, float)
    dx = np.zeros_like(x)
    for place in np.ndindex(*size):
        where = _share(x, place, size)
        count = math.prod(dx[where].shape[2:])
        dx[where] += grad[(..., *place)][(..., *[None] * len(size))] / count
    return (dx,)


def adaptive_max_pool(x, size):
    """Largest value of the windows that `adaptive_average_pool` has.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    size : tuple of int
        Length of the output along each axis. Windows overlap where it does not divide.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Largest values.

    Examples
    --------
    >>> adaptive_max_pool([[[0.0, 3.0, 6.0, 9.0, 12.0]]], (2,))
    array([[[ 6., 12.]]])

    References
    ----------
    He et al., "Spatial pyramid pooling", 2014. <https://arxiv.org/abs/1406.4729>
    """
    x = np.asarray(x, float)
    y = np.zeros((*x.shape[:2], *size))
    for place in np.ndindex(*size):
        y[(..., *place)] = x[_share(x, place, size)].max(tuple(range(2, x.ndim)))
    return y


def adaptive_max_pool_backward(grad, x, size):
    """Gradient of `adaptive_max_pool`: the largest value of a window gets all of it.

    Parameters
    ----------
    grad : ndarray, shape (N, C, ...)
        Gradient of the loss for the outputs.
    x : ndarray, shape (N, C, ...)
        What the layer was given.
    size : tuple of int
        As for `adaptive_max_pool`.

    Returns
    -------
    tuple of ndarray, shape of x
        The gradient for x.

    Examples
    --------
    >>> adaptive_max_pool_backward([[[1.0, 2.0]]], [[[0.0, 1.0, 5.0, 2.0, 3.0]]], (2,))
    (array([[[0., 0., 3., 0., 0.]]]),)

    References
    ----------
    He et al., 2014. <https://arxiv.org/abs/1406.4729>
    """
    x, grad = np.asarray(x, float), np.asarray(grad, float)
    dx = np.zeros_like(x)
    axes = tuple(range(2, x.ndim))
    for place in np.ndindex(*size):
        where = _share(x, place, size)
        largest = x[where] == x[where].max(axes, keepdims=True)
        dx[where] += largest * grad[(..., *place)][(..., *[None] * len(size))]
    return (dx,)


def _share(x, place, size):
    return (
        ...,
        *(
            slice(i * n // m, -(-(i + 1) * n // m))
            for i, n, m in zip(place, x.shape[2:], size, strict=True)
        ),
    )


def _windows(x, size, stride, padding):
    step = size if stride is None else stride
    sizes = [(n + 2 * padding - size) // step + 1 for n in x.shape[2:]]

    def all_of_them():
        for place in np.ndindex(*sizes):
            starts = [u * step - padding for u in place]
            where = [
                slice(max(a, 0), min(a + size, n))
                for a, n in zip(starts, x.shape[2:], strict=True)
            ]
            yield place, where, math.prod(w.stop - w.start for w in where)

    return sizes, all_of_them()
