"""Attention with explicit masks: True means that a query may look at a key."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["MultiHeadAttention", "masked_attention"]


def masked_attention(
    query: KerasTensor,
    key: KerasTensor,
    value: KerasTensor,
    *,
    keep: KerasTensor | None = None,
    causal: bool = False,
) -> KerasTensor:
    r"""Average the values, weighed by how well each key answers the query.

    $\mathrm{softmax}(Q K^\top / \sqrt D)\, V$, the softmax over the keys that a query
    may look at. With one such key the result is its value; without any it is 0, and
    so is its gradient, in every backend.

    Parameters
    ----------
    query : tensor, shape (..., T, D)
        What is asked, any floating dtype. Heads stand before the time, which is not
        how `keras.ops.dot_product_attention` has them.
    key : tensor, shape (..., S, D)
        What it is compared with.
    value : tensor, shape (..., S, E)
        What is averaged.
    keep : tensor of bool, of a shape that broadcasts to (..., T, S), optional
        True where a query may look at a key: the opposite of what
        `nn.MultiheadAttention` calls a mask.
    causal : bool
        Query t may look at keys 0 to t, and at no key that `keep` forbids.

    Returns
    -------
    tensor, shape (..., T, E)
        Averages, in the dtype of `value`.

    Raises
    ------
    ValueError
        If `keep` is not boolean, a causal mask is asked for T other than S, or `value`
        has other rows than `key`.

    Examples
    --------
    >>> x = ops.eye(2)
    >>> ops.convert_to_numpy(masked_attention(x, x, x, causal=True)).round(4)
    array([[1.    , 0.    ],
           [0.3302, 0.6698]], dtype=float32)

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, eq. 1.
    <https://arxiv.org/abs/1706.03762>
    """
    length, memory = query.shape[-2], key.shape[-2]
    if causal and length != memory:
        raise ValueError(
            "causal needs as many queries as keys. Received: "
            f"{length} queries, {memory} keys"
        )
    sizes = zip(key.shape[:-1], value.shape[:-1], strict=False)
    apart = any(a != b and None not in (a, b) for a, b in sizes)
    if apart or len(key.shape) != len(value.shape):
        raise ValueError(
            "value must have one row for each of key. Received: "
            f"key {tuple(key.shape)}, value {tuple(value.shape)}"
        )
    # a softmax in half precision loses digits, and float16 its largest scores
    scores = ops.matmul(query / query.shape[-1] ** 0.5, ops.swapaxes(key, -1, -2))
    half = keras.backend.standardize_dtype(scores.dtype) in ("float16", "bfloat16")
    scores = ops.cast(scores, "float32") if half else scores
    if causal:
        steps = ops.arange(ops.shape(scores)[-1])
        past = steps[:, None] >= steps
    if keep is not None:
        keep = ops.convert_to_tensor(keep)
        if keras.backend.standardize_dtype(keep.dtype) != "bool":
            raise ValueError(f"keep must be boolean. Received: {keep.dtype}")
        keep = ops.logical_and(keep, past) if causal else keep
    elif causal:
        keep = past
    if keep is None:
        return ops.matmul(ops.cast(ops.softmax(scores, axis=-1), value.dtype), value)
    seen = ops.any(keep, axis=-1, keepdims=True)
    # a query without a key looks at all of them, and what it finds is thrown away:
    # a softmax over nothing is NaN, and so is its gradient
    scores = ops.where(ops.logical_or(keep, ~seen), scores, -float("inf"))
    shares = ops.where(seen, ops.softmax(scores, axis=-1), 0.0)
    return ops.matmul(ops.cast(shares, value.dtype), value)


@keras.saving.register_keras_serializable(package="dlcookbook")
class MultiHeadAttention(keras.layers.Layer):
    r"""Attend in several subspaces at once and mix what they found.

    $\mathrm{concat}(h_1, \dots, h_n) W_o$ with
    $h_i = \mathrm{attention}(Q W_q^i, K W_k^i, V W_v^i)$. With one head and identities
    for matrices it is plain attention.

    Weights start Glorot uniform, each matrix by itself, biases at 0.

    Parameters
    ----------
    dim : int
        Width of what goes in and comes out.
    heads : int
        How many subspaces of `dim / heads` features each.
    bias : bool
        Whether the four projections have one.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `heads` does not divide `dim`.

    Examples
    --------
    >>> attention = MultiHeadAttention(8, 2)
    >>> x = keras.random.normal((1, 3, 8))
    >>> padded = ops.concatenate([x, keras.random.normal((1, 2, 8))], axis=1)
    >>> keep = ops.array([[True, True, True, False, False]])
    >>> gap = attention(padded, keep=keep)[:, :3] - attention(x)
    >>> bool(ops.max(ops.abs(gap)) < 1e-6)
    True

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2.
    <https://arxiv.org/abs/1706.03762>
    """

    def __init__(
        self, dim: int, heads: int, *, bias: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if heads < 1 or dim % heads:
            raise ValueError(f"heads must divide dim. Received: {heads} and {dim}")
        self.dim, self.heads, self.bias = dim, heads, bias
        self.query, self.key, self.value, self.out = (
            keras.layers.Dense(dim, use_bias=bias, name=name, dtype=self.dtype_policy)
            for name in ("query", "key", "value", "out")
        )

    def build(self, query_shape: tuple[int | None, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        query_shape : tuple of int
            Shape of the queries; keys and values are as wide.
        """
        for projection in (self.query, self.key, self.value, self.out):
            projection.build((None, None, self.dim))

    def call(
        self,
        query: KerasTensor,
        key: KerasTensor | None = None,
        value: KerasTensor | None = None,
        keep: KerasTensor | None = None,
        causal: bool = False,
    ) -> KerasTensor:
        """Let every query look.

        Parameters
        ----------
        query : tensor, shape (N, T, dim)
            What is asked.
        key : tensor, shape (N, S, dim), optional
            What it is compared with; `query` by default.
        value : tensor, shape (N, S, dim), optional
            What is averaged; `key` by default.
        keep : tensor of bool, shape (N, S), (N, T, S) or (N, heads, T, S), optional
            True where a query may look at a key; N, `heads` and T may be 1. With two
            axes it says which keys are real, not padding. Where nothing is kept the
            result is the bias of the last projection.
        causal : bool
            Query t may look at keys 0 to t.

        Returns
        -------
        tensor, shape (N, T, dim)
            What was found.

        Raises
        ------
        ValueError
            If `keep` is not boolean or does not fit, or what is given has not three
            axes.
        """
        key = query if key is None else key
        value = key if value is None else value
        shapes = [tuple(x.shape) for x in (query, key, value)]
        if any(len(shape) != 3 for shape in shapes):
            raise ValueError(
                f"query, key and value must have three axes. Received: {shapes}"
            )
        if keep is not None:
            sizes = (query.shape[0], self.heads, query.shape[1], key.shape[1])
            keep = spread(keep, *sizes)

        def split(x):
            x = ops.reshape(x, (*ops.shape(x)[:2], self.heads, self.dim // self.heads))
            return ops.swapaxes(x, 1, 2)

        q, k, v = split(self.query(query)), split(self.key(key)), self.value(value)
        found = masked_attention(q, k, split(v), keep=keep, causal=causal)
        found = ops.swapaxes(found, 1, 2)
        return self.out(ops.reshape(found, (*ops.shape(found)[:2], self.dim)))

    def compute_output_shape(
        self, query_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """Say what comes out.

        Parameters
        ----------
        query_shape : tuple of int
            Shape of the queries.

        Returns
        -------
        tuple of int
            The same.
        """
        return query_shape

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        mine = {"dim": self.dim, "heads": self.heads, "bias": self.bias}
        return {**super().get_config(), **mine}


def spread(
    keep: KerasTensor, batch: int, heads: int, length: int, memory: int
) -> KerasTensor:
    """Give a mask all four axes: examples, heads, queries, keys."""
    keep = ops.convert_to_tensor(keep)
    kind = keras.backend.standardize_dtype(keep.dtype)
    rank = len(keep.shape)
    known = (*keep.shape[:1], *(1,) * (4 - rank), *keep.shape[1:])
    sizes = zip(known, (batch, heads, length, memory), strict=False)
    fits = all(want is None or size in (1, None, want) for size, want in sizes)
    if kind != "bool" or rank not in (2, 3, 4) or not fits or known[-1] != memory:
        raise ValueError(
            "keep must be boolean of shape (N, S), (N, T, S) or (N, heads, T, S) for "
            f"N={batch}, heads={heads}, T={length}, S={memory}. "
            f"Received: {kind} of shape {tuple(keep.shape)}"
        )
    axes = tuple(range(1, 5 - rank))
    return ops.expand_dims(keep, axes) if axes else keep
