"""Batch normalisation, with the running variance of either framework."""

import numpy as np

__all__ = [
    "batch_norm",
    "batch_norm_backward",
    "batch_norm_inference",
    "running_statistics",
]


def batch_norm(x, weight, bias, *, eps=1e-5):
    r"""$y = \gamma (x - \mu_c) / \sqrt{\sigma_c^2 + \epsilon} + \beta$ in training.

    Mean and (biased) variance are those of a channel over the batch and all places.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    weight, bias : ndarray, shape (C,)
        $\gamma$ and $\beta$.
    eps : float
        $\epsilon$: 1e-5 in torch, 1e-3 in Keras.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Outputs.

    Examples
    --------
    >>> batch_norm([[1.0], [3.0]], [1.0], [0.0], eps=0.0)
    array([[-1.],
           [ 1.]])

    References
    ----------
    Ioffe, Szegedy, "Batch normalization", 2015, algorithm 1.
    <https://arxiv.org/abs/1502.03167>
    """
    x = np.asarray(x, float)
    axes = (0, *range(2, x.ndim))
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    shape = mean.shape
    scaled = (x - mean) / np.sqrt(var + eps)
    return np.reshape(weight, shape) * scaled + np.reshape(bias, shape)


def batch_norm_backward(grad, x, weight, bias, *, eps=1e-5):
    """Gradients of `batch_norm`: a batch feels every one of its examples.

    Parameters
    ----------
    grad : ndarray, shape (N, C, ...)
        Gradient of the loss for the outputs.
    x, weight, bias : ndarray, shapes as for `batch_norm`
        What the layer was given.
    eps : float
        As for `batch_norm`.

    Returns
    -------
    tuple of ndarray, shapes of x, weight and bias
        Gradients. Those for x add up to 0 in each channel.

    Examples
    --------
    >>> x, grad = [[1.0], [2.0], [6.0]], [[1.0], [0.0], [0.0]]
    >>> dx, *_ = batch_norm_backward(grad, x, [1.0], [0.0])
    >>> bool(abs(dx.sum()) < 1e-12)
    True

    References
    ----------
    Ioffe, Szegedy, 2015, section 3. <https://arxiv.org/abs/1502.03167>
    """
    grad, x = np.asarray(grad, float), np.asarray(x, float)
    axes = (0, *range(2, x.ndim))
    root = np.sqrt(x.var(axes, keepdims=True) + eps)
    scaled = (x - x.mean(axes, keepdims=True)) / root
    g = grad * np.reshape(weight, root.shape)
    dx = g - g.mean(axes, keepdims=True)
    dx -= scaled * (g * scaled).mean(axes, keepdims=True)
    return dx / root, (grad * scaled).sum(axes), grad.sum(axes)


def batch_norm_inference(x, mean, var, weight, bias, *, eps=1e-5):
    """Return the outputs in inference: a fixed scale and shift for every channel.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs.
    mean, var : ndarray, shape (C,)
        Running statistics.
    weight, bias : ndarray, shape (C,)
        Learnt scale and shift.
    eps : float
        As for `batch_norm`.

    Returns
    -------
    ndarray, shape (N, C, ...)
        Outputs.

    Examples
    --------
    >>> batch_norm_inference([[5.0]], [1.0], [4.0], [3.0], [0.5], eps=0.0)
    array([[6.5]])

    References
    ----------
    Ioffe, Szegedy, 2015, algorithm 2. <https://arxiv.org/abs/1502.03167>
    """
    x = np.asarray(x, float)
    shape = (-1, *[1] * (x.ndim - 2))
    scale = np.asarray(weight) / np.sqrt(np.asarray(var) + eps)
    shift = np.asarray(bias) - np.asarray(mean) * scale
    return x * scale.reshape(shape) + shift.reshape(shape)


def running_statistics(x, mean, var, *, momentum=0.1, unbiased=True):
    r"""$r \leftarrow (1 - m) r + m s$: the statistics after one batch of training.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Inputs of the batch.
    mean, var : ndarray, shape (C,)
        Running statistics so far.
    momentum : float in [0, 1]
        $m$, the weight of the new batch, as in torch. Keras' momentum is 1 - m.
    unbiased : bool
        Divide squares by n - 1, as torch does, or by n, as Keras does.

    Returns
    -------
    tuple of ndarray, shape (C,)
        Mean and variance.

    Examples
    --------
    >>> running_statistics([[1.0], [3.0]], [0.0], [1.0], momentum=0.5)
    (array([1.]), array([1.5]))

    References
    ----------
    Ioffe, Szegedy, 2015, algorithm 2: unbiased. <https://arxiv.org/abs/1502.03167>
    """
    x = np.asarray(x, float)
    axes = (0, *range(2, x.ndim))
    new = x.mean(axes), x.var(axes, ddof=int(unbiased))
    old = np.asarray(mean), np.asarray(var)
    return tuple(
        (1 - momentum) * o + momentum * n for o, n in zip(old, new, strict=True)
    )
