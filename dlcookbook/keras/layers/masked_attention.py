"""Attention with a mask that says what to keep; a row that keeps nothing gives 0."""

import keras
from keras import KerasTensor, ops

__all__ = ["masked_attention"]


@keras.saving.register_keras_serializable(package="dlcookbook")
def masked_attention(
    query: KerasTensor,
    key: KerasTensor,
    value: KerasTensor,
    *,
    keep: KerasTensor | None = None,
    scale: float | None = None,
) -> KerasTensor:
    r"""$\mathrm{softmax}(q k^\top s) \, v$ over the keys that are kept.

    `keras.layers.MultiHeadAttention` attends where its mask is true as well, but a row
    of which nothing is kept is the mean of all values there. Here it is 0, and so are
    its gradients.

    Parameters
    ----------
    query : tensor, shape (..., L, D)
        What is asked; heads are one of the first axes.
    key : tensor, shape (..., S, D)
        What is compared with it.
    value : tensor, shape (..., S, E)
        What is averaged.
    keep : tensor of bool, shape (..., L, S), optional
        True: attend. None keeps all. Axes of 1 are stretched. For a mask of padding of
        shape (N, S): `keep[:, None]`, and what is padded must be finite.
    scale : float, optional
        Factor of the scores. None takes one over the root of D.

    Returns
    -------
    tensor, shape (..., L, E)
        Averages of values, in their dtype; 0 where nothing is kept.

    Raises
    ------
    ValueError
        If `keep` is not boolean, as 0 and 1 would be added to the scores, or would
        stretch them.

    Examples
    --------
    >>> value = ops.convert_to_tensor([[2.0], [4.0]])
    >>> keep = ops.convert_to_tensor([[True, True], [False, False]])
    >>> y = masked_attention(ops.ones((2, 1)), ops.ones((2, 1)), value, keep=keep)
    >>> [round(float(v), 4) for v in ops.reshape(y, (-1,))]
    [3.0, 0.0]

    References
    ----------
    Vaswani et al., "Attention is all you need", 2017, eq. 1.
    <https://arxiv.org/abs/1706.03762>
    """
    half = keras.backend.standardize_dtype(query.dtype) in ("float16", "bfloat16")
    wide = [ops.cast(x, "float32") if half else x for x in (query, key, value)]
    factor = query.shape[-1] ** -0.5 if scale is None else scale
    scores = (wide[0] * factor) @ ops.swapaxes(wide[1], -1, -2)
    if keep is None:
        return ops.cast(ops.softmax(scores) @ wide[2], value.dtype)
    keep = ops.convert_to_tensor(keep)
    if keras.backend.standardize_dtype(keep.dtype) != "bool":
        raise ValueError(f"keep must be boolean. Received: {keep.dtype}")
    sizes, wanted = tuple(keep.shape), tuple(scores.shape)
    pairs = zip(reversed(sizes), reversed(wanted), strict=False)
    fits = all(n is None or m in (1, n, None) for m, n in pairs)
    if len(sizes) > len(wanted) or not fits:
        raise ValueError(f"keep must fit {wanted}. Received: {sizes}")
    some = ops.any(keep, axis=-1, keepdims=True)
    # an empty row attends to all, so that nothing is 0 / 0, and is then set to 0
    seen = ops.logical_or(keep, ops.logical_not(some))
    weights = ops.softmax(ops.where(seen, scores, -float("inf")))
    y = ops.where(some, weights @ wide[2], 0.0)
    return ops.cast(y, value.dtype)
