"""Absolute percentage error: how far off, as a share of the truth."""

import keras
from keras import KerasTensor, ops

__all__ = ["mape_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def mape_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    r"""Absolute error as a share of the target, one value per element.

    $|\hat y - y| / |y|$: a share, 0.1 for 10 %. Forecasting nothing at all costs 1,
    whatever the truth, so that too low is cheaper than too high.

    Parameters
    ----------
    y_true : tensor, shape (...)
        Observed values, same shape as `y_pred`, none of them 0. There is no floor for
        the denominator: it would decide the mean in silence.
    y_pred : tensor, shape (...)
        Predicted values, any floating dtype.

    Returns
    -------
    tensor, shape (...)
        One loss per element, as a share and not in percent, in the dtype of `y_pred`.
        NaN where `y_true` is 0: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> loss = mape_loss([100.0, 5.0], [110.0, 0.0])
    >>> [round(float(x), 4) for x in loss]
    [0.1, 1.0]

    References
    ----------
    Hyndman & Koehler, "Another Look at Measures of Forecast Accuracy", 2006, section
    2.2. <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    # half precision would overflow in the quotient
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    truth = ops.cast(y_true, wide.dtype)
    zero = ops.equal(truth, 0)
    loss = ops.abs((wide - truth) / ops.where(zero, 1.0, truth))
    return ops.cast(ops.where(zero, float("nan"), loss), y_pred.dtype)
