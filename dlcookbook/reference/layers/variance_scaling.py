"""Glorot, He and LeCun initialisers, with the conventions of either framework."""

import math
from statistics import NormalDist

import numpy as np

__all__ = ["fans", "variance_scaling_quantile"]


def fans(shape, *, kernel="conv", convention="torch"):
    """Count the inputs of an output and the outputs of an input, as a framework does.

    Parameters
    ----------
    shape : tuple of int
        Shape of the weights in torch's layout: outputs, inputs, places.
    kernel : {"conv", "depthwise", "embedding"}
        What the weights belong to; a dense layer counts as "conv".
    convention : {"torch", "keras"}
        Who counts. They differ for a depthwise kernel, where Keras takes the channels
        for inputs and torch for outputs, and for an embedding.

    Returns
    -------
    tuple of int
        fan_in and fan_out.

    Examples
    --------
    >>> fans((64, 3, 7, 7))
    (147, 3136)
    >>> fans((64, 1, 3, 3), kernel="depthwise", convention="keras")
    (576, 9)

    References
    ----------
    Glorot, Bengio, 2010. <https://proceedings.mlr.press/v9/glorot10a.html>
    """
    outs, ins, *places = shape
    swapped = kernel != "conv" and convention == "keras"
    ins, outs = (outs, ins) if swapped else (ins, outs)
    return ins * math.prod(places), outs * math.prod(places)


def variance_scaling_quantile(
    p,
    shape,
    scale=1.0,
    *,
    mode="fan_in",
    distribution="truncated_normal",
    kernel="conv",
    convention="torch",
    fan=None,
):
    r"""Value below which a share p of the weights lies; $\sigma^2 = s / \mathrm{fan}$.

    Parameters
    ----------
    p : ndarray, shape (...)
        Shares, from 0 to 1.
    shape : tuple of int
        Shape of the weights in torch's layout.
    scale : float
        $s$: 1 for LeCun and Glorot, 2 for He.
    mode : {"fan_in", "fan_out", "fan_avg"}
        Which fan.
    distribution : {"uniform", "normal", "truncated_normal"}
        All have variance $\sigma^2$. The truncated one ends at two of its parent's
        deviations, which is 1 / 0.8796 as wide.
    kernel, convention : str
        As for `fans`.
    fan : int, optional
        Divide by this number, whatever the shape.

    Returns
    -------
    ndarray, shape (...)
        Quantiles.

    Examples
    --------
    >>> float(variance_scaling_quantile(1.0, (10, 6), distribution="uniform").round(4))
    0.7071

    References
    ----------
    He et al., "Delving deep into rectifiers", 2015. <https://arxiv.org/abs/1502.01852>
    """
    if fan is None:
        fan_in, fan_out = fans(shape, kernel=kernel, convention=convention)
        averaged = (fan_in + fan_out) / 2
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": averaged}[mode]
    deviation = math.sqrt(scale / fan)
    if distribution == "uniform":
        return deviation * math.sqrt(3) * (2 * np.asarray(p, float) - 1)
    bell = NormalDist()
    if distribution == "normal":
        return deviation * np.vectorize(bell.inv_cdf)(p)
    inside = bell.cdf(2) - bell.cdf(-2)
    parent = deviation / math.sqrt(1 - 4 * bell.pdf(2) / inside)
    share = bell.cdf(-2) + inside * np.asarray(p, float)
    return parent * np.vectorize(bell.inv_cdf)(share)
