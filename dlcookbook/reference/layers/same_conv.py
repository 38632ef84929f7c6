"""Convolution with TensorFlow's 'same' padding or torch's symmetric one."""

import numpy as np

__all__ = ["same_conv", "symmetric_conv"]


def same_conv(x, weight, bias=None, *, stride=1, dilation=1, groups=1):
    r"""Convolution whose output has length $\lceil n / s \rceil$.

    Of the $p = \max((\lceil n/s \rceil - 1) s + d(k-1) + 1 - n, 0)$ zeros,
    $\lfloor p/2 \rfloor$ stand before and the rest behind.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    weight : ndarray, shape (K, C / groups, ...)
        Kernels.
    bias : ndarray, shape (K,), optional
        Added to every place of a channel.
    stride, dilation : int or tuple of int
        Step between windows, step inside a window.
    groups : int
        Number of groups of channels.

    Returns
    -------
    ndarray, shape (N, K, ...)
        Outputs.

    Examples
    --------
    >>> same_conv([[[1.0, 2.0, 3.0, 4.0]]], [[[1.0, 1.0, 1.0]]], stride=2)
    array([[[6., 7.]]])

    References
    ----------
    TensorFlow, "Notes on padding". <https://www.tensorflow.org/api_docs/python/tf/nn>
    """
    steps, holes = (_each(option, np.ndim(weight) - 2) for option in (stride, dilation))
    sizes, before = [], []
    for n, k, s, d in zip(
        np.shape(x)[2:], np.shape(weight)[2:], steps, holes, strict=True
    ):
        sizes.append(-(-n // s))
        before.append(max((sizes[-1] - 1) * s + d * (k - 1) + 1 - n, 0) // 2)
    return _summed(x, weight, bias, steps, holes, groups, sizes, before)


def symmetric_conv(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1):
    r"""Convolution of length $\lfloor (n + 2p - d(k-1) - 1) / s \rfloor + 1$.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    weight : ndarray, shape (K, C / groups, ...)
        Kernels.
    bias : ndarray, shape (K,), optional
        Added to every place of a channel.
    stride, padding, dilation : int or tuple of int
        Step between windows, zeros on either side, step inside a window.
    groups : int
        Number of groups of channels.

    Returns
    -------
    ndarray, shape (N, K, ...)
        Outputs.

    Examples
    --------
    >>> x, weight = [[[1.0, 2.0, 3.0, 4.0]]], [[[1.0, 1.0, 1.0]]]
    >>> symmetric_conv(x, weight, stride=2, padding=1)
    array([[[3., 9.]]])

    References
    ----------
    Dumoulin, Visin, 2016. <https://arxiv.org/abs/1603.07285>
    """
    rank = np.ndim(weight) - 2
    steps, before, holes = (_each(o, rank) for o in (stride, padding, dilation))
    sizes = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(
            np.shape(x)[2:], np.shape(weight)[2:], steps, before, holes, strict=True
        )
    ]
    return _summed(x, weight, bias, steps, holes, groups, sizes, before)


def _each(option, rank):
    return (option,) * rank if np.isscalar(option) else tuple(option)


def _summed(x, weight, bias, steps, holes, groups, sizes, before):
    # one weight of the kernel at a time: what it reads at every place of the output
    x, weight = np.asarray(x, float), np.asarray(weight, float)
    y = np.zeros((len(x), len(weight), *sizes))
    outs, ins = len(weight) // groups, weight.shape[1]
    for offset in np.ndindex(*weight.shape[2:]):
        read = x
        for axis, (k, m) in enumerate(zip(offset, sizes, strict=True)):
            at = np.arange(m) * steps[axis] + k * holes[axis] - before[axis]
            inside = (at >= 0) & (at < x.shape[axis + 2])
            read = read.take(np.where(inside, at, 0), axis + 2)
            read = read * inside.reshape(-1, *[1] * (x.ndim - 3 - axis))
        for g in range(groups):
            part = weight[g * outs : (g + 1) * outs]
            y[:, g * outs : (g + 1) * outs] += np.einsum(
                "oi,ni...->no...",
                part[(..., *offset)],
                read[:, g * ins : (g + 1) * ins],
            )
    return y if bias is None else y + np.reshape(bias, (-1, *[1] * len(sizes)))
