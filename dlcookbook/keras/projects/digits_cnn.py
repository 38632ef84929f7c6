# /// script
# dependencies = ["keras>=3.10", "matplotlib", "scikit-learn", "tensorflow"]
# ///
"""Handwritten digits: train a small CNN, stop in time, test it once, keep it."""

import argparse
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, classification_report

from dlcookbook.data.digits import Part, load_digits_split
from dlcookbook.data.mnist import load_mnist_split
from dlcookbook.keras.augmentation.random_affine import random_affine
from dlcookbook.keras.augmentation.warp import warp_images
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["Augment", "draw", "load_data", "main", "make_model", "predict"]


def load_data(seed: int, folder: Path | None = None) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: scikit-learn's digits, or MNIST.

    Parameters
    ----------
    seed : int
        Of the split.
    folder : path, optional
        With the four files of MNIST or Fashion-MNIST.

    Returns
    -------
    tuple of (images, labels), three of them
        Images, shape (N, H, W), float32, 0 to 1; labels, shape (N,), int64.
    """
    if folder is None:
        return load_digits_split(seed)
    train, validation, test = load_mnist_split(folder, seed)
    return Part(*train), Part(*validation), Part(*test)


def make_model(kind: str = "cnn", size: int = 8) -> keras.Sequential:
    """Return an untrained network: images, shape (N, H, W, 1), to logits, (N, 10).

    Parameters
    ----------
    kind : {"linear", "hidden", "cnn"}
        Without a hidden layer, with one, or convolutions.
    size : int
        Height and width of the images.

    Examples
    --------
    >>> for kind in ("linear", "hidden", "cnn"):
    ...     sum(weight.numpy().size for weight in make_model(kind).trainable_variables)
    650
    9610
    65834
    """

    def block(outputs: int) -> list[layers.Layer]:
        # no bias: the normalisation would take it away again
        conv = layers.Conv2D(outputs, 3, padding="same", use_bias=False)
        norm = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
        return [conv, norm, layers.ReLU()]

    parts = [keras.Input((size, size, 1))]
    if kind == "linear":
        parts += [layers.Flatten()]
    elif kind == "hidden":
        parts += [layers.Flatten(), layers.Dense(128, "relu")]
    else:
        parts += [*block(32), *block(32), layers.MaxPooling2D(), *block(64), *block(64)]
        parts += [layers.GlobalAveragePooling2D(), layers.Dropout(0.3)]
    return keras.Sequential([*parts, layers.Dense(10, dtype="float32")])


class Augment(layers.Layer):
    """In training, turns, scales and moves each image, all in one interpolation."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = keras.random.SeedGenerator()

    def call(self, images: KerasTensor, training: bool = False) -> KerasTensor:
        """Return new images of shape (N, H, W, C); the background is 0."""
        if not training:
            return images
        size = images.shape[1], images.shape[2]
        # no flips: a mirrored digit is none, or another one
        matrices = random_affine(
            ops.shape(images)[0],
            size,
            self.seed,
            degrees=(-10, 10),
            scale=(0.9, 1.1),
            shift=(-0.06, 0.06),
        )
        return warp_images(images, matrices)


def predict(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, 10), of images, shape (N, 8, 8), 0 to 1."""
    logits = model.predict(images[..., None], verbose=0)
    return ops.convert_to_numpy(ops.softmax(logits))


def draw(history: dict, labels: np.ndarray, predicted: np.ndarray) -> Figure:
    """Return the learning curves beside the confusion matrix; labels, shape (N,)."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.semilogy(epochs, history["loss"], epochs, history["val_loss"])
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)")
    left.legend(["training, augmented", "validation"])
    show = ConfusionMatrixDisplay.from_predictions
    show(labels, predicted, ax=right, cmap="Blues", colorbar=False)
    return figure


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train on the digits, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 3")
    kinds = ["linear", "hidden", "cnn"]
    parser.add_argument("--model", choices=kinds, default="cnn", help="which (cnn)")
    data = "a folder with the files of MNIST or Fashion-MNIST"
    out = "runs/digits_keras"
    with Run(parser, argv, out, epochs=40, batch_size=64, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        model = make_model(run.args.model, size=train.images.shape[-1])
        # around the model, not in it: what is saved is the model alone
        augmented = keras.Sequential(
            [keras.Input(model.input_shape[1:]), Augment(), model]
        )
        data = ShuffledArrays(
            train.images[..., None], train.labels, run.batch_size, run.seed
        )
        steps = run.epochs * len(data)
        schedule = keras.optimizers.schedules.CosineDecay(3e-3, steps)
        augmented.compile(
            keras.optimizers.AdamW(schedule, weight_decay=1e-2),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        stopping = EarlyStopping("val_loss", mode="min", patience=10)
        parts = {"stopping": stopping}
        checkpoint = Checkpoint(run.checkpoints(), data, parts=parts)
        held = validation.images[..., None], validation.labels
        history = run.fit(augmented, data, held, stopping, checkpoint)
        run.keep(model)

        # Nothing is chosen below this line: here, once, the test images may be seen.
        predicted = predict(model, test.images).argmax(1)
        best = int(np.argmin(history["val_loss"]))
        wrong = int((predicted != test.labels).sum())
        print(classification_report(test.labels, predicted, digits=3, zero_division=0))
        results = {
            "test_accuracy": 1 - wrong / len(predicted),
            "test_errors": wrong,
            "val_accuracy": history["val_accuracy"][best],
            "best_epoch": best + 1,
        }
        figures = {"curves": draw(history, test.labels, predicted)}
        return run.finish(results, history, figures)


if __name__ == "__main__":
    main()
