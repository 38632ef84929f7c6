"""Convolution: one small pattern of weights, looked for at every place."""

import numpy as np

__all__ = ["conv", "conv_backward", "conv_size"]


def conv_size(size, kernel, *, stride=1, padding=0, dilation=1, ceil_mode=False):
    r"""Places of a window: $\lfloor (n + 2p - d(k-1) - 1) / s \rfloor + 1$.

    Parameters
    ----------
    size : int
        Length of the input along one axis.
    kernel : int
        Length of the window.
    stride, padding, dilation : int
        Step between windows, zeros on either side, step inside a window.
    ceil_mode : bool
        Count a window that begins inside and ends outside: pooling in torch can.

    Returns
    -------
    int
        Length of the output.

    Examples
    --------
    >>> conv_size(224, 7, stride=2, padding=3), conv_size(13, 2, stride=2)
    (112, 6)

    References
    ----------
    Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016,
    relationship 15. <https://arxiv.org/abs/1603.07285>
    """
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return room // stride + 1
    places = -(-room // stride) + 1
    return places - ((places - 1) * stride >= size + padding)


def conv(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1):
    r"""$y_o(u) = b_o + \sum_c \sum_k w_{oc}(k) \, x_c(us + kd - p)$ in 1, 2 or 3-D.

    A cross-correlation: the kernel is not flipped. A group of outputs sees its own
    group of inputs; with as many groups as channels the convolution is depthwise.

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
    >>> conv([[[1.0, 2.0, 3.0, 4.0]]], [[[1.0, 10.0]]])
    array([[[21., 32., 43.]]])

    References
    ----------
    LeCun et al., "Gradient-based learning applied to document recognition", 1998.
    <https://doi.org/10.1109/5.726791>
    """
    x, weight = _padded(x, weight, padding), np.asarray(weight, float)
    sizes, window = _windows(x, weight, stride, dilation)
    y = np.zeros((len(x), len(weight), *sizes))
    axes = list(range(1, weight.ndim))
    for place in np.ndindex(*sizes):
        patch = x[(slice(None), slice(None), *window(place))]
        for outs, ins in _groups(weight, groups):
            y[(slice(None), outs, *place)] = np.tensordot(
                patch[:, ins], weight[outs], (axes, axes)
            )
    return y if bias is None else y + _over_places(bias, y)


def conv_backward(
    grad, x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1
):
    """Gradients of `conv`: every place hands its gradient back to its window.

    Parameters
    ----------
    grad : ndarray, shape (N, K, ...)
        Gradient of the loss for the outputs.
    x, weight, bias : ndarray, shapes as for `conv`
        What the layer was given.
    stride, padding, dilation, groups : int or tuple of int
        As for `conv`.

    Returns
    -------
    tuple of ndarray, shapes of x, weight and bias
        Gradients; without a bias, two.

    Examples
    --------
    >>> dx, dweight = conv_backward(np.ones((1, 1, 2)), np.ones((1, 1, 3)), [[[1, 5]]])
    >>> dx, dweight
    (array([[[1., 6., 5.]]]), array([[[2., 2.]]]))

    References
    ----------
    LeCun et al., 1998. <https://doi.org/10.1109/5.726791>
    """
    grad, weight, size = np.asarray(grad, float), np.asarray(weight, float), np.shape(x)
    x = _padded(x, weight, padding)
    sizes, window = _windows(x, weight, stride, dilation)
    dx, dweight = np.zeros_like(x), np.zeros_like(weight)
    for place in np.ndindex(*sizes):
        where = window(place)
        for outs, ins in _groups(weight, groups):
            g = grad[(slice(None), outs, *place)]
            patch = x[(slice(None), ins, *where)]
            dx[(slice(None), ins, *where)] += np.tensordot(g, weight[outs], (1, 0))
            dweight[outs] += np.tensordot(g, patch, (0, 0))
    pads = _spread(padding, weight.ndim - 2)
    inner = [slice(p, p + n) for p, n in zip(pads, size[2:], strict=True)]
    found = dx[(slice(None), slice(None), *inner)], dweight
    axes = (0, *range(2, grad.ndim))
    return found if bias is None else (*found, grad.sum(axes))


def _spread(option, rank):
    return (option,) * rank if np.isscalar(option) else tuple(option)


def _padded(x, weight, padding):
    edges = [(p, p) for p in _spread(padding, np.ndim(weight) - 2)]
    return np.pad(np.asarray(x, float), [(0, 0), (0, 0), *edges])


def _windows(x, weight, stride, dilation):
    rank = weight.ndim - 2
    steps, holes = _spread(stride, rank), _spread(dilation, rank)
    spans = [d * (k - 1) + 1 for d, k in zip(holes, weight.shape[2:], strict=True)]
    sizes = [
        (n - span) // s + 1
        for n, span, s in zip(x.shape[2:], spans, steps, strict=True)
    ]

    def window(place):
        return [
            slice(u * s, u * s + span, d)
            for u, s, span, d in zip(place, steps, spans, holes, strict=True)
        ]

    return sizes, window


def _groups(weight, groups):
    outs, ins = len(weight) // groups, weight.shape[1]
    for g in range(groups):
        yield slice(g * outs, (g + 1) * outs), slice(g * ins, (g + 1) * ins)


def _over_places(bias, y):
    return np.reshape(bias, (-1, *[1] * (y.ndim - 2)))
