"""U-Net: down to see far, up to be exact, with a bridge on every level."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, layers, ops

__all__ = ["unet"]


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


def _double_conv(x: KerasTensor, filters: int, eps: float, name: str) -> KerasTensor:
    """Twice: 3 x 3 convolution, BatchNorm, ReLU. The size stays."""
    for i in (1, 2):
        x = layers.Conv2D(
            filters,
            3,
            padding="same",
            use_bias=False,
            kernel_initializer=_he(),
            name=f"{name}_conv{i}",
        )(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=eps, name=f"{name}_bn{i}")(
            x
        )
        x = layers.ReLU(name=f"{name}_relu{i}")(x)
    return x


def _up(
    x: KerasTensor,
    bridge: KerasTensor,
    filters: int,
    transposed: bool,
    eps: float,
    name: str,
) -> KerasTensor:
    """Double the size, cut it to that of the bridge, put both together, convolve."""
    if transposed:
        # each output pixel sees one input pixel, through every channel
        start = keras.initializers.RandomNormal(stddev=x.shape[-1] ** -0.5)
        x = layers.Conv2DTranspose(
            filters, 2, strides=2, kernel_initializer=start, name=f"{name}_up"
        )(x)
    else:
        # a 1 x 1 convolution before the interpolation: the same as behind it, cheaper
        x = layers.Conv2D(filters, 1, kernel_initializer=_he(), name=f"{name}_up")(x)
        x = layers.UpSampling2D(
            2, interpolation="bilinear", name=f"{name}_interpolate"
        )(x)
    x = CropLike(name=f"{name}_crop")(x, bridge)
    x = layers.Concatenate(name=f"{name}_concat")([bridge, x])
    return _double_conv(x, filters, eps, f"{name}_conv")


def unet(
    num_classes: int,
    *,
    in_channels: int = 3,
    widths: Sequence[int] = (64, 128, 256, 512, 1024),
    transposed: bool = True,
    norm_eps: float = 1e-5,
) -> keras.Model:
    r"""U-Net with padding: a class for every pixel, at the size of the image.

    The way down is pooled by 2 and sees ever more of the image; the way up doubles the
    size and adds, by a bridge on each level, the detail that pooling lost. The paper
    convolves without padding and gives a smaller map; here the map is as large as the
    image. Pooling rounds up and the way up is cut to its bridge, so that odd sizes
    stay aligned. Convolutions start He normal by fan-in, transposed ones normal with
    variance 1 / channels, every bias 0.

    Parameters
    ----------
    num_classes : int
        Maps that come out: 1 for a mask. Logits: no sigmoid or softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    widths : sequence of int
        Channels of each level. Half of the paper's are plenty for small data.
    transposed : bool
        Double the size by a transposed 2 x 2 convolution; else by bilinear
        interpolation behind a 1 x 1 convolution.
    norm_eps : float
        Added to the variance in BatchNorm.

    Returns
    -------
    keras.Model
        From float images (N, H, W, in_channels) of any size to logits of shape
        (N, H, W, num_classes).

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> model = unet(2, widths=(16, 32, 64))
    >>> tuple(model(keras.ops.zeros((1, 45, 30, 3))).shape)
    (1, 45, 30, 2)

    References
    ----------
    Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image
    Segmentation", 2015, fig. 1. <https://arxiv.org/abs/1505.04597>
    """
    if not widths or not norm_eps > 0:
        raise ValueError(
            "widths must hold one or more, norm_eps be > 0. "
            f"Received: {widths}, {norm_eps}"
        )
    x = inputs = keras.Input((None, None, in_channels))
    bridges = []
    for i, width in enumerate(widths):
        if i > 0:
            # "same" rounds up, so that no row or column is lost
            x = layers.MaxPooling2D(2, padding="same", name=f"pool{i}")(x)
        x = _double_conv(x, width, norm_eps, f"encoder_{i}")
        bridges.append(x)
    for i, bridge in enumerate(bridges[-2::-1]):
        filters = bridge.shape[-1]
        x = _up(x, bridge, filters, transposed, norm_eps, f"decoder_{i}")
    x = layers.Conv2D(num_classes, 1, kernel_initializer=_he(), name="head")(x)
    return keras.Model(inputs, x, name="unet")
