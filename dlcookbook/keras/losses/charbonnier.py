"""Charbonnier loss: absolute error with a rounded corner."""

import keras
from keras import KerasTensor, ops

__all__ = ["charbonnier_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def charbonnier_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, epsilon: float = 1e-3
) -> KerasTensor:
    r"""Charbonnier loss (pseudo-Huber, in other units), one value per element.

    $\sqrt{e^2 + \epsilon^2}$ for the error $e$ of a prediction. An exact prediction
    costs $\epsilon$, a large error $|e|$.

    Parameters
    ----------
    y_true : tensor, shape (...)
        Observed values, same shape as `y_pred`.
    y_pred : tensor, shape (...)
        Predicted values, any floating dtype.
    epsilon : float > 0
        Width of the rounded corner, in units of the targets. 1e-3 suits images from 0
        to 1.

    Returns
    -------
    tensor, shape (...)
        One loss per element, in the units of the targets and the dtype of `y_pred`.

    Raises
    ------
    ValueError
        If the shapes differ or `epsilon` is not positive and finite.

    Examples
    --------
    >>> loss = charbonnier_loss([0.0, 0.0], [0.0, 3.0], epsilon=4.0)
    >>> [round(float(x), 4) for x in loss]
    [4.0, 5.0]

    References
    ----------
    Charbonnier et al., "Two Deterministic Half-Quadratic Regularization Algorithms for
    Computed Imaging", 1994. <https://doi.org/10.1109/ICIP.1994.413553>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not 0 < epsilon < float("inf"):
        raise ValueError(f"epsilon must be > 0 and finite. Received: {epsilon}")
    # half precision would overflow in the square
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    error = (wide - ops.cast(y_true, wide.dtype)) / epsilon
    return ops.cast(epsilon * ops.sqrt(error * error + 1), y_pred.dtype)
