"""Vision transformer: an image as a sequence of patches."""

import keras
from keras import KerasTensor, layers, ops

__all__ = ["vit_small", "vit_tiny"]


def vit_tiny(
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    image_size: int | tuple[int, int] = 224,
    patch_size: int = 16,
    dropout: float = 0.0,
    eps: float = 1e-6,
) -> keras.Model:
    """Build the smallest usual vision transformer: 5.7 million parameters.

    Twelve blocks of width 192 with 3 heads. Matrices, the class token and the
    positions start normal with a standard deviation of 0.02, biases at 0.

    Parameters
    ----------
    num_classes : int
        Number of logits.
    in_channels : int
        Channels of the image.
    image_size : int or tuple of two ints
        Height and width, one number if they are the same. Positions are learned for
        this size alone.
    patch_size : int
        Side of a patch; divides height and width.
    dropout : float in [0, 1)
        Share of tokens' features dropped after the positions, and of what attention
        and MLP add.
    eps : float
        Added to the variance in every norm.

    Returns
    -------
    keras.Model
        An untrained model: images of shape (N, height, width, in_channels) in, logits
        of shape (N, num_classes) out.

    Raises
    ------
    ValueError
        If patches do not tile the image.

    Examples
    --------
    >>> model = vit_tiny()
    >>> model.count_params()
    5717416

    References
    ----------
    Touvron et al., "Training data-efficient image transformers & distillation through
    attention", 2021, table 1. <https://arxiv.org/abs/2012.12877>
    """
    return _vit(
        num_classes,
        dim=192,
        depth=12,
        heads=3,
        in_channels=in_channels,
        image_size=image_size,
        patch_size=patch_size,
        dropout=dropout,
        eps=eps,
        name="vit_tiny",
    )


def vit_small(
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    image_size: int | tuple[int, int] = 224,
    patch_size: int = 16,
    dropout: float = 0.0,
    eps: float = 1e-6,
) -> keras.Model:
    """Build a vision transformer as large as a ResNet-50: 22 million parameters.

    Twelve blocks of width 384 with 6 heads. Matrices, the class token and the
    positions start normal with a standard deviation of 0.02, biases at 0.

    Parameters
    ----------
    num_classes : int
        Number of logits.
    in_channels : int
        Channels of the image.
    image_size : int or tuple of two ints
        Height and width, one number if they are the same. Positions are learned for
        this size alone.
    patch_size : int
        Side of a patch; divides height and width.
    dropout : float in [0, 1)
        Share of tokens' features dropped after the positions, and of what attention
        and MLP add.
    eps : float
        Added to the variance in every norm.

    Returns
    -------
    keras.Model
        An untrained model: images of shape (N, height, width, in_channels) in, logits
        of shape (N, num_classes) out.

    Raises
    ------
    ValueError
        If patches do not tile the image.

    Examples
    --------
    >>> model = vit_small()
    >>> model.count_params()
    22050664

    References
    ----------
    Touvron et al., "Training data-efficient image transformers & distillation through
    attention", 2021, table 1. <https://arxiv.org/abs/2012.12877>
    """
    return _vit(
        num_classes,
        dim=384,
        depth=12,
        heads=6,
        in_channels=in_channels,
        image_size=image_size,
        patch_size=patch_size,
        dropout=dropout,
        eps=eps,
        name="vit_small",
    )


def _vit(
    num_classes: int,
    *,
    dim: int,
    depth: int,
    heads: int,
    in_channels: int,
    image_size: int | tuple[int, int],
    patch_size: int,
    dropout: float,
    eps: float,
    name: str,
) -> keras.Model:
    if min(num_classes, patch_size) < 1 or not 0 <= dropout < 1 or not eps > 0:
        raise ValueError(
            "num_classes and patch_size must be >= 1, dropout in [0, 1), eps > 0. "
            f"Received: {num_classes}, {patch_size}, {dropout}, {eps}"
        )
    both = (image_size, image_size) if isinstance(image_size, int) else image_size
    height, width = both
    if height % patch_size or width % patch_size:
        raise ValueError(
            f"patch_size must divide image_size. Received: {patch_size} and {both}"
        )
    patches = (height // patch_size) * (width // patch_size)
    images = keras.Input((height, width, in_channels))
    x = layers.Conv2D(
        dim, patch_size, patch_size, kernel_initializer=_start(), name="patches"
    )(images)
    # row by row, as PyTorch flattens them
    x = layers.Reshape((patches, dim))(x)
    x = layers.Dropout(dropout)(ViTEmbedding(name="embedding")(x))
    for i in range(depth):
        x = _block(x, heads, dropout, eps, f"blocks_{i}")
    # every token goes through the norm alike: only the first is needed
    x = layers.LayerNormalization(epsilon=eps, name="norm")(x[:, 0])
    logits = layers.Dense(num_classes, kernel_initializer=_start(), name="head")(x)
    return keras.Model(images, logits, name=name)


def _block(
    x: KerasTensor, heads: int, dropout: float, eps: float, name: str
) -> KerasTensor:
    dim = x.shape[-1]
    y = layers.LayerNormalization(epsilon=eps, name=f"{name}_norm1")(x)
    attention = layers.MultiHeadAttention(
        heads, dim // heads, kernel_initializer=_start(), name=f"{name}_attention"
    )
    x = layers.add([x, layers.Dropout(dropout)(attention(y, y))])
    y = layers.LayerNormalization(epsilon=eps, name=f"{name}_norm2")(x)
    y = layers.Dense(4 * dim, kernel_initializer=_start(), name=f"{name}_up")(y)
    y = ops.gelu(y, approximate=False)
    y = layers.Dense(dim, kernel_initializer=_start(), name=f"{name}_down")(y)
    return layers.add([x, layers.Dropout(dropout)(y)])


def _start() -> keras.initializers.Initializer:
    # a new object each time: one that is shared gives equal shapes equal numbers
    return keras.initializers.RandomNormal(stddev=0.02)


@keras.saving.register_keras_serializable(package="dlcookbook")
class ViTEmbedding(layers.Layer):
    """A class token in front, and a learned position for every token."""

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Make both."""
        _, length, dim = input_shape
        self.class_token = self.add_weight(
            (1, 1, dim), initializer=_start(), name="class_token"
        )
        self.positions = self.add_weight(
            (1, length + 1, dim), initializer=_start(), name="positions"
        )

    def call(self, x: KerasTensor) -> KerasTensor:
        """Put the token in front and add the positions."""
        first = ops.repeat(self.class_token, ops.shape(x)[0], axis=0)
        return ops.concatenate([first, x], axis=1) + self.positions
