"""Separable convolution: first the places of each channel, then the channels."""

import numpy as np

__all__ = ["separable_conv", "separable_conv_backward"]


def separable_conv(x, depthwise, pointwise, bias, *, padding=0):
    r"""$y_o(u) = b_o + \sum_c w_{oc} \sum_k v_c(k) \, x_c(u + k - p)$ of images.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Inputs.
    depthwise : ndarray, shape (C, 1, h, w)
        One pattern per channel, $v$.
    pointwise : ndarray, shape (K, C, 1, 1)
        How channels are mixed, $w$.
    bias : ndarray, shape (K,)
        Added to every place of a channel.
    padding : int
        Zeros on either side.

    Returns
    -------
    ndarray, shape (N, K, ...)
        Outputs.

    Examples
    --------
    >>> ones = np.ones((1, 1, 1, 1))
    >>> separable_conv(3 * ones, 2 * ones, 5 * ones, [0.5]).item()
    30.5

    References
    ----------
    Chollet, "Xception", 2016. <https://arxiv.org/abs/1610.02357>
    """
    read = _read(x, depthwise, padding)
    y = np.einsum("oc,nchw->nohw", np.asarray(pointwise, float)[..., 0, 0], read)
    return y + np.reshape(bias, (-1, 1, 1))


def separable_conv_backward(grad, x, depthwise, pointwise, bias, *, padding=0):
    """Gradients of `separable_conv`.

    Parameters
    ----------
    grad : ndarray, shape (N, K, ...)
        Gradient of the loss for the outputs.
    x, depthwise, pointwise, bias : ndarray, shapes as for `separable_conv`
        What the layer was given.
    padding : int
        As for `separable_conv`.

    Returns
    -------
    tuple of ndarray, shapes of x, depthwise, pointwise and bias
        Gradients.

    Examples
    --------
    >>> ones = np.ones((1, 1, 1, 1))
    >>> [g.item() for g in separable_conv_backward(ones, 3 * ones, 2 * ones, ones, [0])]
    [2.0, 3.0, 6.0, 1.0]

    References
    ----------
    Chollet, 2016. <https://arxiv.org/abs/1610.02357>
    """
    grad, mixing = np.asarray(grad, float), np.asarray(pointwise, float)
    read = _read(x, depthwise, padding)
    dmixing = np.einsum("nohw,nchw->oc", grad, read)[..., None, None]
    inner = np.einsum("oc,nohw->nchw", mixing[..., 0, 0], grad)
    padded = _padded(x, padding)
    dx, ddepth = np.zeros_like(padded), np.zeros(np.shape(depthwise))
    height, width = inner.shape[2:]
    for i, j in np.ndindex(*ddepth.shape[2:]):
        window = (..., slice(i, i + height), slice(j, j + width))
        weight = np.asarray(depthwise, float)[:, 0, i, j][:, None, None]
        dx[window] += inner * weight
        ddepth[:, 0, i, j] = (inner * padded[window]).sum((0, 2, 3))
    rows, columns = np.shape(x)[2:]
    dx = dx[..., padding : padding + rows, padding : padding + columns]
    return dx, ddepth, dmixing, grad.sum((0, 2, 3))


def _padded(x, padding):
    edges = [(0, 0), (0, 0), (padding, padding), (padding, padding)]
    return np.pad(np.asarray(x, float), edges)


def _read(x, depthwise, padding):
    windows = np.lib.stride_tricks.sliding_window_view(
        _padded(x, padding), np.shape(depthwise)[2:], (2, 3)
    )
    return np.einsum("nchwij,cij->nchw", windows, np.asarray(depthwise, float)[:, 0])
