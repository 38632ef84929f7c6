"""Absolute percentage error: the error as a share of the target."""

import keras
from keras import KerasTensor, ops

__all__ = ["mape_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def mape_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, epsilon: float
) -> KerasTensor:
    r"""Absolute error divided by the size of the target, one value per element.

    $\frac{|e|}{\max(|y|, \epsilon)}$ for the error $e$ of a target $y$: a fraction,
    0.25 for 25 %. Its mean is the MAPE.

    Parameters
    ----------
    y_true : tensor, shape (...)
        Observed values, same shape as `y_pred`. A prediction that is too low costs 1 at
        most if it has the right sign, one that is too high costs more: the best
        prediction is below the median.
    y_pred : tensor, shape (...)
        Predicted values, any floating dtype.
    epsilon : float > 0
        The smallest size of a target that you would divide by, in its unit. There is
        no default, because a tiny one turns a single target of 0 into the whole mean.

    Returns
    -------
    tensor, shape (...)
        One loss per element, a fraction and not a percentage, in the dtype of
        `y_pred`.

    Raises
    ------
    ValueError
        If the shapes differ or `epsilon` is not above 0.

    Examples
    --------
    >>> loss = mape_loss([100.0, 0.0], [90.0, 1.0], epsilon=10.0)
    >>> [round(float(x), 4) for x in loss]
    [0.1, 0.1]

    References
    ----------
    de Myttenaere et al., "Mean Absolute Percentage Error for Regression Models", 2016.
    <https://arxiv.org/abs/1605.02541>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not epsilon > 0:
        raise ValueError(f"epsilon must be > 0. Received: {epsilon}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    target = ops.cast(y_true, wide.dtype)
    size = ops.where(ops.abs(target) > epsilon, ops.abs(target), epsilon)
    return ops.cast(ops.abs(wide - target) / size, y_pred.dtype)
