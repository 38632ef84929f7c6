"""Temporal convolution: causal, dilated, residual; sees far back in few layers."""

import keras
from keras import layers

__all__ = ["tcn"]


def tcn(
    outputs: int,
    *,
    in_channels: int = 1,
    width: int = 32,
    depth: int = 4,
    kernel_size: int = 3,
    dropout: float = 0.0,
) -> keras.Model:
    """Build a temporal convolution that predicts at every step.

    Step t sees itself and the 2 (kernel_size - 1) (2 ** depth - 1) steps before it, 60
    by default. It sees nothing later, so padding at the end changes nothing: for one
    answer per sequence take the last real step. The paper's weight normalisation is
    left out. Convolutions start He normal (fan in), the head Glorot uniform, biases at
    0.

    Parameters
    ----------
    outputs : int
        Numbers at every step: classes as logits, or what is forecast.
    in_channels : int
        Features of a step.
    width : int
        Channels of every block.
    depth : int
        Number of blocks; block i has a dilation of 2 ** i.
    kernel_size : int
        Steps that a kernel covers.
    dropout : float in [0, 1)
        Share dropped after each convolution.

    Returns
    -------
    keras.Model
        An untrained model: sequences of shape (N, T, in_channels) in, numbers of shape
        (N, T, outputs) out.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> model = tcn(2, in_channels=3, width=8)
    >>> tuple(model(keras.ops.zeros((4, 50, 3))).shape)
    (4, 50, 2)

    References
    ----------
    Bai et al., "An Empirical Evaluation of Generic Convolutional and Recurrent
    Networks for Sequence Modeling", 2018, section 3.
    <https://arxiv.org/abs/1803.01271>
    """
    if min(outputs, depth) < 1 or not 0 <= dropout < 1:
        raise ValueError(
            "outputs and depth must be >= 1, dropout in [0, 1). "
            f"Received: {outputs}, {depth}, {dropout}"
        )
    sequences = x = keras.Input((None, in_channels))
    for i in range(depth):
        y = x
        for part in ("conv1", "conv2"):
            # zeros on the left alone: no step sees a later one
            y = _conv(width, kernel_size, 2**i, f"blocks_{i}_{part}")(y)
            y = layers.Dropout(dropout)(layers.ReLU()(y))
        if x.shape[-1] != width:
            x = _conv(width, 1, 1, f"blocks_{i}_shortcut")(x)
        x = layers.ReLU()(layers.add([x, y]))
    return keras.Model(sequences, layers.Dense(outputs, name="head")(x), name="tcn")


def _conv(width: int, kernel_size: int, dilation: int, name: str) -> layers.Layer:
    # Keras' "he_normal" is cut off at two deviations
    he = keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
    options = {"dilation_rate": dilation, "padding": "causal", "name": name}
    return layers.Conv1D(width, kernel_size, kernel_initializer=he, **options)
