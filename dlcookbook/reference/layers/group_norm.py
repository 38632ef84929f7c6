"""Group and instance normalisation: every example by itself, channels in groups."""

import numpy as np

__all__ = [
    "group_norm",
    "group_norm_backward",
    "instance_norm",
    "instance_norm_backward",
]


def group_norm(x, weight, bias, *, groups, eps=1e-5):
    r"""$y = \gamma_c (x - \mu_g) / \sqrt{\sigma_g^2 + \epsilon} + \beta_c$.

    Mean and variance are those of a group of channels at all places of an example.
    One group is layer normalisation of an image, a group per channel instance
    normalisation.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    weight, bias : ndarray, shape (C,)
        $\gamma$ and $\beta$.
    groups : int
        Number of groups; it divides C.
    eps : float
        $\epsilon$: 1e-5 in torch, 1e-3 in Keras.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Outputs.

    Examples
    --------
    >>> group_norm([[[1.0], [3.0]]], [1.0, 1.0], [0.0, 0.0], groups=1, eps=0.0)
    array([[[-1.],
            [ 1.]]])

    References
    ----------
    Wu, He, "Group normalization", 2018. <https://arxiv.org/abs/1803.08494>
    """
    x = np.asarray(x, float)
    rows = x.reshape(len(x), groups, -1)
    scaled = rows - rows.mean(-1, keepdims=True)
    scaled = scaled / np.sqrt(rows.var(-1, keepdims=True) + eps)
    shape = (-1, *[1] * (x.ndim - 2))
    y = np.reshape(weight, shape) * scaled.reshape(x.shape)
    return y + np.reshape(bias, shape)


def group_norm_backward(grad, x, weight, bias, *, groups, eps=1e-5):
    """Gradients of `group_norm`.

    Parameters
    ----------
    grad : ndarray, shape (N, C, ...)
        Gradient of the loss for the outputs.
    x, weight, bias : ndarray, shapes as for `group_norm`
        What the layer was given.
    groups : int
        As for `group_norm`.
    eps : float
        As for `group_norm`.

    Returns
    -------
    tuple of ndarray, shapes of x, weight and bias
        Gradients.

    Examples
    --------
    >>> x, ones = [[[1.0], [3.0]]], [1.0, 1.0]
    >>> group_norm_backward([[[1.0], [1.0]]], x, ones, [0.0, 0.0], groups=1)[2]
    array([1., 1.])

    References
    ----------
    Wu, He, 2018. <https://arxiv.org/abs/1803.08494>
    """
    grad, x = np.asarray(grad, float), np.asarray(x, float)
    rows = x.reshape(len(x), groups, -1)
    root = np.sqrt(rows.var(-1, keepdims=True) + eps)
    scaled = (rows - rows.mean(-1, keepdims=True)) / root
    shape, axes = (-1, *[1] * (x.ndim - 2)), (0, *range(2, x.ndim))
    g = (grad * np.reshape(weight, shape)).reshape(rows.shape)
    dx = g - g.mean(-1, keepdims=True) - scaled * (g * scaled).mean(-1, keepdims=True)
    dweight = (grad * scaled.reshape(x.shape)).sum(axes)
    return (dx / root).reshape(x.shape), dweight, grad.sum(axes)


def instance_norm(x, weight, bias, *, eps=1e-5):
    """Normalise every channel of every example over its places.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    weight, bias : ndarray, shape (C,)
        Scale and shift.
    eps : float
        1e-5 in torch, 1e-3 in Keras.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Outputs: the contrast of an image is gone.

    Examples
    --------
    >>> instance_norm([[[1.0, 3.0], [10.0, 30.0]]], [1, 1], [0, 0], eps=0.0)
    array([[[-1.,  1.],
            [-1.,  1.]]])

    References
    ----------
    Ulyanov et al., "Instance normalization", 2016. <https://arxiv.org/abs/1607.08022>
    """
    return group_norm(x, weight, bias, groups=np.shape(x)[1], eps=eps)


def instance_norm_backward(grad, x, weight, bias, *, eps=1e-5):
    """Gradients of `instance_norm`.

    Parameters
    ----------
    grad : ndarray, shape (N, C, ...)
        Gradient of the loss for the outputs.
    x, weight, bias : ndarray, shapes as for `instance_norm`
        What the layer was given.
    eps : float
        As for `instance_norm`.

    Returns
    -------
    tuple of ndarray, shapes of x, weight and bias
        Gradients.

    Examples
    --------
    >>> instance_norm_backward([[[1.0, 2.0]]], [[[1.0, 3.0]]], [1.0], [0.0])[2]
    array([3.])

    References
    ----------
    Ulyanov et al., 2016. <https://arxiv.org/abs/1607.08022>
    """
    return group_norm_backward(grad, x, weight, bias, groups=np.shape(x)[1], eps=eps)
