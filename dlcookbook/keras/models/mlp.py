"""Perceptron and multilayer perceptron: linear layers for rows of numbers."""

from collections.abc import Sequence

import keras
from keras import layers

__all__ = ["mlp", "perceptron"]


def perceptron(in_features: int, num_classes: int = 1) -> keras.Model:
    r"""One linear layer, $z = W x + b$: as many neurons as classes.

    With a sigmoid or softmax in the loss it is logistic regression; it draws straight
    borders only. Weights start Glorot uniform, the bias 0.

    Parameters
    ----------
    in_features : int
        Numbers of one example. Flatten images first; scale columns to deviation 1.
    num_classes : int
        Numbers that come out: 1 for yes or no. Logits: no sigmoid or softmax.

    Returns
    -------
    keras.Model
        From floats of shape (N, in_features) to logits of shape (N, num_classes).

    Raises
    ------
    ValueError
        If `num_classes` is less than 1.

    Examples
    --------
    >>> model = perceptron(4)
    >>> keras.ops.convert_to_numpy(model(keras.ops.zeros((2, 4)))).tolist()
    [[0.0], [0.0]]

    References
    ----------
    Rosenblatt, "The Perceptron", 1958. <https://doi.org/10.1037/h0042519>
    """
    if num_classes < 1:
        raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
    inputs = keras.Input((in_features,))
    return keras.Model(inputs, layers.Dense(num_classes, name="fc")(inputs))


def mlp(
    in_features: int,
    num_classes: int,
    *,
    hidden: Sequence[int] = (512, 256, 128),
    dropout: float = 0.3,
    norm_eps: float = 1e-5,
) -> keras.Model:
    r"""Linear layers with BatchNorm, ReLU and dropout between them.

    $x \mapsto \max(0, \mathrm{norm}(W x))$ a few times, then one linear layer. Without
    the ReLU all of it would be one linear layer. Weights start He normal by fan-in,
    the last layer Glorot uniform, its bias 0.

    Parameters
    ----------
    in_features : int
        Numbers of one example. Flatten images first; scale columns to deviation 1.
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    hidden : sequence of int
        Width of each hidden layer.
    dropout : float in [0, 1)
        Share of each hidden layer that is set to 0 in training.
    norm_eps : float
        Added to the variance in BatchNorm.

    Returns
    -------
    keras.Model
        From floats of shape (N, in_features) to logits of shape (N, num_classes).

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> model = mlp(784, 10)
    >>> model.compute_output_shape((2, 784))
    (2, 10)
    >>> sizes = [keras.ops.size(w) for w in model.trainable_weights]
    >>> f"{sum(int(size) for size in sizes):,}"
    '568,330'

    References
    ----------
    Rumelhart et al., "Learning Representations by Back-propagating Errors", 1986.
    <https://doi.org/10.1038/323533a0>
    """
    if num_classes < 1 or not 0 <= dropout < 1 or not norm_eps > 0:
        raise ValueError(
            "num_classes must be >= 1, dropout in [0, 1), norm_eps > 0. "
            f"Received: {num_classes}, {dropout}, {norm_eps}"
        )
    x = inputs = keras.Input((in_features,))
    for i, width in enumerate(hidden, start=1):
        # the norm has a bias of its own; "he_normal" would be cut off at the sides
        start = keras.initializers.VarianceScaling(
            2.0, distribution="untruncated_normal"
        )
        x = layers.Dense(
            width, use_bias=False, kernel_initializer=start, name=f"linear{i}"
        )(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=norm_eps, name=f"bn{i}")(x)
        x = layers.ReLU(name=f"relu{i}")(x)
        x = layers.Dropout(dropout, name=f"dropout{i}")(x)
    x = layers.Dense(num_classes, name="fc")(x)
    return keras.Model(inputs, x, name="mlp")
