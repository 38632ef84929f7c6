"""LDAM loss: demand a larger margin of rarer classes."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, ops

__all__ = ["ldam_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def ldam_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    class_counts: KerasTensor | Sequence[int],
    max_margin: float = 0.5,
    scale: float = 30.0,
) -> KerasTensor:
    r"""Label-distribution-aware margin loss, one value per example (or pixel).

    Softmax cross-entropy of the scores $s (z_j - \Delta_j [j = y])$, where class $j$
    with $n_j$ examples has the margin $\Delta_j = m (n_{\min} / n_j)^{1/4}$.
    `max_margin=0` with `scale=1` is cross-entropy.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Cosines of the features with the weights of each class, any floating dtype,
        classes last. For logits without a bound, set `scale=1`.
    class_counts : tensor or sequence, shape (C,)
        Training examples of each class, > 0. Not the counts of one batch.
    max_margin : float >= 0
        Margin $m$ of the rarest class, in units of the logits.
    scale : float > 0
        Factor $s$ that makes a softmax of cosines sharp.

    Returns
    -------
    tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `y_pred`. NaN where a class
        index is outside [0, C): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit, `class_counts` does not hold C values > 0,
        `max_margin` is negative or `scale` is not > 0.

    Examples
    --------
    >>> logits = [[0.9, 0.8], [0.9, 0.8]]
    >>> loss = ldam_loss([0, 1], logits, class_counts=[1600, 100])
    >>> [round(float(x), 3) for x in loss]
    [4.511, 18.0]

    References
    ----------
    Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin
    Loss", 2019, section 3. <https://arxiv.org/abs/1906.07413>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred without its class axis. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not max_margin >= 0:
        raise ValueError(f"max_margin must be >= 0. Received: {max_margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    classes = y_pred.shape[-1]
    counts = ops.convert_to_numpy(class_counts).astype("float64")
    if counts.shape != (classes,) or not (counts > 0).all():
        raise ValueError(
            f"class_counts must hold {classes} values > 0. Received: {counts.tolist()}"
        )
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    margins = ops.cast(max_margin * (counts.min() / counts) ** 0.25, wide.dtype)
    labels = ops.cast(y_true, "int32")
    valid = ops.logical_and(labels >= 0, labels < classes)
    index = ops.expand_dims(ops.where(valid, labels, 0), -1)
    shifted = scale * ops.where(index == ops.arange(classes), wide - margins, wide)
    log_p = ops.take_along_axis(ops.log_softmax(shifted), index, axis=-1)[..., 0]
    return ops.cast(ops.where(valid, -log_p, float("nan")), y_pred.dtype)
