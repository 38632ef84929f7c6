"""VGG in small: pairs of 3 x 3 convolutions, halve the image, double the channels."""

from collections.abc import Sequence

import keras
from keras import layers

__all__ = ["vgg_small"]


def vgg_small(
    num_classes: int = 10,
    *,
    in_channels: int = 3,
    widths: Sequence[int] = (64, 128, 256),
    dropout: float = 0.5,
    norm_eps: float = 1e-5,
) -> keras.Model:
    r"""Stages of two 3 x 3 convolutions with BatchNorm, each pooled by 2.

    Two 3 x 3 convolutions see 5 x 5 pixels with 18 weights for each pair of channels
    instead of 25, and a ReLU in between. The three large linear layers of the paper,
    nine tenths of its parameters, are a mean over the pixels here. Convolutions start
    He normal by fan-out, the last layer Glorot uniform, its bias 0.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    widths : sequence of int
        Channels of each stage. An image needs $2^k$ pixels for k stages.
    dropout : float in [0, 1)
        Before the last layer.
    norm_eps : float
        Added to the variance in BatchNorm.

    Returns
    -------
    keras.Model
        From normalised images (N, H, W, in_channels) of $2^k$ pixels a side or more
        (fewer leave nothing, and its mean is NaN) to logits of shape (N, num_classes).

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> model = vgg_small()
    >>> model.compute_output_shape((2, 32, 48, 3))
    (2, 10)
    >>> sizes = [keras.ops.size(w) for w in model.trainable_weights]
    >>> f"{sum(int(size) for size in sizes):,}"
    '1,148,874'

    References
    ----------
    Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
    Recognition", 2014. <https://arxiv.org/abs/1409.1556>
    """
    if num_classes < 1 or not widths or not 0 <= dropout < 1 or not norm_eps > 0:
        raise ValueError(
            "num_classes must be >= 1, widths one or more, dropout in [0, 1), norm_eps "
            f"> 0. Received: {num_classes}, {widths}, {dropout}, {norm_eps}"
        )
    x = inputs = keras.Input((None, None, in_channels))
    for i, width in enumerate(widths, start=1):
        for j in (1, 2):
            x = layers.Conv2D(
                width,
                3,
                padding="same",
                use_bias=False,
                kernel_initializer=keras.initializers.VarianceScaling(
                    2.0, mode="fan_out", distribution="untruncated_normal"
                ),
                name=f"conv{i}_{j}",
            )(x)
            x = layers.BatchNormalization(
                momentum=0.9, epsilon=norm_eps, name=f"bn{i}_{j}"
            )(x)
            x = layers.ReLU(name=f"relu{i}_{j}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{i}")(x)
    x = layers.GlobalAveragePooling2D(name="avgpool")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Dense(num_classes, name="fc")(x)
    return keras.Model(inputs, x, name="vgg_small")
