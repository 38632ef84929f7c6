"""Train one Keras model on one device and on two virtual ones of a CPU, and compare.

`python -m tools.distributed_keras jax` or `tensorflow` prints JSON, in a process
of its own: the devices are made before a framework starts.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import numpy as np

from dlcookbook.sheet import distributed


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return 120 digits: the last batch of 32 is a smaller one."""
    from dlcookbook.data.digits import load_digits_split

    part = load_digits_split()[0]
    return part.images[:120].reshape(120, 64), part.labels[:120]


def trained() -> tuple[list[np.ndarray], dict[str, list[float]]]:
    """Train a small model where it is told to; return its weights and numbers."""
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(32, "relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input((64,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss, metrics=["accuracy"])
    history = model.fit(*digits(), batch_size=32, epochs=3, shuffle=False, verbose=0)
    return model.get_weights(), history.history


def apart(one: Any, two: Any) -> dict[str, float]:
    """Return the largest difference of weights and of each number."""
    pairs = zip(one[0], two[0], strict=True)
    far = {"weights": max(float(np.abs(a - b).max()) for a, b in pairs)}
    for name, numbers in one[1].items():
        pairs = zip(numbers, two[1][name], strict=True)
        far[name] = max(abs(a - b) for a, b in pairs)
    return far


def on_jax() -> dict[str, Any]:
    """Compare with `keras.distribution.DataParallel`; run the rows' calls."""
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
    import keras

    devices = keras.distribution.list_devices("cpu")
    parallel = keras.distribution.DataParallel
    runs = []
    for count in (1, 2):
        keras.distribution.set_distribution(parallel(devices=devices[:count]))
        runs.append(trained())
    mesh = keras.distribution.DeviceMesh((1, 2), ["batch", "model"], devices)
    layout = keras.distribution.LayoutMap(mesh)
    layout["dense.*/kernel"] = (None, "model")
    sharded = keras.distribution.ModelParallel(layout_map=layout)
    keras.distribution.set_distribution(sharded)
    split = trained()
    layer = keras.layers.Dense(32)
    layer.build((None, 64))
    shards = [list(s.data.shape) for s in layer.kernel.value.addressable_shards]
    keras.distribution.set_distribution(parallel(devices=devices))
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    names = {"keras": keras, "model": model, "layout": layout, "x": np.ones((2, 3))}
    policy, made = keras.mixed_precision.dtype_policy(), {}
    for row in distributed.ROWS:
        made[row.slug] = type(eval(row.keras, names)).__name__
    keras.mixed_precision.set_dtype_policy(policy)
    return {
        "data_parallel": apart(*runs),
        "model_parallel": apart(runs[0], split),
        "shards": shards,
        "made": made,
    }


def on_tensorflow() -> dict[str, Any]:
    """Compare with `tf.distribute.MirroredStrategy`."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, two)
    runs = []
    for strategy in (None, tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])):
        with (strategy or tf.distribute.get_strategy()).scope():
            runs.append(trained())
    return {"mirrored": apart(*runs)}


if __name__ == "__main__":
    print(json.dumps({"jax": on_jax, "tensorflow": on_tensorflow}[sys.argv[1]]()))
