"""Causal convolution: an output sees its own step and those before it."""

import numpy as np

__all__ = ["causal_conv", "causal_conv_backward"]


def causal_conv(x, weight, bias=None, *, dilation=1):
    r"""$y_o(t) = b_o + \sum_c \sum_k w_{oc}(k) \, x_c(t - d(K - 1 - k))$.

    Before the first step there are zeros. The last weight belongs to the step itself.

    Parameters
    ----------
    x : ndarray, shape (N, C, T)
        Sequences.
    weight : ndarray, shape (M, C, K)
        Kernels.
    bias : ndarray, shape (M,), optional
        Added to every step of a channel.
    dilation : int
        Step inside a window.

    Returns
    -------
    ndarray, shape (N, M, T)
        As many steps as went in.

    Examples
    --------
    >>> causal_conv([[[1.0, 2.0, 3.0]]], [[[10.0, 1.0]]])
    array([[[ 1., 12., 23.]]])

    References
    ----------
    van den Oord et al., "WaveNet", 2016, sec. 2.1. <https://arxiv.org/abs/1609.03499>
    """
    x, weight = np.asarray(x, float), np.asarray(weight, float)
    y = np.zeros((len(x), len(weight), x.shape[2]))
    for k, late in _delays(weight, dilation):
        y[..., late:] += np.einsum(
            "oc,nct->not", weight[..., k], x[..., : max(x.shape[2] - late, 0)]
        )
    return y if bias is None else y + np.asarray(bias, float)[:, None]


def causal_conv_backward(grad, x, weight, bias=None, *, dilation=1):
    """Gradients of `causal_conv`: a step gets what it gave to itself and to later ones.

    Parameters
    ----------
    grad : ndarray, shape (N, M, T)
        Gradient of the loss for the outputs.
    x, weight, bias : ndarray, shapes as for `causal_conv`
        What the layer was given.
    dilation : int
        As for `causal_conv`.

    Returns
    -------
    tuple of ndarray, shapes of x, weight and bias
        Gradients; without a bias, two.

    Examples
    --------
    >>> x, grad = np.ones((1, 1, 3)), [[[0.0, 0.0, 1.0]]]
    >>> causal_conv_backward(grad, x, [[[10.0, 1.0]]])
    (array([[[ 0., 10.,  1.]]]), array([[[1., 1.]]]))

    References
    ----------
    van den Oord et al., 2016. <https://arxiv.org/abs/1609.03499>
    """
    grad, x, weight = (np.asarray(a, float) for a in (grad, x, weight))
    dx, dweight = np.zeros_like(x), np.zeros_like(weight)
    for k, late in _delays(weight, dilation):
        steps = max(x.shape[2] - late, 0)
        dx[..., :steps] += np.einsum("oc,not->nct", weight[..., k], grad[..., late:])
        dweight[..., k] = np.einsum("not,nct->oc", grad[..., late:], x[..., :steps])
    found = dx, dweight
    return found if bias is None else (*found, grad.sum((0, 2)))


def _delays(weight, dilation):
    # every place of the kernel, and how many steps ago it looks
    length = weight.shape[2]
    return [(k, dilation * (length - 1 - k)) for k in range(length)]
