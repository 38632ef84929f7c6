"""Healthy trainings in Keras and the same with a planted fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from tools.preflight_evidence import batch, bits, number

CE = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
BCE = keras.losses.BinaryCrossentropy(from_logits=True)
Build = Callable[[int], tuple[Any, ...]]


class Call(layers.Layer):
    """A function of the input, the layers and the mode, as a layer."""

    def __init__(self, call: Callable[..., Any], *inner: layers.Layer) -> None:
        super().__init__()
        self.inner, self.function = list(inner), call

    def build(self, shape: Any) -> None:
        """Build what does not build itself."""
        for layer in self.inner:
            if not layer.built:
                layer.build(shape)

    def call(self, x: Any, training: bool = False) -> Any:
        """Call it."""
        return self.function(self, x, training)


class Broadcast(keras.losses.Loss):
    """A squared error that does not look at shapes."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return it per pair."""
        return ops.square(y_pred - y_true)


def tensors(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return arrays as they are."""
    return arrays


def stack(*inner: layers.Layer, shape: tuple[int, ...] = (64,)) -> keras.Model:
    """Return the layers as a model."""
    return keras.Sequential([keras.Input(shape), *inner])


def mlp(out: int = 10, middle: str = "relu", last: str | None = None) -> keras.Model:
    """Return the model that most faults are planted in."""
    return stack(layers.Dense(32, middle), layers.Dense(out, last))


def around(before: Callable[..., Any], *more: layers.Layer) -> keras.Model:
    """Return the model with something done to its inputs."""
    return stack(Call(before, *more), layers.Dense(32, "relu"), layers.Dense(10))


def cnn(norm: bool = False, momentum: float = 0.99) -> keras.Model:
    """Return two convolutions, with BatchNorm or with dropout."""

    def block() -> list[layers.Layer]:
        inner: list[layers.Layer] = [layers.Conv2D(16, 3, padding="same")]
        if norm:
            inner.append(layers.BatchNormalization(momentum=momentum))
        return [*inner, layers.ReLU(), layers.MaxPooling2D()]

    last = [layers.Flatten(), layers.Dropout(0.0 if norm else 0.5), layers.Dense(10)]
    return stack(*block(), *block(), *last, shape=(8, 8, 1))


def transformer() -> keras.Model:
    """Return one encoder layer over the rows of a picture."""
    x = keras.Input((8, 8))
    h = layers.Dense(32)(x)
    mixed = layers.MultiHeadAttention(4, 8, dropout=0.1)(h, h)
    h = layers.LayerNormalization()(h + mixed)
    wide = layers.Dense(32)(layers.Dense(64, "gelu")(h))
    h = layers.LayerNormalization()(h + wide)
    return keras.Model(x, layers.Dense(10)(layers.Flatten()(h)))


def case(
    model: Callable[[], keras.Model],
    loss: Any = CE,
    task: str = "multiclass",
    x: Callable[[np.ndarray], np.ndarray] = lambda x: x,
    y: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda x, y: y,
    **options: Any,
) -> Build:
    """Return what makes a training from a seed."""

    def build(seed: int) -> tuple[Any, ...]:
        keras.utils.set_random_seed(seed)
        inputs, classes = batch(seed)
        return (
            model(),
            loss,
            x(inputs),
            y(inputs, classes),
            task,
            {"lr": 1e-3} | options,
        )

    return build


def picture(x: np.ndarray) -> np.ndarray:
    """Return the digits as pictures."""
    return x.reshape(-1, 8, 8, 1)


def filled(change: Callable[[np.ndarray], np.ndarray]) -> keras.Model:
    """Return the model with other weights."""
    model = mlp()
    model.set_weights([change(weight) for weight in model.get_weights()])
    return model


def frozen() -> keras.Model:
    """Return the model with nothing to train."""
    model = mlp()
    model.trainable = False
    return model


def negative(y_true: Any, y_pred: Any) -> Any:
    """Return the cross-entropy with the wrong sign."""
    return -CE(y_true, y_pred)


HEALTHY: dict[str, Build] = {
    "MLP, 10 classes": case(mlp),
    "CNN with dropout": case(cnn, x=picture),
    "CNN with BatchNorm": case(lambda: cnn(norm=True), x=picture),
    "transformer layer": case(transformer, x=lambda x: x.reshape(-1, 8, 8)),
    "regression": case(
        lambda: mlp(1, "tanh"), "mse", "regression", y=lambda x, y: number(y)
    ),
    "binary": case(lambda: mlp(1), BCE, "binary", y=lambda x, y: bits(y, 1)),
    "multi-label": case(lambda: mlp(4), BCE, "binary", y=lambda x, y: bits(y)),
    "segmentation": case(
        lambda: stack(
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2D(3, 1),
            shape=(8, 8, 1),
        ),
        x=picture,
        y=lambda x, y: (x.reshape(-1, 8, 8) * 2.99).astype(np.int64),
    ),
    "probabilities and their logarithm": case(
        lambda: mlp(last="softmax"), "sparse_categorical_crossentropy"
    ),
}
FAULTS: dict[str, tuple[str, Build]] = {
    "a mask of 0 and 255": (
        "targets",
        case(lambda: mlp(1), BCE, "binary", y=lambda x, y: 255 * bits(y, 1)),
    ),
    "targets in thousands": (
        "targets",
        case(lambda: mlp(1), "mse", "regression", y=lambda x, y: 5000 * number(y)),
    ),
    "targets (N,), outputs (N, 1)": (
        "shapes",
        case(lambda: mlp(1), Broadcast(), "regression", y=lambda x, y: number(y)[:, 0]),
    ),
    "softmax before a loss of logits": ("head", case(lambda: mlp(last="softmax"))),
    "sigmoid before a loss of logits": (
        "head",
        case(lambda: mlp(1, last="sigmoid"), BCE, "binary", y=lambda x, y: bits(y, 1)),
    ),
    "logits for a loss of probabilities": (
        "head",
        case(mlp, "sparse_categorical_crossentropy"),
    ),
    "ReLU after the last layer": ("head", case(lambda: mlp(last="relu"))),
    "a reshape that mixes examples": (
        "batch",
        case(
            lambda: around(
                lambda m, x, mode: ops.reshape(ops.transpose(x), ops.shape(x))
            )
        ),
    ),
    "outputs that ignore their inputs": (
        "batch",
        case(lambda: around(lambda m, x, mode: 0 * x)),
    ),
    "dead ReLU": (
        "dead units",
        case(lambda: filled(lambda w: w - 10 if w.shape == (32,) else w)),
    ),
    "twelve layers of sigmoid": (
        "gradient flow",
        case(
            lambda: stack(
                *(layers.Dense(32, "sigmoid") for _ in range(11)), layers.Dense(10)
            )
        ),
    ),
    "a layer that no output uses": (
        "parameters",
        case(lambda: around(lambda m, x, mode: x, layers.Dense(10))),
    ),
    "a graph cut in the middle": (
        "parameters",
        case(
            lambda: around(
                lambda m, x, mode: ops.stop_gradient(m.inner[0](x)), layers.Dense(32)
            )
        ),
    ),
    "all parameters frozen": ("parameters", case(frozen)),
    "all weights zero": ("overfit", case(lambda: filled(lambda w: 0 * w))),
    "weights of deviation 1": (
        "first loss",
        case(
            lambda: filled(
                lambda w: (
                    w if w.ndim < 2 else np.random.default_rng(0).normal(size=w.shape)
                )
            )
        ),
    ),
    "a loss with the wrong sign": ("first loss", case(mlp, negative)),
    "SGD at a rate of 100": (
        "learning rate",
        case(mlp, lr=100.0, optimizer=keras.optimizers.SGD),
    ),
    "Adam at a rate of 1e-8": ("learning rate", case(mlp, lr=1e-8)),
    "dropout that is always on": (
        "repeatable",
        case(
            lambda: around(
                lambda m, x, mode: keras.random.dropout(x, 0.5, seed=m.inner[0].seed),
                Seeded(),
            )
        ),
    ),
    "BatchNorm with slow averages": (
        "modes",
        case(lambda: cnn(norm=True, momentum=0.9999), x=picture),
    ),
    "scaled in training mode alone": (
        "modes",
        case(lambda: around(lambda m, x, mode: x / (1 + 9 * bool(mode)))),
    ),
}


class Seeded(layers.Layer):
    """Random numbers for a layer that draws whatever the mode."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = keras.random.SeedGenerator(0)
