"""Weight normalisation: the length of each kernel apart from its direction."""

from typing import Any

import keras
from keras import KerasTensor, ops

__all__ = ["WeightNorm"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class WeightNorm(keras.layers.Wrapper):
    r"""Train the length $g$ and the direction $v$ of each output's weights apart.

    $w_o = g_o \, v_o / \lVert v_o \rVert$; a layer starts with the weights that it has.
    Keras has none. The direction is the `kernel` of the layer, the length is new.

    Parameters
    ----------
    layer : keras.layers.Layer
        A dense layer or a convolution.
    kwargs : Any
        What every layer takes, such as `name`.

    Raises
    ------
    ValueError
        If `layer` is another one: its last axis is not that of the outputs.

    Examples
    --------
    >>> layer = WeightNorm(keras.layers.Dense(2))
    >>> tuple(layer(ops.ones((1, 3))).shape)
    (1, 2)
    >>> [tuple(w.shape) for w in layer.trainable_variables]
    [(2,), (3, 2), (2,)]

    References
    ----------
    Salimans, Kingma, "Weight normalization", 2016, eq. 2.
    <https://arxiv.org/abs/1602.07868>
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any) -> None:
        convolutions = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)
        if not isinstance(layer, (keras.layers.Dense, *convolutions)):
            raise ValueError(
                f"layer must be dense or a convolution. Received: {type(layer)}"
            )
        super().__init__(layer, **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of the inputs.
        """
        super().build(input_shape)
        kernel = self.layer.kernel
        self.length = self.add_weight(shape=kernel.shape[-1:], name="length")
        self.length.assign(self._size(ops.convert_to_tensor(kernel)))

    def call(self, x: KerasTensor) -> KerasTensor:
        """Call the layer with the weights that length and direction make.

        Parameters
        ----------
        x : tensor, shape of the inputs of the layer
            Inputs.

        Returns
        -------
        tensor, shape of the outputs of the layer
            Outputs.
        """
        direction = ops.convert_to_tensor(self.layer.kernel)
        kernel = direction * (self.length / self._size(direction))
        given = [
            [kernel if v is self.layer.kernel else v.value for v in variables]
            for variables in (
                self.layer.trainable_variables,
                self.layer.non_trainable_variables,
            )
        ]
        return self.layer.stateless_call(*given, x)[0]

    def _size(self, kernel: KerasTensor) -> KerasTensor:
        return ops.sqrt(ops.sum(kernel**2, axis=tuple(range(len(kernel.shape) - 1))))
