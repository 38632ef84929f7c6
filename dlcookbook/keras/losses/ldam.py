"""LDAM loss: larger margins for rarer classes."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, ops

__all__ = ["ldam_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def ldam_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    class_counts: Sequence[float],
    max_margin: float = 0.5,
    scale: float = 30.0,
) -> KerasTensor:
    r"""Label-distribution-aware margin loss, one value per example (or pixel).

    Cross-entropy of $s\,(z - \Delta_y e_y)$: the score of the true class is lowered by
    a margin $\Delta_y = m (n_{\min} / n_y)^{1/4}$ that is largest for the rarest class.
    `max_margin=0` and `scale=1` is cross-entropy.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Cosines between features and class weights, as in the paper, or raw scores with
        `scale=1`; any floating dtype, classes last.
    class_counts : sequence of C numbers > 0
        Examples of each class in the training set.
    max_margin : float >= 0
        Margin $m$ of the rarest class. The paper uses 0.5.
    scale : float > 0
        Factor $s$ that makes up for the small range of cosines. The paper uses 30.

    Returns
    -------
    tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `y_pred`. NaN where a class
        index is outside [0, C): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit, `class_counts` does not hold C positive numbers,
        `max_margin` is negative or `scale` not positive.

    Examples
    --------
    The same scores cost more where the class is rare:

    >>> loss = ldam_loss([0, 1], ops.zeros((2, 2)), class_counts=[10_000, 1], scale=1.0)
    >>> [round(float(x), 4) for x in loss]
    [0.7185, 0.9741]

    References
    ----------
    Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin
    Loss", 2019, eq. 13. <https://arxiv.org/abs/1906.07413>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred without its class axis. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    classes = y_pred.shape[-1]
    counts = [float(n) for n in class_counts]
    if len(counts) != classes or not all(n > 0 for n in counts):
        raise ValueError(
            f"class_counts must hold {classes} positive numbers. Received: {counts}"
        )
    if not max_margin >= 0:
        raise ValueError(f"max_margin must be >= 0. Received: {max_margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    margins = [max_margin * (min(counts) / n) ** 0.25 for n in counts]
    labels = ops.cast(y_true, "int32")
    valid = ops.logical_and(labels >= 0, labels < classes)
    labels = ops.where(valid, labels, 0)
    # half precision would round the margins away
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    is_true = ops.expand_dims(labels, -1) == ops.arange(classes)
    margin = ops.convert_to_tensor(margins, dtype=wide.dtype)
    lowered = scale * (wide - ops.where(is_true, margin, 0.0))
    log_p = ops.log_softmax(lowered, axis=-1)
    loss = -ops.take_along_axis(log_p, ops.expand_dims(labels, -1), axis=-1)[..., 0]
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)
