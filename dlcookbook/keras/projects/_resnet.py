"""The ResNet of a checkpoint folder in Keras, and its weights there and back."""

import os
from typing import Any

import keras
import numpy as np
from keras import KerasTensor, layers, ops

from dlcookbook.data.resnet_folder import read_resnet

__all__ = ["get_weights", "load_body", "make_body"]

# the parts of a weight's name in a folder, in the order of `layer.get_weights()`
_PARTS = {
    layers.Conv2D: ("weight",),
    layers.BatchNormalization: ("weight", "bias", "running_mean", "running_var"),
}


def make_body(config: dict[str, Any]) -> keras.Model:
    """Return a network as `ResNetModel`: pictures, (N, H, W, 3), to features, (N, D).

    Layers are called as their weights in the folder, with _ for a dot.
    """

    def conv(
        x: KerasTensor, name: str, filters: int, width: int, stride: int = 1
    ) -> KerasTensor:
        # "same" would pad the right side alone where the stride is 2
        x = layers.ZeroPadding2D(width // 2)(x) if width > 1 else x
        # one for each layer: those that share one begin with the same numbers
        start = keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
        options = {"use_bias": False, "kernel_initializer": start}
        name = name.replace(".", "_")
        x = layers.Conv2D(
            filters, width, stride, name=f"{name}_convolution", **options
        )(x)
        return layers.BatchNormalization(
            momentum=0.9, epsilon=1e-5, name=f"{name}_normalization"
        )(x)

    pictures = keras.Input((None, None, config.get("num_channels", 3)))
    x = ops.relu(conv(pictures, "embedder.embedder", config["embedding_size"], 7, 2))
    # PyTorch pads with minus infinity; after a ReLU zeros give the same maximum
    x = layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(x))
    early = config.get("downsample_in_first_stage", False)
    sizes = zip(config["hidden_sizes"], config["depths"], strict=True)
    for stage, (filters, depth) in enumerate(sizes):
        for layer in range(depth):
            path = f"encoder.stages.{stage}.layers.{layer}"
            halves = not layer and (stage > 0 or early)
            stride, y = 2 if halves else 1, x
            if config["layer_type"] == "basic":
                y = ops.relu(conv(y, f"{path}.layer.0", filters, 3, stride))
                y = conv(y, f"{path}.layer.1", filters, 3)
            else:
                first, second = stride, 1
                if not config.get("downsample_in_bottleneck", False):
                    first, second = second, first
                y = ops.relu(conv(y, f"{path}.layer.0", filters // 4, 1, first))
                y = ops.relu(conv(y, f"{path}.layer.1", filters // 4, 3, second))
                y = conv(y, f"{path}.layer.2", filters, 1)
            if halves or x.shape[-1] != filters:
                x = conv(x, f"{path}.shortcut", filters, 1, stride)
            x = ops.relu(x + y)
    return keras.Model(pictures, layers.GlobalAveragePooling2D()(x), name="body")


def get_weights(body: keras.Model) -> dict[str, np.ndarray]:
    """Return the weights by their names in a folder, as `read_resnet` does."""
    return {
        name: weight
        for layer, names in _named(body)
        for name, weight in zip(names, layer.get_weights(), strict=True)
    }


def load_body(folder: str | os.PathLike) -> tuple[dict, keras.Model]:
    """Return what config.json says, and the network with the weights of the folder."""
    config, weights = read_resnet(folder)
    body = make_body(config)
    for layer, names in _named(body):
        layer.set_weights([weights.pop(name) for name in names])
    if weights:
        raise ValueError(f"weights must all be used. Received: {', '.join(weights)}")
    return config, body


def _named(body: keras.Model) -> list[tuple[keras.Layer, list[str]]]:
    """Return the layers with weights, and the names of these."""
    return [
        (layer, [f"{layer.name.replace('_', '.')}.{part}" for part in parts])
        for layer in body.layers
        if (parts := _PARTS.get(type(layer)))
    ]
