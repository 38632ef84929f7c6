"""Circle loss: each similarity is pulled as hard as it is far from its optimum."""

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
    r"""Circle loss on pairs, one value per anchor.

    $\ln(1 + \sum_n e^{\gamma \alpha_n (s_n - m)} \sum_p e^{-\gamma \alpha_p
    (s_p - 1 + m)})$ over the cosines $s_p$ to the anchor's positives and $s_n$ to its
    negatives, weighted by $\alpha_p = [1 + m - s_p]_+$ and $\alpha_n = [s_n + m]_+$.
    Cosines of 1 and 0 are perfect.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        Labels: which rows belong together, any dtype. Sample batches with several rows
        of each label.
    y_pred : tensor, shape (N, D)
        Embeddings, one vector per row, any floating dtype, of any length but 0: only
        directions count, do not normalise first.
    margin : float
        Relaxation $m$: pulls until positives exceed $1 - m$ and negatives fall below
        $m$. The paper uses 0.25 for faces, 0.4 for retrieval.
    scale : float > 0
        The factor $\gamma$: the larger, the more the hardest pair decides. The paper
        uses 256 for faces, 80 for retrieval.

    Returns
    -------
    tensor, shape (N,)
        One loss per anchor, in the dtype of `y_pred`. The weights are constants to the
        gradient, as in the paper. 0, with no gradient, for an anchor that has no
        positive or no negative in the batch. NaN if a vector is zero: a compiled graph
        cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit, `margin` is outside [0, 1) or `scale` is not above 0.

    Examples
    --------
    >>> embeddings = [[1.0, 0.0], [1.0, 0.2], [0.0, 1.0]]
    >>> loss = circle_loss([0, 0, 1], embeddings, scale=4.0)
    >>> [round(float(x), 4) for x in loss]
    [0.4746, 0.5356, 0.0]

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
    if not 0 <= margin < 1:
        raise ValueError(f"margin must be in [0, 1). Received: {margin}")
    if not scale > 0:
        raise ValueError(f"scale must be > 0. Received: {scale}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    directions = wide / ops.sqrt(ops.sum(ops.square(wide), axis=1, keepdims=True))
    cosine = directions @ ops.transpose(directions)
    constant = ops.stop_gradient(cosine)
    pull = scale * ops.relu(1 + margin - constant) * (1 - margin - cosine)
    push = scale * ops.relu(constant + margin) * (cosine - margin)
    row = ops.cumsum(ops.ones_like(labels, dtype="int32"))
    same = ops.equal(ops.expand_dims(labels, 1), ops.expand_dims(labels, 0))
    positive = ops.logical_and(same, ops.expand_dims(row, 1) != row)
    # -inf would give NaN for an anchor without a positive or a negative
    pull = ops.logsumexp(ops.where(positive, pull, -1e30), axis=1)
    push = ops.logsumexp(ops.where(same, -1e30, push), axis=1)
    loss = ops.logsumexp(ops.stack([pull + push, ops.zeros_like(pull)]), axis=0)
    return ops.cast(loss, y_pred.dtype)
