"""Generalized cross-entropy: trust examples less whose label looks wrong."""

import keras
from keras import KerasTensor, ops

__all__ = ["generalized_cross_entropy_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def generalized_cross_entropy_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, q: float = 0.7
) -> KerasTensor:
    r"""Multi-class loss for noisy labels, one value per example (or pixel).

    $(1 - p_y^q) / q$, where $p_y$ is the softmax probability of the labelled class
    $y$. `q=0` is its limit, cross-entropy; `q=1` is $1 - p_y$, half the absolute error
    of the probabilities.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Raw scores (logits), any floating dtype, classes last. Do not apply a softmax.
    q : float in [0, 1]
        The larger, the less an example weighs whose label the model does not believe:
        its gradient is that of cross-entropy times $p_y^q$. The paper uses 0.7.

    Returns
    -------
    tensor, shape (N, ...)
        One loss per example, from 0 to 1 / q, in the dtype of `y_pred`. NaN where a
        class index is outside [0, C): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit or `q` is outside [0, 1].

    Examples
    --------
    >>> logits = [[2.0, 0.0, -1.0], [2.0, 0.0, -1.0]]
    >>> loss = generalized_cross_entropy_loss([0, 2], logits)
    >>> [round(float(x), 4) for x in loss]
    [0.1601, 1.2732]

    References
    ----------
    Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks
    with Noisy Labels", 2018, section 3. <https://arxiv.org/abs/1805.07836>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred without its class axis. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not 0 <= q <= 1:
        raise ValueError(f"q must be in [0, 1]. Received: {q}")
    labels = ops.cast(y_true, "int32")
    valid = ops.logical_and(labels >= 0, labels < y_pred.shape[-1])
    index = ops.expand_dims(ops.where(valid, labels, 0), -1)
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    log_p = ops.take_along_axis(ops.log_softmax(wide, axis=-1), index, axis=-1)[..., 0]
    # the power of p in logs: a slope where p underflows, digits where q is small
    loss = -ops.expm1(q * log_p) / q if q > 0 else -log_p
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)
