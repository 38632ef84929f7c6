# /// script
# dependencies = ["keras>=3.10", "matplotlib", "scikit-learn", "tensorflow"]
# ///
"""Handwritten digits: train a small CNN, stop in time, test it once, keep it."""

import argparse
import math
import shutil
import time
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, classification_report

from dlcookbook.data.digits import Part, load_digits_split
from dlcookbook.keras.augmentation.random_affine import random_affine
from dlcookbook.keras.augmentation.warp import warp_images
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping

__all__ = ["Augment", "draw", "fit", "load_model", "main", "make_model", "predict"]


def make_model() -> keras.Sequential:
    """Return an untrained network: images, shape (N, 8, 8, 1), to logits, (N, 10).

    >>> make_model().count_params() - 2 * 2 * (32 + 64)  # without moving statistics
    65834
    """

    def block(outputs: int) -> list[layers.Layer]:
        # no bias: the normalisation would take it away again
        conv = layers.Conv2D(outputs, 3, padding="same", use_bias=False)
        norm = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
        return [conv, norm, layers.ReLU()]

    parts = [keras.Input((8, 8, 1)), *block(32), *block(32), layers.MaxPooling2D()]
    parts += [*block(64), *block(64), layers.GlobalAveragePooling2D()]
    return keras.Sequential([*parts, layers.Dropout(0.3), layers.Dense(10)])


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


def fit(
    model: keras.Model,
    train: Part,
    validation: Part,
    folder: Path,
    *,
    epochs: int = 40,
    batch: int = 64,
    lr: float = 3e-3,
    patience: int = 10,
    seed: int = 0,
) -> dict[str, list[float]]:
    """Train `model` in place and leave it with the weights of its best epoch.

    Parameters
    ----------
    model : keras.Model
        Images, shape (N, 8, 8, 1), to logits, shape (N, 10).
    train, validation : (ndarray, ndarray)
        Images, shape (N, 8, 8), float32, 0 to 1; labels, shape (N,), int64.
    folder : path
        For checkpoints: the same call goes on where an interrupted one ended.
    epochs, batch, patience : int
        Most passes over `train`; images per step; passes to wait for a better one.
    lr : float
        First learning rate of AdamW; a cosine takes it to zero.
    seed : int
        Of the order of the images.

    Returns
    -------
    dict of str to list of float
        One `loss`, `val_loss` (in nats) and `val_accuracy` (0 to 1) per epoch.

    Raises
    ------
    FloatingPointError
        If a loss is infinite or NaN.

    References
    ----------
    Loshchilov & Hutter, AdamW, ICLR 2019. <https://arxiv.org/abs/1711.05101>
    """
    # around the model, not in it: the file to be saved holds built-in layers alone
    augmented = keras.Sequential([keras.Input((8, 8, 1)), Augment(), model])
    steps = epochs * math.ceil(len(train.labels) / batch)
    schedule = keras.optimizers.schedules.CosineDecay(lr, steps)
    augmented.compile(
        keras.optimizers.AdamW(schedule, weight_decay=1e-2),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    data = ShuffledArrays(train.images[..., None], train.labels, batch, seed)
    stopping = EarlyStopping("val_loss", mode="min", patience=patience)
    checkpoint = Checkpoint(folder, data, parts={"stopping": stopping})
    first = checkpoint.resume(augmented)
    augmented.fit(
        data,
        epochs=first if stopping.stop else epochs,
        verbose=2,
        callbacks=[stopping, checkpoint],
        validation_data=(validation.images[..., None], validation.labels),
        initial_epoch=first,
    )
    return {n: checkpoint.history[n] for n in ("loss", "val_loss", "val_accuracy")}


def predict(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, 10), of images, shape (N, 8, 8), 0 to 1."""
    logits = model.predict(images[..., None], verbose=0)
    return ops.convert_to_numpy(ops.softmax(logits))


def load_model(path: Path) -> keras.Sequential:
    """Return the network with the weights of a file; no code of the file is run."""
    return keras.saving.load_model(path)


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
    parser.add_argument("--epochs", type=int, default=40, help="most passes (40)")
    parser.add_argument("--seed", type=int, default=0, help="of split and training (0)")
    parser.add_argument("--out", type=Path, default="runs/digits_keras", help="folder")
    args = parser.parse_args(argv)
    if args.epochs < 1:
        parser.error(f"--epochs must be 1 or more, received {args.epochs}")
    train, validation, test = load_digits_split(args.seed)
    keras.utils.set_random_seed(args.seed)
    model, start = make_model(), time.perf_counter()
    # another call has another folder: nothing is mixed, and nothing lost
    folder = args.out / f"checkpoints-seed{args.seed}-epochs{args.epochs}"
    options = {"epochs": args.epochs, "seed": args.seed}
    try:
        history = fit(model, train, validation, folder, **options)
    except KeyboardInterrupt:
        parser.exit(130, f"stopped; the same command goes on from {folder}\n")
    model.save(args.out / "model.keras")
    shutil.rmtree(folder)

    # Nothing is chosen below this line: here, once, the test images may be seen.
    predicted = predict(load_model(args.out / "model.keras"), test.images).argmax(1)
    best = int(np.argmin(history["val_loss"]))
    wrong = int((predicted != test.labels).sum())
    results: dict[str, float] = {"best_epoch": best + 1, "test_errors": wrong}
    results["val_accuracy"] = history["val_accuracy"][best]
    results["test_accuracy"] = 1 - wrong / len(predicted)
    results["seconds"] = time.perf_counter() - start
    draw(history, test.labels, predicted).savefig(args.out / "digits.png", dpi=150)
    print(classification_report(test.labels, predicted, digits=3, zero_division=0))
    print("images       ", *(len(part.labels) for part in (train, validation, test)))
    for name, value in results.items():
        print(f"{name:13} {value:.4g}")
    print("written      ", *sorted(map(str, args.out.iterdir())))
    return results


if __name__ == "__main__":
    main()
