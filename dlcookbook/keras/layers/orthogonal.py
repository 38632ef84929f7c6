"""Orthogonal initialiser, of the whole matrix or of each gate."""

import math

import keras
from keras import KerasTensor, ops

__all__ = ["Orthogonal"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class Orthogonal(keras.initializers.Initializer):
    r"""Make weights whose columns (or rows, where they are fewer) are orthonormal.

    $W^\top W = g^2 I$ for each block: a vector keeps its length. Both frameworks take
    the four gates of an LSTM for one wide matrix; each gate is then half as large as
    an orthogonal one. `blocks=4` makes every gate orthogonal, `blocks=3` those of a
    GRU.

    Parameters
    ----------
    gain : float
        Length of the columns or rows.
    blocks : int
        Number of matrices that the outputs are divided into, >= 1.
    seed : int, optional
        Draws the same numbers at every call. None draws from the global generator.

    Raises
    ------
    ValueError
        If `blocks` is less than 1 or does not divide the outputs, or there are fewer
        than two axes or no floats.

    Examples
    --------
    >>> lstm = keras.layers.LSTM(2, recurrent_initializer=Orthogonal(blocks=4))
    >>> lstm.build((None, None, 3))
    >>> gate = lstm.cell.recurrent_kernel[:, 2:4]
    >>> bool(ops.max(ops.abs(ops.transpose(gate) @ gate - ops.eye(2))) < 1e-6)
    True

    References
    ----------
    Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks", 2013. <https://arxiv.org/abs/1312.6120>
    """

    def __init__(
        self, gain: float = 1.0, *, blocks: int = 1, seed: int | None = None
    ) -> None:
        if not hasattr(blocks, "__index__") or blocks < 1:
            raise ValueError(f"blocks must be an int >= 1. Received: {blocks!r}")
        self.gain, self.blocks, self.seed = gain, blocks, seed

    def __call__(self, shape: tuple[int, ...], dtype: str | None = None) -> KerasTensor:
        """Make a tensor of a shape."""
        if len(shape) < 2 or shape[-1] % self.blocks:
            raise ValueError(
                f"blocks must divide the outputs of a matrix. Received: {self.blocks} "
                f"for shape {tuple(shape)}"
            )
        dtype = keras.backend.standardize_dtype(dtype)
        if not keras.backend.is_float_dtype(dtype):
            raise ValueError(f"dtype must be of floats. Received: {dtype}")
        kind = "float32" if dtype in ("float16", "bfloat16") else dtype
        rows, columns = math.prod(shape[:-1]), shape[-1] // self.blocks
        draws = keras.random.normal(
            (self.blocks, rows, columns), dtype=kind, seed=self.seed
        )
        wide = columns > rows
        q, r = ops.qr(ops.swapaxes(draws, 1, 2) if wide else draws)
        # the sign of a column is LAPACK's choice: without this it would not be uniform
        q = q * ops.expand_dims(ops.sign(ops.diagonal(r, axis1=1, axis2=2)), 1)
        q = ops.swapaxes(q, 1, 2) if wide else q
        whole = ops.reshape(ops.transpose(q, (1, 0, 2)), shape)
        return ops.cast(self.gain * whole, dtype)

    def get_config(self) -> dict:
        """Return what `from_config` needs."""
        return {"gain": self.gain, "blocks": self.blocks, "seed": self.seed}
