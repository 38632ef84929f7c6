"""Jensen-Shannon divergence: a symmetric and bounded distance of two distributions."""

import math

import keras
from keras import KerasTensor, ops

__all__ = ["js_divergence_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def js_divergence_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    r"""Jensen-Shannon divergence of prediction and target, one value per example.

    $\frac12 \mathrm{KL}(t \Vert m) + \frac12 \mathrm{KL}(q \Vert m)$ with $q$ the
    softmax of the logits and $m = \frac12(t + q)$. It is $\ln 2$ at most.

    Parameters
    ----------
    y_true : tensor, shape (..., C)
        What the prediction should be: >= 0, adding up to 1 over the classes.
        Probabilities, not their logarithms.
    y_pred : tensor, shape (..., C)
        Raw scores (logits), any floating dtype, classes last. Do not apply a softmax
        first.

    Returns
    -------
    tensor, shape (...)
        One divergence per example, from 0 to 0.6931 up to rounding, in nats, in the
        dtype of `y_pred`. Its square root is a metric. NaN where a target is negative
        or the targets miss the sum of 1 by more than 0.01: a compiled graph cannot
        raise.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> loss = js_divergence_loss([[0.5, 0.5], [0.0, 1.0]], [[0.0, 0.0], [100.0, 0.0]])
    >>> [round(float(x), 4) for x in loss]
    [0.0, 0.6931]

    References
    ----------
    Lin, "Divergence Measures Based on the Shannon Entropy", 1991, eq. 3.4 and 4.1.
    <https://doi.org/10.1109/18.61115>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape (..., C) of y_pred. Received: "
            f"{tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    log_q = ops.log_softmax(ops.cast(y_pred, "float32") if half else y_pred, axis=-1)
    target = ops.cast(y_true, log_q.dtype)
    total = ops.sum(target, axis=-1)
    gap = ops.log(ops.where(target > 0, target, 1.0)) - log_q
    # ln(t / m) = ln 2 + logsigmoid(ln t - ln q), and likewise for q: with the ln 2
    # summed apart, the gradient of a sure and wrong prediction keeps its digits
    terms = target * ops.log_sigmoid(gap) + ops.exp(log_q) * ops.log_sigmoid(-gap)
    terms = ops.sum(ops.where(target > 0, terms, 0.0), axis=-1)
    loss = (terms + math.log(2) * (1 + total)) / 2
    valid = ops.logical_and(ops.all(target >= 0, axis=-1), ops.abs(total - 1) <= 0.01)
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)
