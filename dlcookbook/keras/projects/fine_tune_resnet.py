# /// script
# dependencies = [
#     "keras>=3.14", "matplotlib", "safetensors", "scikit-learn", "tensorflow",
# ]
# ///
"""Few labels: fine-tune a ResNet from a folder, against one from random weights."""

import argparse
import copy
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay

from dlcookbook.data.few_digits import load_few_digits_split, load_other_digits_split
from dlcookbook.data.image_folder import Part, load_image_folder_split
from dlcookbook.data.resnet_folder import (
    Preprocessing,
    enlarge_images,
    prepare_images,
    read_preprocessing,
    write_preprocessing,
    write_resnet,
)
from dlcookbook.keras.layers.frozen_batch_norm import freeze_batch_norm
from dlcookbook.keras.projects._resnet import get_weights, load_body, make_body
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["draw", "load_data", "main", "make_checkpoint", "make_model", "turned"]

TINY: dict[str, Any] = {"embedding_size": 32, "hidden_sizes": [32, 64]}
TINY |= {"depths": [1, 1], "layer_type": "basic"}


def load_data(seed: int, folder: Any = None, size: int = 32) -> tuple[Part, ...]:
    """Return three parts: images, (N, size, size, 3), float32, and labels, (N,), int64.

    Ten images of each class for training: of the digits 5 to 9, or of `folder`.
    """
    if folder is not None:
        return load_image_folder_split(folder, seed, size=(size, size), per_class=10)
    parts = load_few_digits_split(seed)
    return tuple(Part(enlarge_images(images, size), labels) for images, labels in parts)


def turned(part: Part, given: Preprocessing) -> Part:
    """Return digits of 8 x 8 in four directions, each a class: 20 out of 5."""
    # what tells five classes apart is too little for five others
    images = [np.rot90(part.images, turns, (1, 2)) for turns in range(4)]
    labels = [part.labels + 5 * turns for turns in range(4)]
    large = enlarge_images(np.concatenate(images), given.read)
    return Part(large, np.concatenate(labels))


def make_model(config: dict | None = None, num_classes: int = 5) -> keras.Model:
    """Return an untrained classifier; `config` as in config.json, small by default.

    >>> sum(int(np.prod(w.shape)) for w in make_model().trainable_weights)
    81381
    """
    images = keras.Input((None, None, 3))
    start = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")
    options = {"kernel_initializer": start, "dtype": "float32", "name": "head"}
    logits = layers.Dense(num_classes, **options)(make_body(config or TINY)(images))
    return keras.Model(images, logits)


def train(
    run: Run, model: keras.Model, stage: str, rates: tuple, parts: Any, given: Any
) -> dict[str, list[float]]:
    """Train body and head at a rate each; 0 leaves that part as it is."""
    (x, y), held = ((prepare_images(part[0], given), part[1]) for part in parts)
    data = ShuffledArrays(x, y, run.batch_size, run.seed)
    steps = run.epochs * len(data)
    warm, optimizers = steps // 10, []
    for rate in rates:
        wave = {"warmup_target": rate, "warmup_steps": warm} if warm else {}
        schedule = keras.optimizers.schedules.CosineDecay(
            rate / (warm + 1), steps - warm, **wave
        )
        optimizers.append(keras.optimizers.AdamW(schedule, weight_decay=1e-2))
        optimizers[-1].exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    rule = {"(.*/)?head/.*": optimizers[1]}
    both = keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(optimizers[0], rule)
    )
    model.get_layer("body").trainable = rates[0] > 0
    if stage not in ("pretrain", "scratch"):
        freeze_batch_norm(model)  # anew: `trainable = True` has undone it
    optimizer = both if all(rates) else optimizers[rates[0] == 0]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, jit_compile=False)
    stopping = EarlyStopping("val_loss", mode="min")
    checkpoint = Checkpoint(run.checkpoints(stage), data, parts={"stopping": stopping})
    return run.fit(model, data, held, stopping, checkpoint, stage=stage)


def make_checkpoint(run: Run, folder: Path) -> None:
    """Pre-train a tiny ResNet on turned digits 0 to 4; save it as others are saved."""
    short, given = copy.copy(run), Preprocessing()
    short.epochs, short.batch_size = min(run.epochs, 10), 32
    parts = [turned(Part(*part), given) for part in load_other_digits_split(run.seed)]
    keras.utils.set_random_seed(run.seed)
    model = make_model(None, 20)
    train(short, model, "pretrain", (3e-3, 3e-3), parts, given)
    head = model.get_layer("head").get_weights()
    write_resnet(folder, TINY, get_weights(model.get_layer("body")), head)
    write_preprocessing(folder, given)


def predict(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, num_classes), of images, shape (N, H, W, 3)."""
    starts = range(0, len(images), 256)
    parts = [model(images[at : at + 256], training=False) for at in starts]
    return ops.convert_to_numpy(ops.softmax(ops.concatenate(parts)))


def draw(histories: dict, test: Part, p: np.ndarray, first: int) -> dict[str, Figure]:
    """Return the curves, and its surest mistakes; `first` is what label 0 is called."""
    curves = Figure(figsize=(10, 4.5), layout="constrained")
    left, right = curves.subplots(1, 2)
    for name, history in histories.items():
        left.plot(range(1, len(history["loss"]) + 1), history["val_loss"], label=name)
    left.set(xlabel="epoch", ylabel="cross-entropy of validation (nats)")
    left.legend()
    found, wrong = p.argmax(1), np.flatnonzero(p.argmax(1) != test.labels)
    show, labels = ConfusionMatrixDisplay.from_predictions, np.arange(p.shape[1])
    options = {"cmap": "Blues", "colorbar": False, "display_labels": labels + first}
    show(test.labels, found, labels=labels, ax=right, **options)
    errors = Figure(figsize=(9, 2), layout="constrained")
    surest = wrong[np.argsort(-p[wrong].max(1))]
    for axis, at in zip(errors.subplots(1, 6), surest, strict=False):
        step = -(-len(test.images[at]) // 48)  # a page needs no more pixels
        axis.imshow(test.images[at][::step, ::step], interpolation="nearest")
        axis.set_xlabel(f"{test.labels[at] + first}, not {found[at] + first}")
    for axis in errors.axes:
        axis.set(xticks=[], yticks=[], frame_on=False)
    return {"curves": curves, "errors": errors}


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Pre-train or take a folder, fine-tune, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 1")
    text = "a folder as `hf download` makes it; without it, a tiny one is made"
    parser.add_argument("--checkpoint", type=Path, help=text)
    out, data = "runs/fine_tune_resnet_keras", "a folder of pictures for each class"
    with Run(parser, argv, out, epochs=25, batch_size=10, data=data) as run:
        folder = run.args.checkpoint
        if folder is None:
            make_checkpoint(run, folder := run.out / "checkpoint")
        config, body = load_body(folder)
        given = read_preprocessing(folder)
        parts = load_data(run.seed, run.data, given.read)
        classes = int(parts[0].labels.max()) + 1
        tune = partial(train, run, parts=parts[:2], given=given)
        keras.utils.set_random_seed(run.seed)
        model, scratch, frozen = (make_model(config, classes) for _ in range(3))
        model.get_layer("body").set_weights(body.get_weights())
        histories = {"from random weights": tune(scratch, "scratch", (3e-3, 3e-3))}
        histories["head alone"] = tune(model, "head", (0.0, 1e-2))
        frozen.set_weights(model.get_weights())
        histories["then all of it"] = history = tune(model, "all", (1e-3, 1e-2))
        run.keep(model)

        # Nothing is chosen below this line: here, once, the test part may be seen.
        models = {"": model, "_frozen": frozen, "_scratch": scratch}
        images = prepare_images(parts[2].images, given)
        found = {name: predict(each, images) for name, each in models.items()}
        results = {
            f"test_accuracy{name}": float((p.argmax(1) == parts[2].labels).mean())
            for name, p in found.items()
        }
        results["val_loss"] = min(history["val_loss"])
        figures = draw(histories, parts[2], found[""], 0 if run.data else 5)
        return run.finish(results, history, figures)


if __name__ == "__main__":
    main()
