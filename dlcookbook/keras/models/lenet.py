"""LeNet-5: two convolutions and three linear layers that read digits."""

import keras
from keras import layers, ops

__all__ = ["lenet5"]

# The maps of S2 that each of the 16 of C3 looks at: table 1 of the paper.
MAPS = (
    *([(i + k) % 6 for k in range(3)] for i in range(6)),
    *([(i + k) % 6 for k in range(4)] for i in range(6)),
    *([i % 6 for i in (k, k + 1, k + 3, k + 4)] for k in (0, 1, 2)),
    [*range(6)],
)


def lenet5(
    num_classes: int = 10, *, in_channels: int = 1, partial_c3: bool = False
) -> keras.Model:
    r"""LeNet-5 of 1998, with what is used of it today.

    Squashed by tanh and pooled by the mean, as then: ReLU and maximum came later. Three
    things differ from the paper. Its third layer looked at a chosen few of the six maps
    (1,516 numbers; all of them: 2,416): say `partial_c3=True` for that. Its pooling
    learned a factor and a bias for each map, and its output was the distance to ten
    drawn digits, not a linear layer.
    Weights start Glorot uniform, every bias 0.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 1 for grey.
    partial_c3 : bool
        Connect each map of the third layer with the maps that the paper chose for it:
        fewer weights, but slower on today's hardware than all of them.

    Returns
    -------
    keras.Model
        From float images (N, 32, 32, in_channels) to logits of shape
        (N, num_classes). MNIST has 28 pixels: pad it by 2 on every side.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1.

    Examples
    --------
    >>> model = lenet5()
    >>> model.compute_output_shape((2, 32, 32, 1))
    (2, 10)
    >>> f"{model.count_params():,}"
    '61,706'

    References
    ----------
    LeCun et al., "Gradient-based Learning Applied to Document Recognition", 1998, fig.
    2. <https://doi.org/10.1109/5.726791>
    """
    if num_classes < 1:
        raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
    inputs = keras.Input((32, 32, in_channels))
    x = layers.Conv2D(6, 5, activation="tanh", name="c1")(inputs)
    x = layers.AveragePooling2D(2, name="s2")(x)
    if partial_c3:
        few = [ops.take(x, maps, axis=-1) for maps in MAPS]
        seen = [
            layers.Conv2D(1, 5, activation="tanh", name=f"c3_{i}")(maps)
            for i, maps in enumerate(few)
        ]
        x = layers.Concatenate(name="c3")(seen)
    else:
        x = layers.Conv2D(16, 5, activation="tanh", name="c3")(x)
    x = layers.AveragePooling2D(2, name="s4")(x)
    # channels first, so that c5 sees the pixels in the order of PyTorch
    x = layers.Flatten(name="flatten")(layers.Permute((3, 1, 2), name="permute")(x))
    x = layers.Dense(120, activation="tanh", name="c5")(x)
    x = layers.Dense(84, activation="tanh", name="f6")(x)
    x = layers.Dense(num_classes, name="output")(x)
    return keras.Model(inputs, x, name="lenet5")
