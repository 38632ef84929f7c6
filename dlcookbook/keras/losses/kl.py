"""KL divergence: how far a predicted distribution is from a given one."""

import keras
from keras import KerasTensor, ops

__all__ = ["kl_divergence_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def kl_divergence_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    r"""KL divergence of the prediction from the target, one value per example.

    $\mathrm{KL}(t \Vert q) = \sum_c t_c \ln\frac{t_c}{q_c}$ with $q$ the softmax of
    the logits and $0 \ln 0 = 0$. For one-hot targets it is cross-entropy.

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
        One divergence per example, >= 0 up to rounding, in nats, in the dtype of
        `y_pred`. NaN where a target is negative or the targets miss the sum of 1 by
        more than 0.01: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> loss = kl_divergence_loss([[0.5, 0.5], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]])
    >>> [round(float(x), 4) for x in loss]
    [0.0, 0.6931]

    References
    ----------
    Kullback, Leibler, "On Information and Sufficiency", 1951, eq. 2.4.
    <https://doi.org/10.1214/aoms/1177729694>
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
    # the inner one keeps log 0 out of the gradient, the outer one 0 * inf
    log_t = ops.log(ops.where(target > 0, target, 1.0))
    terms = ops.where(target > 0, target * (log_t - log_q), 0.0)
    unit_sum = ops.abs(ops.sum(target, axis=-1) - 1) <= 0.01
    valid = ops.logical_and(ops.all(target >= 0, axis=-1), unit_sum)
    loss = ops.where(valid, ops.sum(terms, axis=-1), float("nan"))
    return ops.cast(loss, y_pred.dtype)
