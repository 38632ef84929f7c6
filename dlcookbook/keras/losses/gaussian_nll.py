"""Gaussian negative log-likelihood: a prediction that says how sure it is."""

import math

import keras
from keras import KerasTensor, ops

__all__ = ["gaussian_nll_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def gaussian_nll_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    r"""Gaussian negative log-likelihood, one value per element.

    $\frac12 (s + (y - \mu)^2 e^{-s} + \ln 2\pi)$ for a target $y$, a predicted mean
    $\mu$ and log-variance $s$. With $s = 0$ it is half the squared error and 0.919.

    Parameters
    ----------
    y_true : tensor, shape (...) or (..., 1)
        Observed values.
    y_pred : tensor, shape (..., 2)
        Mean and natural logarithm of the variance, any floating dtype. Any number is
        a log-variance: no softplus, no clamp.

    Returns
    -------
    tensor, shape (...)
        Minus the log-density of each target, in nats, in the dtype of `y_pred`. Below
        zero where a narrow prediction is right. The constant is part of it.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> loss = gaussian_nll_loss([2.0, 2.0], [[0.0, 0.0], [0.0, 2.0]])
    >>> [round(float(x), 4) for x in loss]
    [2.9189, 2.1896]

    References
    ----------
    Nix, Weigend, "Estimating the Mean and Variance of the Target Probability
    Distribution", 1994. <https://doi.org/10.1109/ICNN.1994.374138>
    Kendall, Gal, "What Uncertainties Do We Need in Bayesian Deep Learning for Computer
    Vision?", 2017, eq. 8 (the log-variance). <https://arxiv.org/abs/1703.04977>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_pred.shape) != (*y_true.shape, 2):
        raise ValueError(
            "y_pred must have the shape of y_true and a last axis of 2. Received: "
            f"y_pred {tuple(y_pred.shape)}, y_true {tuple(y_true.shape)}"
        )
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    mean, log_variance = wide[..., 0], wide[..., 1]
    # in two factors, because exp(-s) overflows long before its product with the error
    root = ops.exp(-log_variance / 4)
    deviations = (ops.cast(y_true, wide.dtype) - mean) * root * root
    loss = (log_variance + ops.square(deviations) + math.log(2 * math.pi)) / 2
    return ops.cast(loss, y_pred.dtype)
