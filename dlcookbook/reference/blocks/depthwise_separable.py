"""Depthwise separable convolution: look at places and mix channels one by one."""

import numpy as np

__all__ = ["depthwise_separable"]


def depthwise_separable(x, weights, *, stride=1, norm_eps=1e-5):
    r"""$\mathrm{ReLU}(\mathrm{BN}(W_p \, \mathrm{ReLU}(\mathrm{BN}(w_d * x))))$.

    The norms use their running statistics, as in inference.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images or features.
    weights : dict of ndarray, shapes as follows
        `depthwise.weight`, shape (C, 1, k, k), `pointwise.weight`, shape (K, C, 1, 1),
        and `weight`, `bias`, `running_mean` and `running_var` of `bn1` and `bn2`.
    stride : int
        Step of the kernels.
    norm_eps : float
        Added to the variance.

    Returns
    -------
    ndarray, shape (N, K, ceil(H / stride), ceil(W / stride))
        Features, float64.

    Examples
    --------
    >>> plain = {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1}
    >>> weights = {f"{n}.{k}": np.full(1, v) for n in ("bn1", "bn2")
    ...            for k, v in plain.items()}
    >>> weights["depthwise.weight"] = np.ones((1, 1, 3, 3))
    >>> weights["pointwise.weight"] = np.full((1, 1, 1, 1), 10.0)
    >>> depthwise_separable(np.ones((1, 1, 3, 3)), weights, stride=2, norm_eps=0)
    array([[[[40., 40.],
             [40., 40.]]]])

    References
    ----------
    Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile
    Vision Applications", 2017, section 3.1. <https://arxiv.org/abs/1704.04861>
    """
    kernel, mix = weights["depthwise.weight"], weights["pointwise.weight"][:, :, 0, 0]
    side = kernel.shape[-1]
    edge = side // 2
    x = np.pad(np.asarray(x, float), [(0, 0), (0, 0), (edge, edge), (edge, edge)])
    windows = np.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    y = np.einsum("nchwij,cij->nchw", windows, kernel[:, 0])
    y = np.einsum("nchw,kc->nkhw", _rectified(y, weights, "bn1", norm_eps), mix)
    return _rectified(y, weights, "bn2", norm_eps)


def _rectified(x, weights, norm, eps):
    scale, shift, mean, variance = (
        np.reshape(weights[f"{norm}.{name}"], (-1, 1, 1))
        for name in ("weight", "bias", "running_mean", "running_var")
    )
    return np.maximum((x - mean) / np.sqrt(variance + eps) * scale + shift, 0)
