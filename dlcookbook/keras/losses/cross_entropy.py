"""Cross-entropy with class weights, ignored labels, smoothing and soft targets."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, ops

__all__ = ["cross_entropy_loss", "mean_cross_entropy_loss", "soft_cross_entropy_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def cross_entropy_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    class_weights: KerasTensor | Sequence[float] | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> KerasTensor:
    r"""Cross-entropy of class indices, one value per example (or pixel).

    $-\sum_c w_c q_c \log p_c$, where $p$ is the softmax of the logits and $q$ gives the
    true class $1 - \epsilon + \epsilon / C$ and every other $\epsilon / C$. Equal
    logits cost $\log C$ if all weights are 1.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1 or `ignore_index`, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Raw scores (logits), any floating dtype, classes last. Do not apply a softmax
        first. -inf rules a class out; with smoothing, its loss is inf.
    class_weights : tensor or sequence, shape (C,), optional
        Weight $w$ of each class, >= 0. None weighs every class with 1.
    ignore_index : int, optional
        Label of examples that cost nothing. None ignores no example.
    label_smoothing : float in [0, 1]
        Probability $\epsilon$ that is spread evenly over all classes.

    Returns
    -------
    tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `y_pred`; 0 where ignored. NaN
        where a class index is outside [0, C): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit, `class_weights` does not hold C values or
        `label_smoothing` is outside [0, 1].

    Examples
    --------
    >>> logits = [[2.0, 0.0, -1.0], [2.0, 0.0, -1.0]]
    >>> loss = cross_entropy_loss([0, 255], logits, ignore_index=255)
    >>> [round(float(x), 4) for x in loss]
    [0.1698, 0.0]

    References
    ----------
    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015,
    section 7. <https://arxiv.org/abs/1512.00567>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        raise ValueError(
            "y_true must have the shape of y_pred without its class axis. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing not in [0, 1]. Received: {label_smoothing}")
    classes = y_pred.shape[-1]
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    log_p = ops.log_softmax(ops.cast(y_pred, "float32") if half else y_pred, axis=-1)
    weight = ops.ones(classes) if class_weights is None else class_weights
    weight = ops.convert_to_tensor(weight, dtype=log_p.dtype)
    if (shape := tuple(weight.shape)) != (classes,):
        raise ValueError(f"class_weights must hold {classes} values. Received: {shape}")
    labels = ops.cast(y_true, "int32")
    valid = ops.logical_and(labels >= 0, labels < classes)
    index = ops.where(valid, labels, 0)
    true = ops.take_along_axis(log_p, ops.expand_dims(index, -1), axis=-1)[..., 0]
    loss = -ops.take(weight, index) * true
    if label_smoothing > 0:
        # a class of weight 0 costs nothing even where it is ruled out
        even = ops.sum(ops.where(weight == 0, 0.0, weight * log_p), axis=-1) / classes
        loss = (1 - label_smoothing) * loss - label_smoothing * even
    loss = ops.where(valid, loss, float("nan"))
    if ignore_index is not None:
        loss = ops.where(labels == ignore_index, 0.0, loss)
    return ops.cast(loss, y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def mean_cross_entropy_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    class_weights: KerasTensor | Sequence[float] | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> KerasTensor:
    r"""Weighted mean of the cross-entropy over the examples that are not ignored.

    $\sum_i \ell_i / \sum_i w_{y_i}$: the mean of `torch.nn.CrossEntropyLoss` for class
    indices, and of Keras with `reduction="mean_with_sample_weight"`. Keras divides by
    the number of examples by default, as torch does for probabilities. If nothing is
    kept, it is 0 with gradient 0, where torch has NaN.

    Parameters
    ----------
    y_true : tensor, shape (N, ...) or (N, ..., 1)
        Class indices from 0 to C - 1 or `ignore_index`, any dtype.
    y_pred : tensor, shape (N, ..., C)
        Raw scores (logits), any floating dtype, classes last. Do not apply a softmax.
    class_weights : tensor or sequence, shape (C,), optional
        Weight $w$ of each class, >= 0. None weighs every class with 1.
    ignore_index : int, optional
        Label of examples that cost nothing. None ignores no example.
    label_smoothing : float in [0, 1]
        Probability $\epsilon$ that is spread evenly over all classes.

    Returns
    -------
    tensor, shape ()
        Mean loss, in nats, in the dtype of `y_pred`. NaN if a class index is outside
        [0, C): a compiled graph cannot raise.

    Examples
    --------
    >>> logits = [[2.0, 0.0], [2.0, 0.0]]
    >>> loss = mean_cross_entropy_loss([0, 1], logits, class_weights=[1.0, 3.0])
    >>> round(float(loss), 4)
    1.6269

    References
    ----------
    PyTorch, "CrossEntropyLoss", reduction "mean" of class indices.
    <https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    # half precision would overflow in the sum
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    losses = cross_entropy_loss(
        y_true,
        ops.cast(y_pred, "float32") if half else y_pred,
        class_weights=class_weights,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
    )
    labels = ops.reshape(ops.cast(y_true, "int32"), ops.shape(losses))
    weights = ops.ones_like(losses)
    if class_weights is not None:
        weights = ops.convert_to_tensor(class_weights, dtype=losses.dtype)
        weights = ops.take(weights, ops.clip(labels, 0, y_pred.shape[-1] - 1))
    if ignore_index is not None:
        weights = ops.where(labels == ignore_index, 0.0, weights)
    total = ops.sum(weights)
    # dividing by inf makes the value and its gradient 0
    mean = ops.sum(losses) / ops.where(total > 0, total, float("inf"))
    return ops.cast(mean, y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def soft_cross_entropy_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    class_weights: KerasTensor | Sequence[float] | None = None,
    label_smoothing: float = 0.0,
) -> KerasTensor:
    r"""Cross-entropy of class probabilities, one value per example (or pixel).

    $-\sum_c w_c q_c \log p_c$, where $p$ is the softmax of the logits and $q$ are the
    target probabilities after smoothing. A class with $q_c = 0$ costs nothing, even
    where it is ruled out by a logit of -inf. One-hot targets give `cross_entropy_loss`.

    Parameters
    ----------
    y_true : tensor, shape (N, ..., C)
        Probabilities that add up to 1 over the classes (to 1 %), any dtype. Not labels
        of which several may be 1: these need a binary loss.
    y_pred : tensor, shape (N, ..., C)
        Raw scores (logits), any floating dtype, classes last. Do not apply a softmax.
    class_weights : tensor or sequence, shape (C,), optional
        Weight $w$ of each class, >= 0. None weighs every class with 1.
    label_smoothing : float in [0, 1]
        Probability $\epsilon$ that is spread evenly over all classes.

    Returns
    -------
    tensor, shape (N, ...)
        One loss per example, in nats, in the dtype of `y_pred`. NaN where a target is
        negative or a sum is not 1: a compiled graph cannot raise. With class weights,
        divide by what your mean calls for: torch divides by the number of examples.

    Raises
    ------
    ValueError
        If the shapes differ, `class_weights` does not hold C values or
        `label_smoothing` is outside [0, 1].

    Examples
    --------
    >>> loss = soft_cross_entropy_loss([[0.7, 0.3, 0.0]], [[2.0, 0.0, -1.0]])
    >>> [round(float(x), 4) for x in loss]
    [0.7698]

    References
    ----------
    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015,
    section 7. <https://arxiv.org/abs/1512.00567>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing not in [0, 1]. Received: {label_smoothing}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    log_p = ops.log_softmax(ops.cast(y_pred, "float32") if half else y_pred, axis=-1)
    q, classes = ops.cast(y_true, log_p.dtype), y_pred.shape[-1]
    sums = ops.sum(q, axis=-1)
    valid = ops.logical_and(ops.all(q >= 0, axis=-1), ops.abs(sums - 1) <= 0.01)
    weight = ops.ones(classes) if class_weights is None else class_weights
    weight = ops.convert_to_tensor(weight, dtype=log_p.dtype)
    if (shape := tuple(weight.shape)) != (classes,):
        raise ValueError(f"class_weights must hold {classes} values. Received: {shape}")
    q = weight * ((1 - label_smoothing) * q + label_smoothing / classes)
    # 0 log 0 is 0
    loss = -ops.sum(ops.where(q == 0, 0.0, q * log_p), axis=-1)
    return ops.cast(ops.where(valid, loss, float("nan")), y_pred.dtype)
