"""Transposed convolution, cropped as TensorFlow's 'same' or as torch does."""

import numpy as np

__all__ = ["same_conv_transpose", "symmetric_conv_transpose"]


def same_conv_transpose(x, weight, bias=None, *, stride=1):
    r"""Transposed convolution of length $n s$.

    It is the gradient of the convolution with 'same' padding: of the
    $p = \max(k - s, 0)$ surplus places $\lfloor p/2 \rfloor$ are cut off before and the
    rest behind.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    weight : ndarray, shape (C, K, ...)
        Kernels.
    bias : ndarray, shape (K,), optional
        Added to every place of a channel.
    stride : int or tuple of int
        Step between stamps.

    Returns
    -------
    ndarray, shape (N, K, ...)
        Outputs.

    Examples
    --------
    >>> same_conv_transpose([[[1.0, 10.0]]], [[[1.0, 2.0, 3.0]]], stride=2)
    array([[[ 1.,  2., 13., 20.]]])

    References
    ----------
    Zeiler et al., 2010. <https://doi.org/10.1109/CVPR.2010.5539957>
    """
    steps = _each(stride, np.ndim(x) - 2)
    before = [
        max(k - s, 0) // 2 for k, s in zip(np.shape(weight)[2:], steps, strict=True)
    ]
    sizes = [n * s for n, s in zip(np.shape(x)[2:], steps, strict=True)]
    return _gathered(x, weight, bias, steps, before, sizes)


def symmetric_conv_transpose(
    x, weight, bias=None, *, stride=1, padding=0, output_padding=0
):
    r"""Transposed convolution of length $(n - 1) s - 2p + k$ and `output_padding`.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    weight : ndarray, shape (C, K, ...)
        Kernels.
    bias : ndarray, shape (K,), optional
        Added to every place of a channel.
    stride, padding, output_padding : int or tuple of int
        Step between stamps, what is cut off on either side, what is not at the end.

    Returns
    -------
    ndarray, shape (N, K, ...)
        Outputs.

    Examples
    --------
    >>> symmetric_conv_transpose(
    ...     [[[1.0, 10.0]]], [[[1.0, 2.0, 3.0]]], stride=2, padding=1, output_padding=1
    ... )
    array([[[ 2., 13., 20., 30.]]])

    References
    ----------
    Dumoulin, Visin, 2016. <https://arxiv.org/abs/1603.07285>
    """
    rank = np.ndim(x) - 2
    steps, before, more = (_each(o, rank) for o in (stride, padding, output_padding))
    sizes = [
        (n - 1) * s - 2 * p + k + o
        for n, k, s, p, o in zip(
            np.shape(x)[2:], np.shape(weight)[2:], steps, before, more, strict=True
        )
    ]
    return _gathered(x, weight, bias, steps, before, sizes)


def _each(option, rank):
    return (option,) * rank if np.isscalar(option) else tuple(option)


def _gathered(x, weight, bias, steps, before, sizes):
    # every output asks which inputs have stamped on it
    x, weight = np.asarray(x, float), np.asarray(weight, float)
    y = np.zeros((len(x), weight.shape[1], *sizes))
    for place in np.ndindex(*sizes):
        for offset in np.ndindex(*weight.shape[2:]):
            spots = [u + b - k for u, b, k in zip(place, before, offset, strict=True)]
            at = [spot // s for spot, s in zip(spots, steps, strict=True)]
            fits = all(spot % s == 0 for spot, s in zip(spots, steps, strict=True))
            known = zip(at, x.shape[2:], strict=True)
            if fits and all(0 <= i < n for i, n in known):
                y[(..., *place)] += x[(..., *at)] @ weight[(..., *offset)]
    return y if bias is None else y + np.reshape(bias, (-1, *[1] * len(sizes)))
