"""Log-cosh loss: squared near the target, absolute far from it, smooth everywhere."""

import math

import keras
from keras import KerasTensor, ops

__all__ = ["log_cosh_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def log_cosh_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    r"""Log-cosh regression loss, one value per element.

    $\ln \cosh e$ for the error $e$ of a prediction. A small error counts
    $\frac12 e^2$, a large one $|e| - \ln 2$: the slope $\tanh e$ never exceeds 1.

    Parameters
    ----------
    y_true : tensor, shape (...)
        Observed values, same shape as `y_pred`. Scale them so that 1 is the error at
        which an outlier begins: the loss has no width of its own.
    y_pred : tensor, shape (...)
        Predicted values, any floating dtype.

    Returns
    -------
    tensor, shape (...)
        One loss per element, in the dtype of `y_pred`.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> loss = log_cosh_loss([0.0, 0.0], [0.01, 100.0])
    >>> [round(float(x), 6) for x in loss]
    [5e-05, 99.306854]

    References
    ----------
    Saleh, Saleh, "Statistical Properties of the log-cosh Loss Function Used in Machine
    Learning", 2022. <https://arxiv.org/abs/2208.04564>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    error = wide - ops.cast(y_true, wide.dtype)
    size = ops.abs(error)
    # cosh e = 1 + 2 sinh^2(e / 2): no digit is lost near 0, where cosh is almost 1
    near = ops.log1p(2 * ops.square(ops.sinh(ops.clip(error, -1, 1) / 2)))
    # cosh e = exp|e| (1 + exp(-2|e|)) / 2: nothing overflows
    far = size + ops.softplus(-2 * size) - math.log(2)
    return ops.cast(ops.where(size < 1, near, far), y_pred.dtype)
