"""Squeeze and excite: a gate for every channel that has seen the whole image."""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

__all__ = ["SqueezeExcite"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class SqueezeExcite(layers.Layer):
    r"""Scale every channel by a number in (0, 1) that depends on all of them.

    $y_c = x_c \, \sigma(W_e \, \mathrm{act}(W_r \bar x + b_r) + b_e)_c$, where $\bar x$
    holds the mean of each channel. With $W_e = 0$ and $b_e = 0$ it halves everything.

    Take it after the convolutions of a block, before what they give is added to the
    input: a little accuracy for hardly any arithmetic. Costs
    `(2 * in_channels + 1) * max(1, in_channels // reduction) + in_channels` parameters.
    Weights start He normal by fan-in, biases at 0.

    Parameters
    ----------
    reduction : int
        How many times narrower the layer in the middle is; it keeps at least 1 channel.
    activation : {"relu", "silu"}
        In the middle: ReLU in the paper, SiLU in EfficientNet.
    **kwargs
        Of every layer, such as `name`.

    Raises
    ------
    ValueError
        If `activation` is none of the above or `reduction` less than 1.

    Examples
    --------
    >>> gate = SqueezeExcite()
    >>> tuple(gate(ops.ones((2, 7, 5, 64))).shape)
    (2, 7, 5, 64)
    >>> gate.count_params()
    580

    References
    ----------
    Hu et al., "Squeeze-and-Excitation Networks", 2017, eq. 2 to 4.
    <https://arxiv.org/abs/1709.01507>
    """

    def __init__(
        self, *, reduction: int = 16, activation: str = "relu", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if reduction < 1:
            raise ValueError(f"reduction must be >= 1. Received: {reduction}")
        if activation not in ("relu", "silu"):
            raise ValueError(
                f"activation must be 'relu' or 'silu'. Received: {activation}"
            )
        self.reduction, self.activation = reduction, activation

    def build(self, x_shape: tuple[Any, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        x_shape : tuple of int
            Shape of what the convolutions give.
        """
        channels = x_shape[-1]
        squeezed = max(1, channels // self.reduction)
        self.reduce, self.expand = (
            layers.Dense(
                width,
                activation=act,
                # Keras' "he_normal" is cut off at two deviations
                kernel_initializer=keras.initializers.VarianceScaling(
                    2.0, mode="fan_in", distribution="untruncated_normal"
                ),
                name=name,
                dtype=self.dtype_policy,
            )
            for name, width, act in (
                ("reduce", squeezed, self.activation),
                ("expand", channels, "sigmoid"),
            )
        )
        self.reduce.build((None, channels))
        self.expand.build((None, squeezed))

    def call(self, x: KerasTensor) -> KerasTensor:
        """Scale the channels.

        Parameters
        ----------
        x : tensor, shape (N, ..., in_channels)
            What the convolutions gave, in any number of dimensions.

        Returns
        -------
        tensor, shape (N, ..., in_channels)
            The same, each channel times its gate.
        """
        places = tuple(range(1, len(x.shape) - 1))
        return x * self.expand(self.reduce(ops.mean(x, axis=places, keepdims=True)))

    def get_config(self) -> dict[str, Any]:
        """Say how the layer was made, so that a saved model loads."""
        mine = {"reduction": self.reduction, "activation": self.activation}
        return {**super().get_config(), **mine}
