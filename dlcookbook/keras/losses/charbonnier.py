"""Charbonnier loss: the absolute error with a rounded corner."""

import keras
from keras import KerasTensor, ops

__all__ = ["charbonnier_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def charbonnier_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, epsilon: float = 1e-3
) -> KerasTensor:
    r"""Charbonnier regression loss, one value per element.

    $\sqrt{e^2 + \epsilon^2}$ for the error $e$ of a prediction: $|e|$ far from the
    target, $\epsilon$ and not 0 on it. The corner of $|e|$ is rounded over a width of
    $\epsilon$.

    Parameters
    ----------
    y_true : tensor, shape (...)
        Observed values, same shape as `y_pred`.
    y_pred : tensor, shape (...)
        Predicted values, any floating dtype.
    epsilon : float > 0
        Errors well below it count squared. In the unit of the targets; 1e-3 is for
        pixels from 0 to 1.

    Returns
    -------
    tensor, shape (...)
        One loss per element, in the unit of the targets, in the dtype of `y_pred`.

    Raises
    ------
    ValueError
        If the shapes differ or `epsilon` is not above 0.

    Examples
    --------
    >>> loss = charbonnier_loss([0.0, 0.0], [0.0, 3.0], epsilon=4.0)
    >>> [round(float(x), 4) for x in loss]
    [4.0, 5.0]

    References
    ----------
    Charbonnier et al., "Two Deterministic Half-Quadratic Regularization Algorithms for
    Computed Imaging", 1994. <https://doi.org/10.1109/ICIP.1994.413553>
    Lai et al., "Deep Laplacian Pyramid Networks for Fast and Accurate
    Super-Resolution", 2017, section 3.3 (1e-3). <https://arxiv.org/abs/1704.03915>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not epsilon > 0:
        raise ValueError(f"epsilon must be > 0. Received: {epsilon}")
    # half precision would round the square of 1e-3 to 0 and overflow at 256
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    error = wide - ops.cast(y_true, wide.dtype)
    return ops.cast(ops.sqrt(ops.square(error) + epsilon**2), y_pred.dtype)
