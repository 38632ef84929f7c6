"""Triplet loss: same labels closer than different ones, by a margin."""

import keras
from keras import KerasTensor, ops

__all__ = ["batch_all_triplet_loss", "triplet_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def triplet_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, margin: float = 0.2
) -> KerasTensor:
    r"""Triplet loss with batch-hard mining, one value per anchor.

    $[m + \max_p d(a, p) - \min_n d(a, n)]_+$: every row is an anchor $a$ and meets its
    farthest positive and its nearest negative, by Euclidean distance. 0 where all
    negatives are farther than all positives by the margin $m$.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        Labels: which rows belong together, any dtype. Sample batches with several rows
        of each label.
    y_pred : tensor, shape (N, D)
        Embeddings, one vector per row, any floating dtype. Whether they have unit
        length is your choice; the margin is in their unit. Memory grows with N * N * D.
    margin : float > 0
        By how much a negative must be farther away than a positive.

    Returns
    -------
    tensor, shape (N,)
        One loss per anchor, in the dtype of `y_pred`. 0, with no gradient, for an
        anchor that has no positive or no negative in the batch.

    Raises
    ------
    ValueError
        If the shapes do not fit or `margin` is not above 0.

    Examples
    --------
    >>> loss = triplet_loss([0, 0, 1, 1], [[0.0], [3.0], [4.0], [9.0]], margin=1.0)
    >>> [round(float(x), 4) for x in loss]
    [0.0, 3.0, 5.0, 0.0]

    References
    ----------
    Hermans, Beyer, Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017, eq. 5. <https://arxiv.org/abs/1703.07737>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    labels = ops.squeeze(y_true, -1) if y_true.shape[1:] == (1,) else y_true
    if len(y_pred.shape) != 2 or tuple(labels.shape) != tuple(y_pred.shape[:1]):
        raise ValueError(
            "y_true must hold one label for each row of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not margin > 0:
        raise ValueError(f"margin must be > 0. Received: {margin}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    # a matrix product would be faster, and wrong for points close to each other
    gaps = ops.expand_dims(wide, 1) - ops.expand_dims(wide, 0)
    squared = ops.sum(ops.square(gaps), axis=-1)
    # a root at 0 has no finite slope
    root = ops.sqrt(ops.where(squared > 0, squared, 1.0))
    distance = ops.where(squared > 0, root, 0.0)
    same = ops.equal(ops.expand_dims(labels, 1), ops.expand_dims(labels, 0))
    row = ops.cumsum(ops.ones_like(labels, dtype="int32"))
    positive = ops.logical_and(same, ops.expand_dims(row, 1) != row)
    farthest = ops.max(ops.where(positive, distance, -float("inf")), axis=1)
    nearest = ops.min(ops.where(same, float("inf"), distance), axis=1)
    return ops.cast(ops.relu(margin + farthest - nearest), y_pred.dtype)


@keras.saving.register_keras_serializable(package="dlcookbook")
def batch_all_triplet_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, margin: float = 0.2
) -> KerasTensor:
    r"""Triplet loss over all triplets that are not yet right, one value per anchor.

    The mean of $m + d(a, p) - d(a, n)$ over the pairs of a positive $p$ and a
    negative $n$ for which it is above 0. With one such pair it is `triplet_loss`.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        Labels: which rows belong together, any dtype. Sample batches with several rows
        of each label.
    y_pred : tensor, shape (N, D)
        Embeddings, one vector per row, any floating dtype. Whether they have unit
        length is your choice; the margin is in their unit. Memory grows with N cubed.
    margin : float > 0
        By how much a negative must be farther away than a positive.

    Returns
    -------
    tensor, shape (N,)
        One loss per anchor, in the dtype of `y_pred`. 0, with no gradient, for an
        anchor whose triplets are all right or that has none. The paper takes one mean
        over all triplets of the batch, in which such anchors do not count.

    Raises
    ------
    ValueError
        If the shapes do not fit or `margin` is not above 0.

    Examples
    --------
    >>> embeddings = [[0.0], [3.0], [4.0], [5.0]]
    >>> loss = batch_all_triplet_loss([0, 0, 1, 1], embeddings, margin=1.0)
    >>> [round(float(x), 4) for x in loss]
    [0.0, 2.5, 1.0, 0.0]

    References
    ----------
    Hermans, Beyer, Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017, eq. 6. <https://arxiv.org/abs/1703.07737>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    labels = ops.squeeze(y_true, -1) if y_true.shape[1:] == (1,) else y_true
    if len(y_pred.shape) != 2 or tuple(labels.shape) != tuple(y_pred.shape[:1]):
        raise ValueError(
            "y_true must hold one label for each row of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not margin > 0:
        raise ValueError(f"margin must be > 0. Received: {margin}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    # a matrix product would be faster, and wrong for points close to each other
    gaps = ops.expand_dims(wide, 1) - ops.expand_dims(wide, 0)
    squared = ops.sum(ops.square(gaps), axis=-1)
    # a root at 0 has no finite slope
    root = ops.sqrt(ops.where(squared > 0, squared, 1.0))
    distance = ops.where(squared > 0, root, 0.0)
    same = ops.equal(ops.expand_dims(labels, 1), ops.expand_dims(labels, 0))
    row = ops.cumsum(ops.ones_like(labels, dtype="int32"))
    positive = ops.logical_and(same, ops.expand_dims(row, 1) != row)
    # axes: anchor, positive, negative
    triplet = ops.logical_and(ops.expand_dims(positive, 2), ~ops.expand_dims(same, 1))
    excess = margin + ops.expand_dims(distance, 2) - ops.expand_dims(distance, 1)
    wrong = ops.logical_and(triplet, excess > 0)
    total = ops.sum(ops.where(wrong, excess, 0.0), axis=(1, 2))
    count = ops.sum(ops.cast(wrong, total.dtype), axis=(1, 2))
    return ops.cast(total / ops.where(count > 0, count, 1.0), y_pred.dtype)
