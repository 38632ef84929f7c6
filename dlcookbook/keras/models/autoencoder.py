"""Denoising autoencoder: clean images out of noisy ones, through a narrow middle."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, layers, ops

__all__ = ["denoising_autoencoder"]


@keras.saving.register_keras_serializable(package="dlcookbook")
class CropLike(layers.Layer):
    """Cut images at the right and at the bottom to the size of others."""

    def call(self, x: KerasTensor, other: KerasTensor) -> KerasTensor:
        """Return `x` of the height and width of `other`."""
        shape = ops.shape(other)
        return x[:, : shape[1], : shape[2]]

    def compute_output_shape(
        self, x_shape: tuple[int | None, ...], other_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """Return the shape of `x` with the height and width of `other`."""
        return (x_shape[0], other_shape[1], other_shape[2], x_shape[3])


def _he() -> keras.initializers.Initializer:
    # "he_normal" would be cut off at the sides
    return keras.initializers.VarianceScaling(2.0, distribution="untruncated_normal")


def denoising_autoencoder(
    *,
    in_channels: int = 1,
    widths: Sequence[int] = (32, 64),
    latent_channels: int = 16,
) -> keras.Model:
    r"""Convolutional autoencoder that is trained to take noise away.

    Feed $x + \varepsilon$ and compare the output with $x$: mean squared error. With
    the clean image as input it could learn to copy. Convolutions start He normal by
    fan-in, every bias 0.

    Parameters
    ----------
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    widths : sequence of int
        Channels of each level; every level halves the image.
    latent_channels : int
        Channels of the narrow middle, at the smallest size.

    Returns
    -------
    keras.Model
        From float images (N, H, W, in_channels) of any size to images of the same
        shape. Linear at the end: clip to the range of your pixels after training.

    Raises
    ------
    ValueError
        If there is no width.

    Examples
    --------
    >>> model = denoising_autoencoder()
    >>> tuple(model(keras.ops.zeros((2, 28, 27, 1))).shape)
    (2, 28, 27, 1)

    References
    ----------
    Vincent et al., "Extracting and Composing Robust Features with Denoising
    Autoencoders", 2008. <https://doi.org/10.1145/1390156.1390294>
    """
    if not widths:
        raise ValueError(f"widths must hold one or more. Received: {widths}")
    x = inputs = keras.Input((None, None, in_channels))
    for i, width in enumerate(widths):
        # "same" would pad on one side only
        x = layers.ZeroPadding2D(1, name=f"encoder_{i}_pad")(x)
        x = layers.Conv2D(
            width,
            3,
            strides=2,
            activation="relu",
            kernel_initializer=_he(),
            name=f"encoder_{i}",
        )(x)
    x = layers.Conv2D(
        latent_channels,
        3,
        padding="same",
        activation="relu",
        kernel_initializer=_he(),
        name=f"encoder_{len(widths)}",
    )(x)
    for i, width in enumerate(reversed(widths)):
        x = layers.Conv2D(
            width,
            3,
            padding="same",
            activation="relu",
            kernel_initializer=_he(),
            name=f"decoder_{i}",
        )(x)
        # neighbours share a value, then a convolution: no checkerboard
        x = layers.UpSampling2D(2, name=f"decoder_{i}_up")(x)
    x = CropLike(name="crop")(x, inputs)
    x = layers.Conv2D(
        in_channels, 3, padding="same", kernel_initializer=_he(), name="head"
    )(x)
    return keras.Model(inputs, x, name="denoising_autoencoder")
