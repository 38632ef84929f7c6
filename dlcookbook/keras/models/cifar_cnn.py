"""The CIFAR-10 network of every first course: three convolutions, two layers."""

from collections.abc import Sequence

import keras
from keras import layers

__all__ = ["cifar_cnn"]


def cifar_cnn(
    num_classes: int = 10,
    *,
    in_channels: int = 3,
    image_size: int = 32,
    widths: Sequence[int] = (32, 64, 64),
    units: int = 64,
    dropout: float = 0.5,
) -> keras.Model:
    r"""Three 3 x 3 convolutions with pooling between them, then two linear layers.

    Small and quick; half of it lies behind the flattening. Weights start He normal by
    fan-in, the last layer Glorot uniform, every bias 0.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image.
    image_size : int
        Height and width of the images. The first linear layer depends on it.
    widths : sequence of int
        Channels of each convolution. All but the last are pooled.
    units : int
        Width of the hidden linear layer.
    dropout : float in [0, 1)
        Before the last layer.

    Returns
    -------
    keras.Model
        From normalised images (N, image_size, image_size, in_channels)
        to logits of shape (N, num_classes).

    Raises
    ------
    ValueError
        If an option is out of its range or nothing is left of an image at the end.

    Examples
    --------
    >>> model = cifar_cnn()
    >>> model.compute_output_shape((2, 32, 32, 3))
    (2, 10)
    >>> f"{model.count_params():,}"
    '122,570'

    References
    ----------
    Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    <https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf>
    """
    if min(num_classes, units, len(widths)) < 1 or not 0 <= dropout < 1:
        raise ValueError(
            "num_classes, units must be >= 1, widths one or more, dropout in [0, 1). "
            f"Received: {num_classes}, {units}, {widths}, {dropout}"
        )
    size = image_size
    for i in range(len(widths)):
        size = size - 2 if i == len(widths) - 1 else (size - 2) // 2
    if size < 1:
        raise ValueError(f"image_size is too small for widths. Received: {image_size}")
    # "he_normal" would be cut off at the sides
    he = keras.initializers.VarianceScaling(2.0, distribution="untruncated_normal")
    x = inputs = keras.Input((image_size, image_size, in_channels))
    for i, width in enumerate(widths, start=1):
        x = layers.Conv2D(
            width, 3, activation="relu", kernel_initializer=he.clone(), name=f"conv{i}"
        )(x)
        if i < len(widths):
            x = layers.MaxPooling2D(2, name=f"pool{i}")(x)
    # channels first, so that fc1 sees the pixels in the order of PyTorch
    x = layers.Flatten(name="flatten")(layers.Permute((3, 1, 2), name="permute")(x))
    x = layers.Dense(
        units, activation="relu", kernel_initializer=he.clone(), name="fc1"
    )(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Dense(num_classes, name="fc2")(x)
    return keras.Model(inputs, x, name="cifar_cnn")
