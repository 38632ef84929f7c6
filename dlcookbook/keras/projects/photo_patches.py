# /// script
# dependencies = [
#   "keras>=3.10", "matplotlib", "scikit-image", "scikit-learn", "tensorflow"
# ]
# ///
"""Colour pictures of 32 x 32: two CNNs, flips and crops, a split that does not leak."""

import argparse
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix

from dlcookbook.data.cifar import load_cifar_split, read_cifar_names
from dlcookbook.data.photo_patches import CLASSES, Part, load_photo_patches_split
from dlcookbook.keras.augmentation.random_affine import random_affine
from dlcookbook.keras.augmentation.warp import warp_images
from dlcookbook.keras.cnn.starter_cnn import starter_cnn
from dlcookbook.keras.models.cifar_cnn import cifar_cnn
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["Augment", "draw", "load_data", "main", "make_model", "predict", "show"]

RATES = {"classic": 1e-3, "modern": 3e-3}


def load_data(seed: int, folder: Path | None = None) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: patches of photographs, or CIFAR.

    Parameters
    ----------
    seed : int
        Of the split.
    folder : path, optional
        The binary version of CIFAR-10 or CIFAR-100.

    Returns
    -------
    tuple of (images, labels), three of them
        Images, shape (N, 32, 32, 3), uint8; labels, shape (N,), int64.
    """
    if folder is None:
        return load_photo_patches_split(seed)
    train, validation, test = load_cifar_split(folder, seed)
    return Part(*train), Part(*validation), Part(*test)


def make_model(kind: str = "modern", num_classes: int = 10) -> keras.Sequential:
    """Return an untrained network: bytes, shape (N, 32, 32, 3), to logits.

    Parameters
    ----------
    kind : {"classic", "modern"}
        Convolutions, pooling and a dense layer on the flattened map; or with batch
        normalisation, twice the convolutions, and a mean over the map.
    num_classes : int
        Length of the output.

    Examples
    --------
    >>> for kind in ("classic", "modern"):
    ...     sum(weight.numpy().size for weight in make_model(kind).trainable_variables)
    122570
    288746
    """
    classic = kind == "classic"
    # half the side at once: of photographs cut small, little is lost
    model = cifar_cnn(num_classes) if classic else starter_cnn(num_classes, stem=2)
    # (x / 255 - 0.5) / 0.25: a fixed range, nothing is fitted
    scale = layers.Rescaling(1 / 63.75, -2)
    logits = layers.Activation("linear", dtype="float32")
    return keras.Sequential([keras.Input((32, 32, 3)), scale, model, logits])


class Augment(layers.Layer):
    """In training, mirrors, turns, scales and moves each image: one interpolation."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = keras.random.SeedGenerator()

    def call(self, images: KerasTensor, training: bool = False) -> KerasTensor:
        """Return new images of shape (N, H, W, C), floats, 0 to 255."""
        if not training:
            return images
        # left to right alone: photographs have an upper side
        matrices = random_affine(
            ops.shape(images)[0],
            (images.shape[1], images.shape[2]),
            self.seed,
            degrees=(-15, 15),
            scale=(0.8, 1.25),
            shift=(-0.125, 0.125),
            flips=(0.5, 0),
        )
        return warp_images(images, matrices, border="reflect")


def predict(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, C), of images, shape (N, 32, 32, 3), uint8."""
    return ops.convert_to_numpy(ops.softmax(model.predict(images, verbose=0)))


def draw(
    history: dict, labels: np.ndarray, predicted: np.ndarray, names: list[str]
) -> Figure:
    """Return the learning curves beside the confusion matrix; labels, shape (N,)."""
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.plot(epochs, history["loss"], epochs, history["val_loss"])
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)")
    left.legend(["training, augmented", "validation"])
    counts = confusion_matrix(labels, predicted, labels=range(len(names)))
    few, matrix = len(names) <= 20, ConfusionMatrixDisplay(counts, display_labels=names)
    matrix.plot(
        ax=right, cmap="Blues", colorbar=False, include_values=few, xticks_rotation=90
    )
    if not few:
        right.set(xticks=[], yticks=[])
    return figure


def show(
    images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, names: list[str]
) -> Figure:
    """Return the surest mistakes: what was said, and below it what it is."""
    predicted, sure = probabilities.argmax(1), probabilities.max(1)
    wrong = np.argsort(-np.where(predicted == labels, -1, sure))[:8]
    figure = Figure(figsize=(7, 4), layout="constrained")
    for axes, i in zip(figure.subplots(2, 4).flat, wrong, strict=False):
        axes.set_axis_off()
        if predicted[i] != labels[i]:
            axes.imshow(images[i], interpolation="nearest")
            axes.set_title(f"{names[predicted[i]]}?\n{names[labels[i]]}", fontsize=9)
    return figure


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train on the patches, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 3")
    parser.add_argument(
        "--model", choices=["classic", "modern"], default="modern", help="CNN (modern)"
    )
    data = "a folder with the binary version of CIFAR-10 or CIFAR-100"
    out = "runs/photo_patches_keras"
    with Run(parser, argv, out, epochs=16, batch_size=64, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        names = list(CLASSES) if run.data is None else read_cifar_names(run.data)
        names = names or [str(i) for i in range(train.labels.max() + 1)]
        model = make_model(run.args.model, len(names))
        # around the model, not in it: what is saved is the model alone
        augmented = keras.Sequential(
            [keras.Input(model.input_shape[1:]), Augment(), model]
        )
        data = ShuffledArrays(train.images, train.labels, run.batch_size, run.seed)
        steps = run.epochs * len(data)
        rate = keras.optimizers.schedules.CosineDecay(RATES[run.args.model], steps)
        augmented.compile(
            keras.optimizers.AdamW(rate, weight_decay=0.3, epsilon=1e-8),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        stopping = EarlyStopping("val_loss", mode="min", patience=10)
        parts = {"stopping": stopping}
        checkpoint = Checkpoint(run.checkpoints(), data, parts=parts)
        held = validation.images, validation.labels
        history = run.fit(augmented, data, held, stopping, checkpoint)
        run.keep(model)

        # Nothing is chosen below this line: here, once, the test images may be seen.
        probabilities = predict(model, test.images)
        predicted = probabilities.argmax(1)
        best = int(np.argmin(history["val_loss"]))
        recalls = [np.mean(predicted[test.labels == i] == i) for i in set(test.labels)]
        results = {
            "test_accuracy": np.mean(predicted == test.labels),
            "test_worst_recall": min(recalls),
            "val_accuracy": history["val_accuracy"][best],
            "best_epoch": best + 1,
        }
        figures = {
            "curves": draw(history, test.labels, predicted, names),
            "errors": show(test.images, test.labels, probabilities, names),
        }
        return run.finish(results, history, figures)


if __name__ == "__main__":
    main()
