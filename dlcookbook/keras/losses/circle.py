"""Circle loss: every pair pulls as hard as it is still wrong."""

import keras
from keras import KerasTensor, ops

__all__ = ["circle_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def circle_loss(
    y_true: KerasTensor,
    y_pred: KerasTensor,
    *,
    margin: float = 0.25,
    scale: float = 256.0,
) -> KerasTensor:
    r"""Circle loss over the pairs of a batch, one value per anchor.

    $\ln\big(1 + \sum_n e^{s a_n (c_n - m)} \sum_p e^{-s a_p (c_p - 1 + m)}\big)$ with
    the cosines $c_p$, $c_n$ of an anchor to its positives and negatives and the weights
    $a_p = [1 + m - c_p]_+$, $a_n = [c_n + m]_+$. Beyond $c_p = 1 - m$ and $c_n = m$ for
    every pair it falls to 0.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        Labels: which rows of `y_pred` belong together, any dtype.
    y_pred : tensor, shape (N, D)
        One vector per row, any floating dtype, of any length but 0: only directions
        count, do not normalise first.
    margin : float in [0, 1]
        $m$: positives are to be closer than the cosine `1 - margin`, negatives further
        than `margin`. The paper uses 0.25 for faces.
    scale : float > 0
        $s$: the larger, the more the hardest pair alone counts. The paper uses 256 for
        faces.

    Returns
    -------
    tensor, shape (N,)
        One loss per anchor, in the dtype of `y_pred`. 0, with no gradient, for an
        anchor without a positive or without a negative in the batch. NaN if a vector is
        zero: a compiled graph cannot raise. The weights take part in the gradient; some
        implementations hold them fixed.

    Raises
    ------
    ValueError
        If the shapes do not fit, `margin` is outside [0, 1] or `scale` is not positive
        and finite.

    Examples
    --------
    >>> y_pred = [[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]]
    >>> loss = circle_loss([0, 0, 1], y_pred, scale=4.0)
    >>> [round(float(x), 4) for x in loss]
    [0.4741, 0.4741, 0.0]

    References
    ----------
    Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization",
    2020, eq. 6 and 8. <https://arxiv.org/abs/2002.10857>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    labels = ops.squeeze(y_true, -1) if y_true.shape[1:] == (1,) else y_true
    if len(y_pred.shape) != 2 or tuple(labels.shape) != tuple(y_pred.shape[:1]):
        raise ValueError(
            "y_true must hold one label for each row of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not 0 <= margin <= 1:
        raise ValueError(f"margin must be in [0, 1]. Received: {margin}")
    if not 0 < scale < float("inf"):
        raise ValueError(f"scale must be > 0 and finite. Received: {scale}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    directions = wide / ops.sqrt(ops.sum(ops.square(wide), axis=1, keepdims=True))
    cosines = directions @ ops.transpose(directions)
    row = ops.cumsum(ops.ones_like(labels, dtype="int32"))
    same = ops.expand_dims(labels, 1) == labels
    positive = ops.logical_and(same, ops.expand_dims(row, 1) != row)
    pull = -scale * ops.relu(1 + margin - cosines) * (cosines - 1 + margin)
    push = scale * ops.relu(cosines + margin) * (cosines - margin)
    # as good as -inf, which would give NaN where there is no pair
    pull = ops.logsumexp(ops.where(positive, pull, -1e30), axis=1)
    push = ops.logsumexp(ops.where(same, -1e30, push), axis=1)
    return ops.cast(ops.softplus(pull + push), y_pred.dtype)
