"""InfoNCE and NT-Xent: find the partner of a vector among a batch of others."""

import keras
from keras import KerasTensor, ops

__all__ = ["info_nce_loss", "nt_xent_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def info_nce_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, temperature: float = 0.07
) -> KerasTensor:
    r"""InfoNCE loss, one value per query.

    $-\ln \frac{\exp(\cos(q_i, k_i) / \tau)}{\sum_j \exp(\cos(q_i, k_j) / \tau)}$: the
    cross-entropy of finding key $i$ for query $i$ among all keys of the batch. Where
    all keys are alike it is $\ln N$.

    Parameters
    ----------
    y_true : tensor, shape (N, D)
        Keys. Row i is the positive of query i and a negative of all others, so nothing
        may occur twice in a batch.
    y_pred : tensor, shape (N, D)
        Queries, one vector per row, any floating dtype, of any length but 0: only
        directions count, do not normalise first.
    temperature : float > 0
        Divides the cosines: the smaller, the more the nearest negatives count.

    Returns
    -------
    tensor, shape (N,)
        One loss per query, in nats, in the dtype of `y_pred`. It depends on the batch
        size, and is 0 for a batch of one. CLIP takes the mean of both directions. NaN
        where a vector is zero (everywhere for a key): a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes are not the same (N, D) or `temperature` is not above 0.

    Examples
    --------
    >>> keys, queries = [[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 1.0]]
    >>> loss = info_nce_loss(keys, queries, temperature=0.5)
    >>> [round(float(x), 4) for x in loss]
    [0.1269, 0.1269]

    References
    ----------
    van den Oord, Li, Vinyals, "Representation Learning with Contrastive Predictive
    Coding", 2018, eq. 4. <https://arxiv.org/abs/1807.03748>
    He et al., "Momentum Contrast for Unsupervised Visual Representation Learning",
    2020, eq. 1 (cosines and temperature). <https://arxiv.org/abs/1911.05722>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_pred.shape) != 2 or tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape (N, D) of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not temperature > 0:
        raise ValueError(f"temperature must be > 0. Received: {temperature}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    queries = ops.cast(y_pred, "float32") if half else y_pred
    keys = ops.cast(y_true, queries.dtype)
    queries = queries / ops.sqrt(ops.sum(ops.square(queries), axis=1, keepdims=True))
    keys = keys / ops.sqrt(ops.sum(ops.square(keys), axis=1, keepdims=True))
    logits = queries @ ops.transpose(keys) / temperature
    loss = ops.logsumexp(logits, axis=1) - ops.diagonal(logits)
    return ops.cast(loss, y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def nt_xent_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, temperature: float = 0.5
) -> KerasTensor:
    r"""NT-Xent, the loss of SimCLR, one value per pair of views.

    $-\ln \frac{\exp(\cos(z_i, z_j) / \tau)}{
    \sum_{k \ne i} \exp(\cos(z_i, z_k) / \tau)}$ for the views $i$ and $j$ of a pair,
    averaged over both directions: the other view is to be found among all 2N - 1 other
    vectors of the batch.

    Parameters
    ----------
    y_true, y_pred : tensor, shape (N, D)
        Row i of both comes from example i, augmented twice. Any floating dtype, of any
        length but 0: only directions count, do not normalise first. Gradients flow
        into both.
    temperature : float > 0
        Divides the cosines: the smaller, the more the nearest negatives count.

    Returns
    -------
    tensor, shape (N,)
        One loss per pair, in nats, in the dtype of `y_pred`; its mean is the loss of
        the paper. It depends on the batch size, and is 0 for a batch of one. NaN if a
        vector is zero: a compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes are not the same (N, D) or `temperature` is not above 0.

    Examples
    --------
    >>> views = [[2.0, 0.0], [0.0, 1.0]]
    >>> loss = nt_xent_loss(views, views)
    >>> [round(float(x), 4) for x in loss]
    [0.2395, 0.2395]

    References
    ----------
    Chen et al., "A Simple Framework for Contrastive Learning of Visual
    Representations", 2020, eq. 1. <https://arxiv.org/abs/2002.05709>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_pred.shape) != 2 or tuple(y_true.shape) != tuple(y_pred.shape):
        raise ValueError(
            "y_true must have the shape (N, D) of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not temperature > 0:
        raise ValueError(f"temperature must be > 0. Received: {temperature}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    views = ops.stack([wide, ops.cast(y_true, wide.dtype)])
    views = views / ops.sqrt(ops.sum(ops.square(views), axis=2, keepdims=True))
    across = views[0] @ ops.transpose(views[1]) / temperature
    within = views @ ops.transpose(views, (0, 2, 1)) / temperature
    # no vector is a candidate for itself
    row = ops.cumsum(ops.ones_like(y_pred[:, 0], dtype="int32"))
    within = ops.where(ops.expand_dims(row, 1) == row, -float("inf"), within)
    across_both_ways = ops.stack([across, ops.transpose(across)])
    candidates = ops.concatenate([across_both_ways, within], axis=2)
    loss = ops.sum(ops.logsumexp(candidates, axis=2), axis=0) / 2 - ops.diagonal(across)
    return ops.cast(loss, y_pred.dtype)
