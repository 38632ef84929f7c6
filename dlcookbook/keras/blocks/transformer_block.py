"""Transformer block, pre-norm: attention, then an MLP, each added to what came in."""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["TransformerBlock"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class TransformerBlock(keras.layers.Layer):
    r"""Let tokens exchange what they know, then change each by itself.

    $y = x + \mathrm{attention}(\mathrm{norm}_1(x))$, then
    $y + W_d\,\mathrm{GELU}(W_u\,\mathrm{norm}_2(y))$. With $W_o = W_d = 0$ it changes
    nothing. A stack of such blocks needs one more norm at its end.

    Weights start Glorot uniform, each matrix by itself, biases at 0.

    Parameters
    ----------
    dim : int
        Width of a token.
    heads : int
        Number of attention heads.
    hidden : int, optional
        Width of the MLP; four times `dim` by default.
    dropout : float in [0, 1)
        Share of what attention and MLP add that is dropped in training.
    eps : float
        Added to the variance in both norms.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `heads` does not divide `dim`, or an option is out of its range.

    Examples
    --------
    >>> block = TransformerBlock(8, 2)
    >>> x = keras.random.normal((1, 4, 8))
    >>> later = ops.concatenate([x[:, :3], ops.zeros((1, 1, 8))], axis=1)
    >>> gap = (block(x, causal=True) - block(later, causal=True))[:, :3]
    >>> bool(ops.max(ops.abs(gap)) < 1e-6)
    True

    References
    ----------
    Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020,
    table 1. <https://arxiv.org/abs/2002.04745>
    """

    def __init__(
        self,
        dim: int,
        heads: int,
        *,
        hidden: int | None = None,
        dropout: float = 0.0,
        eps: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if heads < 1 or dim % heads:
            raise ValueError(f"heads must divide dim. Received: {heads} and {dim}")
        if hidden is not None and hidden < 1:
            raise ValueError(f"hidden must be >= 1. Received: {hidden}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must be in [0, 1). Received: {dropout}")
        if not eps > 0:
            raise ValueError(f"eps must be > 0. Received: {eps}")
        self.options = {
            "dim": dim,
            "heads": heads,
            "hidden": hidden or 4 * dim,
            "dropout": dropout,
            "eps": eps,
        }
        self.dim, self.heads, self.width = dim, heads, hidden or 4 * dim
        kind = self.dtype_policy
        self.norm1, self.norm2 = (
            layers.LayerNormalization(epsilon=eps, name=name, dtype=kind)
            for name in ("norm1", "norm2")
        )
        self.query, self.key, self.value, self.out, self.down = (
            layers.Dense(dim, name=name, dtype=kind)
            for name in ("query", "key", "value", "out", "down")
        )
        self.up = layers.Dense(self.width, name="up", dtype=kind)
        self.dropout = layers.Dropout(dropout, dtype=kind)

    def build(self, x_shape: tuple[int | None, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the tokens.
        """
        narrow = (self.norm1, self.norm2, self.query, self.key, self.value, self.out)
        for layer in (*narrow, self.up):
            layer.build((None, None, self.dim))
        self.down.build((None, None, self.width))

    def call(
        self,
        x: KerasTensor,
        keep: KerasTensor | None = None,
        causal: bool = False,
        training: bool = False,
    ) -> KerasTensor:
        """Let the tokens look at each other.

        Parameters
        ----------
        x : tensor, shape (N, T, dim)
            Tokens.
        keep : tensor of bool, shape (N, T), (N, T, T) or (N, heads, T, T), optional
            True where a token may look at another; N, `heads` and the first T may be
            1. With two axes it says which tokens are real, not padding. A token that
            may look at nothing gets only the bias from the attention.
        causal : bool
            Token t may look at tokens 0 to t.
        training : bool
            Whether to drop.

        Returns
        -------
        tensor, shape (N, T, dim)
            Tokens after the block. Those of padding mean nothing.

        Raises
        ------
        ValueError
            If `keep` is not boolean or does not fit, or `x` has not three axes.
        """
        if len(x.shape) != 3:
            raise ValueError(f"x must have three axes. Received: {tuple(x.shape)}")
        if keep is not None:
            keep = spread(keep, x.shape[0], self.heads, x.shape[1])
        found = self._attend(self.norm1(x), keep, causal)
        x = x + self.dropout(found, training=training)
        changed = self.down(ops.gelu(self.up(self.norm2(x)), approximate=False))
        return x + self.dropout(changed, training=training)

    def _attend(
        self, x: KerasTensor, keep: KerasTensor | None, causal: bool
    ) -> KerasTensor:
        n, length, _ = ops.shape(x)
        query, key, value = (
            ops.swapaxes(ops.reshape(part(x), (n, length, self.heads, -1)), 1, 2)
            for part in (self.query, self.key, self.value)
        )
        query = query / (self.dim // self.heads) ** 0.5
        scores = ops.cast(ops.matmul(query, ops.swapaxes(key, -1, -2)), "float32")
        if causal:
            steps = ops.arange(length)
            past = steps[:, None] >= steps
            keep = past if keep is None else ops.logical_and(keep, past)
        if keep is None:
            shares = ops.softmax(scores, axis=-1)
        else:
            seen = ops.any(keep, axis=-1, keepdims=True)
            # a softmax over nothing is NaN: look at everything, then throw it away
            scores = ops.where(ops.logical_or(keep, ~seen), scores, -float("inf"))
            shares = ops.where(seen, ops.softmax(scores, axis=-1), 0.0)
        found = ops.matmul(ops.cast(shares, value.dtype), value)
        found = ops.swapaxes(found, 1, 2)
        return self.out(ops.reshape(found, (n, length, self.dim)))

    def compute_output_shape(
        self, x_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """Say what comes out.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of the tokens.

        Returns
        -------
        tuple of int
            The same.
        """
        return x_shape

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        return {**super().get_config(), **self.options}


def spread(keep: KerasTensor, batch: int, heads: int, length: int) -> KerasTensor:
    """Give a mask all four axes: examples, heads, queries, keys."""
    keep = ops.convert_to_tensor(keep)
    kind = keras.backend.standardize_dtype(keep.dtype)
    rank = len(keep.shape)
    known = (*keep.shape[:1], *(1,) * (4 - rank), *keep.shape[1:])
    sizes = zip(known, (batch, heads, length, length), strict=False)
    fits = all(want is None or size in (1, None, want) for size, want in sizes)
    if kind != "bool" or rank not in (2, 3, 4) or not fits or known[-1] != length:
        raise ValueError(
            "keep must be boolean of shape (N, T), (N, T, T) or (N, heads, T, T) for "
            f"N={batch}, heads={heads}, T={length}. "
            f"Received: {kind} of shape {tuple(keep.shape)}"
        )
    axes = tuple(range(1, 5 - rank))
    return ops.expand_dims(keep, axes) if axes else keep
