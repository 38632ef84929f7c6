# /// script
# dependencies = ["keras>=3.10", "matplotlib", "pillow", "scikit-learn", "tensorflow"]
# ///
"""Few labels: learn on other classes, then adapt, by the head alone or by all of it."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay

from dlcookbook.data.few_digits import load_few_digits_split, load_other_digits_split
from dlcookbook.data.image_folder import load_image_folder_split
from dlcookbook.keras.layers.frozen_batch_norm import freeze_batch_norm
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["draw", "load_data", "main", "make_model", "predict", "show"]

# what is trained in turn, and at which rate
STAGES = {
    "scratch": [("all", 3e-3)],
    "frozen": [("head", 1e-2)],
    "all": [("all", 1e-3)],
    "thaw": [("head", 1e-2), ("all", 1e-3)],
    "moving": [("all", 1e-3)],  # and batch norm's statistics follow the new data
}


def load_data(
    seed: int, folder: Path | None = None, *, labels: int = 10, size: int = 160
) -> tuple[Any, Any, Any]:
    """Return training, validation and test part: digits 5 to 9, or a folder's classes.

    Each part is (images, labels): shape (N, 8, 8), or (N, size, size, 3) of a folder,
    float32, 0 to 1; shape (N,), int64. `labels` is the number per class for training.
    """
    if folder is None:
        return load_few_digits_split(seed, labels=labels)
    square = (size, size)
    return load_image_folder_split(folder, seed, size=square, per_class=labels)


def make_model(
    num_classes: int = 5, weights: Path | None = None, size: int = 8
) -> keras.Sequential:
    """Return a body and a new head: images, shape (N, size, size, C), to logits.

    The body is untrained and for 8 x 8 pixels, or with `weights` keras.applications'
    MobileNetV2 from a file without its own head.

    >>> sum(weight.numpy().size for weight in make_model().trainable_variables)
    57189
    """
    if weights is None:
        parts: list[layers.Layer] = [keras.Input((8, 8, 1))]
        for outputs in (32, 64, 64):
            # "he_normal" would be cut off at the sides
            start = keras.initializers.VarianceScaling(
                2.0, distribution="untruncated_normal"
            )
            parts += [
                layers.Conv2D(
                    outputs, 3, padding="same", use_bias=False, kernel_initializer=start
                ),
                layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
                layers.ReLU(),
                layers.MaxPooling2D(),
            ]
        # the last map stays 2 x 2: where something is tells digits apart
        body = keras.Sequential([*parts[:-1], layers.Flatten()])
    else:
        inputs = (size, size, 3)
        body = keras.Sequential(
            [
                keras.Input(inputs),
                layers.Rescaling(2.0, offset=-1.0),  # what it was trained with: -1 to 1
                keras.applications.MobileNetV2(
                    input_shape=inputs, include_top=False, pooling="avg", weights=None
                ),
            ]
        )
        body.layers[-1].load_weights(weights)
    # at first every class is as likely as the others
    head = layers.Dense(num_classes, kernel_initializer="zeros", dtype="float32")
    return keras.Sequential([keras.Input(body.input_shape[1:]), body, head])


def channels_last(images: np.ndarray) -> np.ndarray:
    """Return images, shape (N, H, W) or (N, H, W, C), as (N, H, W, C)."""
    return images[..., None] if images.ndim == 3 else images


def predict(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, classes), of images as `load_data` has them."""
    logits = model.predict(channels_last(images), batch_size=64, verbose=0)
    return ops.convert_to_numpy(ops.softmax(logits))


def draw(history: dict, labels: np.ndarray, predicted: np.ndarray) -> Figure:
    """Return the curves of the last stage beside the confusion matrix."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.semilogy(epochs, history["loss"], epochs, history["val_loss"])
    left.set(xlabel="epoch of the last stage", ylabel="cross-entropy (nats)")
    left.legend(["training", "validation"])
    matrix = ConfusionMatrixDisplay.from_predictions
    matrix(labels, predicted, ax=right, cmap="Blues", colorbar=False)
    return figure


def show(images: np.ndarray, labels: np.ndarray, predicted: np.ndarray) -> Figure:
    """Return up to twelve images with a wrong answer: the true class, the answer."""
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    wrong = np.flatnonzero(labels != predicted)[:12]
    for ax, at in zip(figure.subplots(2, 6).flat, wrong, strict=False):
        ax.imshow(images[at], cmap="gray_r", interpolation="none")
        ax.set_xlabel(f"{labels[at]}, not {predicted[at]}")
    for ax in figure.axes:
        ax.set(xticks=[], yticks=[])
    return figure


def train(run: Run, model: keras.Model, parts: Sequence[Any], rate: float, stage: str):
    """Train what of `model` is trainable; return the numbers per epoch."""
    images = [channels_last(part.images) for part in parts]
    data = ShuffledArrays(images[0], parts[0].labels, run.batch_size, run.seed)
    # compiled anew: a compiled model trains what it was compiled with
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=1e-2, epsilon=1e-7),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    stopping = EarlyStopping("val_loss", mode="min", patience=8)
    checkpoint = Checkpoint(run.checkpoints(stage), data, parts={"stopping": stopping})
    held = images[1], parts[1].labels
    return run.fit(model, data, held, stopping, checkpoint, stage=stage)


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Learn on 0 to 4, adapt to 5 to 9, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 1")
    add = parser.add_argument
    add("--mode", choices=list(STAGES), default="all", help="what is trained (all)")
    add("--labels", type=int, default=10, help="for training, of each class (10)")
    add("--weights", type=Path, help="of MobileNetV2 without a top, for --data")
    add("--size", type=int, default=160, help="of the pictures of --data (160)")
    data, out = "a folder with a folder of pictures per class", "runs/few_labels_keras"
    with Run(parser, argv, out, epochs=40, batch_size=16, data=data) as run:
        args, mode, weights = run.args, run.args.mode, run.args.weights
        if (run.data is None) != (weights is None):
            parser.error("--data and --weights must be given together, or neither")
        if mode == "scratch" and weights is not None:
            parser.error(f"--mode scratch takes no --weights. Received: {weights}")
        parts = load_data(run.seed, run.data, labels=args.labels, size=args.size)
        model = make_model(int(parts[0].labels.max()) + 1, weights, args.size)
        if mode != "scratch" and weights is None:
            train(run, model, load_other_digits_split(run.seed), 3e-3, "pretrain")
            # the old head tells 0 to 4 apart; the new one nothing yet
            head = model.layers[1]
            head.set_weights([np.zeros(weight.shape) for weight in head.weights])
        for stage, rate in STAGES[mode]:
            model.layers[0].trainable = stage == "all"
            if mode in ("frozen", "all", "thaw"):
                # the statistics of the old data stay, whatever is trained
                freeze_batch_norm(model)
            history = train(run, model, parts[:2], rate, stage)
        run.keep(model)
        # Nothing is chosen below this line: here, once, the test part may be seen.
        test = parts[2]
        predicted = predict(model, test.images).argmax(1)
        best = int(np.argmin(history["val_loss"]))
        results = {
            "test_accuracy": float((predicted == test.labels).mean()),
            "val_accuracy": history["val_accuracy"][best],
            "val_loss": history["val_loss"][best],
            "best_epoch": best + 1,
        }
        # class 0 is the digit 5, and a reader of the pictures sees a 5
        names = [each + (0 if run.data else 5) for each in (test.labels, predicted)]
        figures = {"curves": draw(history, *names)}
        figures["errors"] = show(test.images, *names)
        return run.finish(results, history, figures)


if __name__ == "__main__":
    main()
