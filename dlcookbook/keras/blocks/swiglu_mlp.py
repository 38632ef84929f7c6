"""SwiGLU: the gated two-layer network inside the transformers of today."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["SwiGLUMLP"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class SwiGLUMLP(keras.layers.Layer):
    r"""Two projections, one of them the gate of the other, and a way back.

    $W_d (\mathrm{SiLU}(W_g x) \odot W_u x)$ with $\mathrm{SiLU}(z) = z \sigma(z)$. A
    gate of 0 lets nothing through.

    Weights start Glorot uniform, biases at 0.

    Parameters
    ----------
    dim : int
        Width of a token.
    hidden : int, optional
        Width in between. By default 8/3 of `dim`, rounded up to a multiple of 8: three
        matrices then hold as much as the two of an MLP that is four times as wide.
    bias : bool
        Whether the projections have one; most published models have none.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `hidden` is less than 1.

    Examples
    --------
    >>> mlp = SwiGLUMLP(96)
    >>> mlp.up.units
    256
    >>> tuple(mlp(ops.zeros((2, 5, 96))).shape)
    (2, 5, 96)

    References
    ----------
    Shazeer, "GLU Variants Improve Transformer", 2020, eq. 6.
    <https://arxiv.org/abs/2002.05202>
    """

    def __init__(
        self,
        dim: int,
        hidden: int | None = None,
        *,
        bias: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if hidden is not None and hidden < 1:
            raise ValueError(f"hidden must be >= 1. Received: {hidden}")
        self.dim, self.bias = dim, bias
        self.hidden = hidden or -(-dim // 3) * 8
        self.gate, self.up, self.down = (
            keras.layers.Dense(width, use_bias=bias, name=name, dtype=self.dtype_policy)
            for name, width in (
                ("gate", self.hidden),
                ("up", self.hidden),
                ("down", dim),
            )
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of the tokens.
        """
        self.gate.build((None, self.dim))
        self.up.build((None, self.dim))
        self.down.build((None, self.hidden))

    def call(self, x: KerasTensor) -> KerasTensor:
        """Change every token by itself.

        Parameters
        ----------
        x : tensor, shape (..., dim)
            Tokens.

        Returns
        -------
        tensor, shape (..., dim)
            Changed tokens; add them to `x`.
        """
        return self.down(ops.silu(self.gate(x)) * self.up(x))

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        mine = {"dim": self.dim, "hidden": self.hidden, "bias": self.bias}
        return {**super().get_config(), **mine}
