"""Transposed convolution: every input stamps the kernel into a larger output."""

import numpy as np

__all__ = ["conv_transpose", "conv_transpose_backward"]


def conv_transpose(
    x,
    weight,
    bias=None,
    *,
    stride=1,
    padding=0,
    output_padding=0,
    dilation=1,
    groups=1,
):
    r"""$y_o(us + kd - p) \mathrel{+}= \sum_c x_c(u) \, w_{co}(k)$ in 1, 2 or 3-D.

    It is the gradient of a convolution for its input, not its inverse. The length is
    $(n-1)s - 2p + d(k-1) + 1$ and `output_padding`.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    weight : ndarray, shape (C, K / groups, ...)
        Kernels; inputs come first, unlike in a convolution.
    bias : ndarray, shape (K,), optional
        Added to every place of a channel.
    stride : int or tuple of int
        Step between stamps.
    padding : int or tuple of int
        What is cut off on either side.
    output_padding : int or tuple of int
        What is not cut off at the end.
    dilation : int or tuple of int
        Step inside a stamp.
    groups : int
        Number of groups of channels.

    Returns
    -------
    ndarray, shape (N, K, ...)
        Outputs.

    Examples
    --------
    >>> conv_transpose([[[1.0, 10.0]]], [[[1.0, 2.0, 3.0]]], stride=2)
    array([[[ 1.,  2., 13., 20., 30.]]])

    References
    ----------
    Zeiler et al., "Deconvolutional networks", 2010.
    <https://doi.org/10.1109/CVPR.2010.5539957>
    """
    x, weight = np.asarray(x, float), np.asarray(weight, float)
    full, stamp, inner = _frame(x, weight, stride, padding, output_padding, dilation)
    outs = weight.shape[1]
    y = np.zeros((len(x), outs * groups, *full))
    for place in np.ndindex(*x.shape[2:]):
        where = stamp(place)
        for g, ins in enumerate(np.split(np.arange(x.shape[1]), groups)):
            y[(slice(None), slice(g * outs, (g + 1) * outs), *where)] += np.tensordot(
                x[(slice(None), ins, *place)], weight[ins], (1, 0)
            )
    y = y[(slice(None), slice(None), *inner)]
    return y if bias is None else y + np.reshape(bias, (-1, *[1] * (y.ndim - 2)))


def conv_transpose_backward(
    grad,
    x,
    weight,
    bias=None,
    *,
    stride=1,
    padding=0,
    output_padding=0,
    dilation=1,
    groups=1,
):
    """Gradients of `conv_transpose`: a convolution of the gradient.

    Parameters
    ----------
    grad : ndarray, shape (N, K, ...)
        Gradient of the loss for the outputs.
    x, weight, bias : ndarray, shapes as for `conv_transpose`
        What the layer was given.
    stride, padding, output_padding, dilation, groups : int or tuple of int
        As for `conv_transpose`.

    Returns
    -------
    tuple of ndarray, shapes of x, weight and bias
        Gradients; without a bias, two.

    Examples
    --------
    >>> conv_transpose_backward(np.ones((1, 1, 3)), [[[1.0, 10.0]]], [[[1.0, 2.0]]])
    (array([[[3., 3.]]]), array([[[11., 11.]]]))

    References
    ----------
    Zeiler et al., 2010. <https://doi.org/10.1109/CVPR.2010.5539957>
    """
    grad, x, weight = (np.asarray(a, float) for a in (grad, x, weight))
    full, stamp, inner = _frame(x, weight, stride, padding, output_padding, dilation)
    whole = np.zeros((*grad.shape[:2], *full))
    whole[(slice(None), slice(None), *inner)] = grad
    dx, dweight, outs = np.zeros_like(x), np.zeros_like(weight), weight.shape[1]
    axes = list(range(1, weight.ndim))
    for place in np.ndindex(*x.shape[2:]):
        where = stamp(place)
        for g, ins in enumerate(np.split(np.arange(x.shape[1]), groups)):
            patch = whole[(slice(None), slice(g * outs, (g + 1) * outs), *where)]
            dx[(slice(None), ins, *place)] = np.tensordot(
                patch, weight[ins], (axes, axes)
            )
            dweight[ins] += np.tensordot(x[(slice(None), ins, *place)], patch, (0, 0))
    found = dx, dweight
    return found if bias is None else (*found, grad.sum((0, *range(2, grad.ndim))))


def _frame(x, weight, stride, padding, output_padding, dilation):
    rank = x.ndim - 2
    steps, cuts, more, holes = (
        (option,) * rank if np.isscalar(option) else tuple(option)
        for option in (stride, padding, output_padding, dilation)
    )
    spans = [d * (k - 1) + 1 for d, k in zip(holes, weight.shape[2:], strict=True)]
    ends = [(n - 1) * s + k for n, s, k in zip(x.shape[2:], steps, spans, strict=True)]
    inner = [slice(p, e - p + o) for p, e, o in zip(cuts, ends, more, strict=True)]
    full = [e + o for e, o in zip(ends, more, strict=True)]

    def stamp(place):
        return [
            slice(u * s, u * s + span, d)
            for u, s, span, d in zip(place, steps, spans, holes, strict=True)
        ]

    return full, stamp, inner
