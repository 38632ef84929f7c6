"""Supervised contrastive loss: pull a class together, push all others away."""

import keras
from keras import KerasTensor, ops

__all__ = ["supervised_contrastive_loss"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def supervised_contrastive_loss(
    y_true: KerasTensor, y_pred: KerasTensor, *, temperature: float = 0.1
) -> KerasTensor:
    r"""Supervised contrastive loss, one value per anchor.

    $-\frac{1}{|P|} \sum_{p \in P} \ln \frac{\exp(\cos(z_a, z_p) / \tau)}{
    \sum_{k \ne a} \exp(\cos(z_a, z_k) / \tau)}$ with $P$ the other rows of the anchor's
    label. With two rows of each label it is NT-Xent.

    Parameters
    ----------
    y_true : tensor, shape (N,) or (N, 1)
        Labels: which rows belong together, any dtype.
    y_pred : tensor, shape (N, D)
        Embeddings, one vector per row, any floating dtype, of any length but 0: only
        directions count, do not normalise first. The paper puts two views of each image
        into a batch.
    temperature : float > 0
        Divides the cosines: the smaller, the more the nearest negatives count.

    Returns
    -------
    tensor, shape (N,)
        One loss per anchor, in nats, in the dtype of `y_pred`. 0, with no gradient, for
        an anchor that has no positive in the batch. NaN if a vector is zero: a
        compiled graph cannot raise.

    Raises
    ------
    ValueError
        If the shapes do not fit or `temperature` is not above 0.

    Examples
    --------
    >>> embeddings = [[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]]
    >>> loss = supervised_contrastive_loss([0, 0, 1], embeddings, temperature=1.0)
    >>> [round(float(x), 4) for x in loss]
    [0.3133, 0.3133, 0.0]

    References
    ----------
    Khosla et al., "Supervised Contrastive Learning", 2020, eq. 2.
    <https://arxiv.org/abs/2004.11362>
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    labels = ops.squeeze(y_true, -1) if y_true.shape[1:] == (1,) else y_true
    if len(y_pred.shape) != 2 or tuple(labels.shape) != tuple(y_pred.shape[:1]):
        raise ValueError(
            "y_true must hold one label for each row of y_pred. Received: "
            f"y_true {tuple(y_true.shape)}, y_pred {tuple(y_pred.shape)}"
        )
    if not temperature > 0:
        raise ValueError(f"temperature must be > 0. Received: {temperature}")
    half = keras.backend.standardize_dtype(y_pred.dtype) in ("float16", "bfloat16")
    wide = ops.cast(y_pred, "float32") if half else y_pred
    directions = wide / ops.sqrt(ops.sum(ops.square(wide), axis=1, keepdims=True))
    logits = directions @ ops.transpose(directions) / temperature
    row = ops.cumsum(ops.ones_like(labels, dtype="int32"))
    itself = ops.expand_dims(row, 1) == row
    # -inf would give NaN for a batch of one
    rivals = ops.logsumexp(ops.where(itself, -1e30, logits), axis=1, keepdims=True)
    positive = ops.logical_and(ops.expand_dims(labels, 1) == labels, ~itself)
    total = ops.sum(ops.where(positive, rivals - logits, 0.0), axis=1)
    count = ops.sum(ops.cast(positive, total.dtype), axis=1)
    return ops.cast(total / ops.where(count > 0, count, 1.0), y_pred.dtype)
