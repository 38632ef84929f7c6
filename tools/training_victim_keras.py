"""A small real training in Keras, made to be killed: it ends with one hash."""

import hashlib
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from dlcookbook.data.digits import load_digits_split
from dlcookbook.keras.training import checkpoint
from dlcookbook.keras.training.early_stopping import EarlyStopping

BATCH = 32
# Read once, before a process is copied.
PARTS = load_digits_split()
# What writes a checkpoint.
WRITER = np, "savez"


def train(folder: Path, epochs: int = 3, size: int = 160, wait: float = 0.0) -> str:
    """Train from where the folder has it and return the hash of the end."""
    keras.utils.set_random_seed(7)
    (x, y), (x_val, y_val) = ((p.images[:size], p.labels[:size]) for p in PARTS[:2])
    parts = [keras.Input((8, 8)), layers.Flatten(), layers.Dense(32)]
    parts += [layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.3, seed=1)]
    model = keras.Sequential([*parts, layers.Dense(10)])
    schedule = keras.optimizers.schedules.CosineDecay(1e-2, epochs * -(-size // BATCH))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(schedule), loss)
    stopping = EarlyStopping("val_loss", mode="min", patience=9)
    data = checkpoint.ShuffledArrays(x, y, BATCH, seed=7)
    saving = checkpoint.Checkpoint(folder, data, parts={"stopping": stopping})

    class Waits(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            time.sleep(wait)

    first = saving.resume(model)
    model.fit(
        data,
        epochs=epochs,
        initial_epoch=first,
        validation_data=(x_val, y_val),
        callbacks=[stopping, saving, Waits()],
        verbose=0,
    )
    ends = hashlib.sha256(repr(saving.history).encode())
    for variable in [*model.variables, *model.optimizer.variables]:
        ends.update(keras.ops.convert_to_numpy(variable).tobytes())
    return ends.hexdigest()


def forget() -> None:
    """Let checkpoints come without the state of the optimizer, as many do."""

    def forgetful(model: keras.Model) -> list[tuple[str, Any]]:
        return [(f"model/{at}/{v.name}", v) for at, v in enumerate(model.variables)]

    setattr(checkpoint, "_variables", forgetful)  # noqa: B010
