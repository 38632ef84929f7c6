"""Quantile (pinball) loss: the best prediction is a quantile, not the mean."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import KerasTensor, ops

__all__ = ["quantile_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def quantile_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, quantile: float | Sequence[float]
) -> KerasTensor:
    r"""Quantile loss, one value per element (and quantile).

    $\max(q e, (q - 1) e)$ with $e$ = target - prediction: too low costs $q$ per
    unit, too high $1 - q$. `quantile=0.5` is half the absolute error.

    Parameters
    ----------
    y_true : tensor, shape (...)
        Observed values, without the column axis. With Q quantiles, a last axis of
        length 1 is dropped.
    y_pred : tensor, shape (...) or (..., Q)
        Predicted quantiles, any floating dtype; with Q quantiles one column for each.
    quantile : float in (0, 1) or sequence of Q such floats
        The share of targets that should lie below the prediction. Nothing keeps the
        columns of several quantiles in order.

    Returns
    -------
    tensor, shape of `y_pred`
        One loss per prediction, in the unit of the targets, in the dtype of `y_pred`.

    Raises
    ------
    ValueError
        If the shapes do not fit or `quantile` is outside (0, 1).

    Examples
    --------
    >>> loss = quantile_loss([2.0], [[1.0, 3.0]], quantile=[0.1, 0.9])
    >>> [round(float(x), 4) for x in loss[0]]
    [0.1, 0.1]

    References
    ----------
    Koenker, Bassett, "Regression Quantiles", 1978. <https://doi.org/10.2307/1913643>
    """
    level = np.asarray(quantile)
    if level.ndim > 1 or not ((level > 0) & (level < 1)).all():
        raise ValueError(f"quantile must be in (0, 1). Received: {quantile}")
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if level.ndim and len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_pred.shape) != tuple(y_true.shape) + level.shape:
        raise ValueError(
            "y_pred must have the shape of y_true, and a column for each of "
            f"several quantiles. Received: y_pred {tuple(y_pred.shape)}, "
            f"y_true {tuple(y_true.shape)}, quantile {level.shape}"
        )
    if level.ndim:
        y_true = ops.expand_dims(y_true, -1)
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    error = ops.cast(y_true, wide.dtype) - wide
    level = ops.convert_to_tensor(level, dtype=wide.dtype)
    loss = ops.where(error > 0, level * error, (level - 1) * error)
    return ops.cast(loss, y_pred.dtype)
