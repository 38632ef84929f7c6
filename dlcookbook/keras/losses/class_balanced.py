"""Class-balanced cross-entropy: weigh classes by their effective number of examples."""

import math
from collections.abc import Sequence

import keras
from keras import KerasTensor, ops

__all__ = ["class_balanced_loss", "class_balanced_weights"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def class_balanced_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    class_counts: KerasTensor | Sequence[int],
    beta: float = 0.9999,
) -> KerasTensor:
    r"""Class-balanced softmax cross-entropy, one value per example (or pixel).

    $-w_y \log p_y$, where $p$ is the softmax of the logits and $w$ are the
    `class_balanced_weights`. Equal counts, or `beta=0`, give cross-entropy.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Raw scores (logits), any floating dtype, classes last. Do not apply a softmax.
    class_counts : tensor or sequence, shape (C,)
        Training examples of each class, > 0. Not the counts of one batch.
    beta : float in [0, 1)
        The closer to 1, the nearer the weights come to one over the counts.

    Returns
    -------
    tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `y_pred`. NaN where a class
        index is outside [0, C): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit, `class_counts` does not hold C values > 0 or `beta`
        is outside [0, 1).

    Examples
    --------
    >>> logits = [[0.0, 0.0], [0.0, 0.0]]
    >>> loss = class_balanced_loss([0, 1], logits, class_counts=[900, 100])
    >>> [round(float(x), 4) for x in loss]
    [0.1437, 1.2426]

    References
    ----------
    Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", 2019,
    section 4. <https://arxiv.org/abs/1901.05555>
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
    counts = ops.convert_to_numpy(class_counts).astype("float64")
    if (shape := tuple(counts.shape)) != (classes,):
        raise ValueError(f"class_counts must hold {classes} values. Received: {shape}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    log_p = ops.log_softmax(ops.cast(y_pred, "float32") if half else y_pred, axis=-1)
    labels = ops.cast(y_true, "int32")
    valid = ops.logical_and(labels >= 0, labels < classes)
    labels = ops.where(valid, labels, 0)
    true = ops.take_along_axis(log_p, ops.expand_dims(labels, -1), axis=-1)[..., 0]
    weight = ops.cast(class_balanced_weights(counts, beta=beta), log_p.dtype)
    loss = -ops.take(weight, labels) * true
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)


def class_balanced_weights(
    class_counts: KerasTensor | Sequence[int], *, beta: float = 0.9999
) -> KerasTensor:
    r"""Weights of the classes that make up for their unequal frequency.

    $w_c \propto (1 - \beta) / (1 - \beta^{n_c})$ with mean 1. `beta=0` weighs every
    class with 1; as `beta` nears 1, the weights near $1 / n_c$ times a constant.

    Parameters
    ----------
    class_counts : tensor or sequence, shape (C,)
        Training examples of each class, > 0. Not the counts of one batch.
    beta : float in [0, 1)
        The closer to 1, the nearer the weights come to one over the counts.

    Returns
    -------
    tensor, shape (C,)
        Weights with sum C, without a unit; float64 for float64 counts, else float32.

    Raises
    ------
    ValueError
        If a count is not > 0 or `beta` is outside [0, 1).

    Examples
    --------
    >>> [round(float(w), 4) for w in class_balanced_weights([900, 100])]
    [0.2073, 1.7927]

    References
    ----------
    Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", 2019,
    section 4. <https://arxiv.org/abs/1901.05555>
    """
    if not 0 <= beta < 1:
        raise ValueError(f"beta must be in [0, 1). Received: {beta}")
    if not (ops.convert_to_numpy(class_counts) > 0).all():
        raise ValueError(f"class_counts must be > 0. Received: {class_counts}")
    counts = ops.convert_to_tensor(class_counts)
    double = keras.backend.standardize_dtype(counts.dtype) == "float64"
    counts = ops.cast(counts, "float64" if double else "float32")
    # expm1 keeps the digits of 1 - beta**n that are lost as beta nears 1
    log_beta = math.log(beta) if beta > 0 else -math.inf
    weights = -1 / ops.expm1(counts * log_beta)
    return weights / (ops.sum(weights) / counts.shape[0])
