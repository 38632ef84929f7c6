"""Positions: tell a model without recurrence where in the sequence a token stands."""

from typing import Any

import keras
import numpy as np
from keras import KerasTensor, ops

__all__ = ["LearnedPositions", "rotary_positions", "sinusoidal_positions"]


def sinusoidal_positions(
    length: int, dim: int, *, base: float = 10000.0
) -> KerasTensor:
    r"""Sines and cosines of wavelengths from $2\pi$ to nearly $2\pi \cdot$ base.

    $p_{t, 2i} = \sin(t / b^{2i/D})$, $p_{t, 2i+1} = \cos(t / b^{2i/D})$; position 0 is
    0, 1, 0, 1, ... Add it to the tokens: there is nothing to train, and no last
    position, though a model has not seen those beyond its training.

    Parameters
    ----------
    length : int
        Number of positions T.
    dim : int
        Width D, even.
    base : float
        The longest wavelength, in units of $2\pi$.

    Returns
    -------
    tensor, shape (length, dim)
        A row for each position, float32.

    Raises
    ------
    ValueError
        If `dim` is odd, or an argument is out of its range.

    Examples
    --------
    >>> ops.convert_to_numpy(sinusoidal_positions(2, 4)).round(4)
    array([[0.    , 1.    , 0.    , 1.    ],
           [0.8415, 0.5403, 0.01  , 1.    ]], dtype=float32)

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, section 3.5.
    <https://arxiv.org/abs/1706.03762>
    """
    if dim % 2:
        raise ValueError(f"dim must be even. Received: {dim}")
    if length < 0 or dim < 2 or not base > 0:
        raise ValueError(
            "length must be >= 0, dim >= 2 and base > 0. "
            f"Received: {length}, {dim} and {base}"
        )
    # in float32 the angle itself would be wrong from the fourth digit on at t = 1e4
    angle = np.arange(length)[:, None] * base ** (-np.arange(0, dim, 2) / dim)
    table = np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(length, dim)
    return ops.convert_to_tensor(table, dtype="float32")


def rotary_positions(
    x: KerasTensor,
    *,
    positions: KerasTensor | None = None,
    base: float = 10000.0,
    interleaved: bool = False,
) -> KerasTensor:
    r"""Turn pairs of features by an angle that grows with the position.

    Pair i at position t is turned by $t / b^{2i/D}$. The dot product of a turned query
    and a turned key knows only how far they are apart; position 0 is left alone. Turn
    queries and keys of every head, never values.

    Parameters
    ----------
    x : tensor, shape (..., T, D)
        Queries or keys, D even, any floating dtype.
    positions : tensor, shape (T,) or one that broadcasts to (..., T), optional
        Position of each token, from 0 to T - 1 by default. For heads: (N, 1, T).
    base : float
        The longest wavelength, in units of $2\pi$.
    interleaved : bool
        True pairs neighbours (0, 1), (2, 3), ... as the paper does; False pairs the
        first half with the second, as LLaMA's published weights expect. Weights
        trained with one are of no use with the other.

    Returns
    -------
    tensor, shape (..., T, D)
        Turned vectors of the same length, in the dtype of `x`.

    Raises
    ------
    ValueError
        If D is odd, `x` holds whole numbers, or `positions` have another shape.

    Examples
    --------
    >>> turned = rotary_positions(ops.array([[1.0, 0.0], [1.0, 0.0]]))
    >>> ops.convert_to_numpy(turned).round(4)
    array([[1.    , 0.    ],
           [0.5403, 0.8415]], dtype=float32)

    References
    ----------
    Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021,
    eq. 13. <https://arxiv.org/abs/2104.09864>
    """
    x = ops.convert_to_tensor(x)
    dim = x.shape[-1]
    if dim % 2:
        raise ValueError(f"x must have an even number of features. Received: {dim}")
    if not keras.backend.is_float_dtype(x.dtype):
        raise ValueError(f"x must be floating. Received: {x.dtype}")
    # (N, T) beside (N, heads, T, D) would turn each head by another text's positions
    given = None if positions is None else tuple(ops.shape(positions))
    if given is not None and (
        len(given) not in (1, len(x.shape) - 1)
        or (given[-1] != x.shape[-2] and None not in (given[-1], x.shape[-2]))
    ):
        raise ValueError(
            f"positions must be of shape (T,) or with as many axes as {tuple(x.shape)} "
            f"has before D. Received: {given}"
        )
    # bfloat16 knows no odd position above 256: angles are computed in float32
    kind = keras.backend.standardize_dtype(x.dtype)
    wide = "float32" if kind in ("float16", "bfloat16") else kind
    positions = ops.arange(ops.shape(x)[-2]) if positions is None else positions
    rate = ops.convert_to_tensor(base ** (-np.arange(0, dim, 2) / dim), dtype=wide)
    angle = ops.expand_dims(ops.cast(positions, wide), -1) * rate
    cos, sin = ops.cos(angle), ops.sin(angle)
    x = ops.cast(x, wide)
    if interleaved:
        a, b = x[..., ::2], x[..., 1::2]
    else:
        a, b = x[..., : dim // 2], x[..., dim // 2 :]
    turned = [a * cos - b * sin, a * sin + b * cos]
    if interleaved:
        return ops.cast(ops.reshape(ops.stack(turned, axis=-1), ops.shape(x)), kind)
    return ops.cast(ops.concatenate(turned, axis=-1), kind)


@keras.saving.register_keras_serializable(package="dlcookbook")
class LearnedPositions(keras.layers.Layer):
    """Add a learned row to every token.

    Starts normal with a standard deviation of 0.02. With rows of 0 it changes nothing.

    Parameters
    ----------
    max_length : int
        Number of rows: the longest sequence there will ever be.
    dim : int
        Width of a token.
    **kwargs
        Of every layer, such as `name`.

    Examples
    --------
    >>> positions = LearnedPositions(16, 8)
    >>> tuple(positions(ops.zeros((2, 5, 8))).shape)
    (2, 5, 8)

    References
    ----------
    Gehring et al., "Convolutional Sequence to Sequence Learning", 2017, section 3.1.
    <https://arxiv.org/abs/1705.03122>
    """

    def __init__(self, max_length: int, dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length, self.dim = max_length, dim

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the table.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of the tokens.
        """
        self.weight = self.add_weight(
            (self.max_length, self.dim),
            initializer=keras.initializers.RandomNormal(stddev=0.02),
            name="weight",
        )

    def call(self, x: KerasTensor) -> KerasTensor:
        """Add the rows of positions 0 to T - 1.

        Parameters
        ----------
        x : tensor, shape (N, T, dim)
            Tokens.

        Returns
        -------
        tensor, shape (N, T, dim)
            Tokens that know their place.

        Raises
        ------
        ValueError
            If a token has not `dim` features, or T is larger than `max_length`. Where
            T is not known before a graph runs,
            the addition fails there.
        """
        if len(x.shape) != 3 or x.shape[2] != self.dim:
            raise ValueError(
                f"x must have the shape (N, T, {self.dim}). Received: {tuple(x.shape)}"
            )
        if x.shape[1] is not None and x.shape[1] > self.max_length:
            raise ValueError(
                f"x must hold at most {self.max_length} tokens: there are no more "
                f"positions. Received: {x.shape[1]}"
            )
        return x + self.weight[: ops.shape(x)[1]]

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """Say what comes out.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of the tokens.

        Returns
        -------
        tuple of int
            The same.
        """
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        mine = {"max_length": self.max_length, "dim": self.dim}
        return {**super().get_config(), **mine}
