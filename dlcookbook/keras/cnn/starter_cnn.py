"""Small convolutional network to start from: stages, pooling, an average, logits."""

import keras
from keras import layers

__all__ = ["starter_cnn"]


def starter_cnn(
    num_classes: int,
    *,
    in_channels: int = 3,
    widths: tuple[int, ...] = (32, 64, 128),
    convs: int = 2,
    stem: int = 1,
    dropout: float = 0.2,
    flatten_size: int | None = None,
) -> keras.Model:
    """Plain convolutional network to start from: the guidelines of the page in code.

    Parameters
    ----------
    num_classes : int
        Length of the output: logits, without a softmax.
    in_channels : int
        1 for grey, 3 for colour.
    widths : tuple of int
        Channels of every stage of 3x3 convolutions, each with batch normalisation and
        ReLU; maximum pooling halves the map between them, an average ends it.
    convs : int
        Convolutions of a stage.
    stem : int
        Stride of the first convolution, whose kernel is 2 `stem` - 1: 1 up to 64
        pixels, 2 or 4 for photographs.
    dropout : float in [0, 1)
        Share of features that training leaves out before the dense layer.
    flatten_size : int, optional
        Flatten the map instead of averaging it: for square images of this size alone.

    Returns
    -------
    keras.Model
        Images, shape (N, H, W, in_channels), to logits, shape (N, num_classes).

    Raises
    ------
    ValueError
        If an option is out of its range: of `flatten_size`, if nothing is left.

    Examples
    --------
    >>> model = starter_cnn(10, in_channels=1, widths=(32, 64))
    >>> model.count_params()  # 384 of them are running statistics
    66218

    References
    ----------
    Simonyan, Zisserman, 2015, <https://arxiv.org/abs/1409.1556>: the stages. He et al.,
    2015, <https://arxiv.org/abs/1502.01852>: the initial weights.
    """
    if min(num_classes, convs, stem, len(widths)) < 1 or not 0 <= dropout < 1:
        raise ValueError(
            "num_classes, convs, stem must be >= 1, dropout in [0, 1), widths not empty"
            f". Received: {num_classes}, {convs}, {stem}, {dropout}, {widths}"
        )
    if flatten_size and not -(-flatten_size // stem) // 2 ** (len(widths) - 1):
        raise ValueError(f"flatten_size is too small. Received: {flatten_size}")
    x = start = keras.Input((flatten_size, flatten_size, in_channels))
    he = keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
    for stage, width in enumerate(widths, 1):
        for i in range(1, convs + 1):
            stride = stem if stage == i == 1 else 1
            kernel = 2 * stride - 1 if stride > 1 else 3
            if stride > 1:  # "same" would put more zeros behind than in front
                x = layers.ZeroPadding2D(kernel // 2)(x)
            options = {"strides": stride, "use_bias": False, "name": f"conv{stage}_{i}"}
            options["padding"] = "valid" if stride > 1 else "same"
            options["kernel_initializer"] = he.clone()
            x = layers.Conv2D(width, kernel, **options)(x)
            x = layers.BatchNormalization(-1, 0.9, 1e-5, name=f"norm{stage}_{i}")(x)
            x = layers.ReLU(name=f"relu{stage}_{i}")(x)
        if stage < len(widths):
            x = layers.MaxPooling2D(2, name=f"pool{stage}")(x)
    if flatten_size is None:
        x = layers.GlobalAveragePooling2D(name="average")(x)
    else:
        # channels first, the order in which PyTorch flattens
        x = layers.Flatten(name="flatten")(layers.Permute((3, 1, 2))(x))
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(start, layers.Dense(num_classes, name="head")(x))
