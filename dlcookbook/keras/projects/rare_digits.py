# /// script
# dependencies = ["keras>=3.10", "matplotlib", "pillow", "scikit-learn", "tensorflow"]
# ///
"""A rare kind of picture, 1 in 51: find it, choose the threshold, mend the chances."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, precision_recall_curve

from dlcookbook.data.chest_xray import load_chest_xray_split
from dlcookbook.data.rare_digits import Part, load_rare_digits_split
from dlcookbook.keras.augmentation.random_affine import random_affine
from dlcookbook.keras.augmentation.warp import warp_images
from dlcookbook.keras.cnn.starter_cnn import starter_cnn
from dlcookbook.keras.losses.focal import sigmoid_focal_loss
from dlcookbook.keras.losses.weighted_bce import weighted_bce_loss
from dlcookbook.keras.metrics.average_precision import AveragePrecision
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["Augment", "draw", "load_data", "main", "make_model", "measure", "predict"]

MOVES: Any = {"degrees": (-10, 10), "scale": (0.9, 1.1), "shift": (-0.06, 0.06)}


def load_data(seed: int, folder: Path | None = None) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: eights among digits, or X-rays.

    Parameters
    ----------
    seed : int
        Of the split.
    folder : path, optional
        ChestX-ray14: its pictures, its table and its lists.

    Returns
    -------
    tuple of (images, weights, labels), three of them
        Images, shape (N, H, W), float32, 0 to 1; weights, shape (N,), float32; labels,
        shape (N,), int64, 0 or 1.
    """
    if folder is None:
        return load_rare_digits_split(seed)
    first, second, third = load_chest_xray_split(folder, seed)
    return Part(*first), Part(*second), Part(*third)


def make_model(size: int = 8, odds: float = 1.0) -> keras.Sequential:
    """Return an untrained CNN: images, shape (N, size, size), to logits, shape (N, 1).

    >>> sum(weight.numpy().size for weight in make_model().trainable_variables)
    65249

    Parameters
    ----------
    size : int
        Height and width of the images.
    odds : float > 0
        What the first answers are near to: yes to no in training.
    """
    widths, stem = ((32, 64), 1) if size < 32 else ((32, 64, 128), 2)
    model = starter_cnn(1, in_channels=1, widths=widths, stem=stem, dropout=0.3)
    model.get_layer("head").bias.assign([np.log(odds)])
    parts = [keras.Input((size, size)), layers.Reshape((size, size, 1)), model]
    return keras.Sequential([*parts, layers.Activation("linear", dtype="float32")])


class Augment(layers.Layer):
    """In training, turns, scales and moves each image, all in one interpolation."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = keras.random.SeedGenerator()

    def call(self, images: KerasTensor, training: bool = False) -> KerasTensor:
        """Return new images of shape (N, H, W); the background is 0."""
        if not training:
            return images
        # no flips: neither a digit nor a chest is its mirror image
        count, size = ops.shape(images)[0], (images.shape[1], images.shape[2])
        matrices = random_affine(count, size, self.seed, **MOVES)
        return warp_images(images[..., None], matrices)[..., 0]


def predict(model: keras.Model, images: Any) -> np.ndarray:
    """Return logits, shape (N,), float64, of images, shape (N, H, W)."""
    parts = (images[i : i + 1024] for i in range(0, len(images), 1024))
    found = [model.predict(x, verbose=0)[:, 0] for x in parts]
    return np.concatenate(found).astype("float64")


def measure(held: Part, tuned: np.ndarray, part: Part, logits: np.ndarray) -> dict:
    """Return the numbers of `part`; threshold and calibration are those of `held`."""
    p, r, cuts = precision_recall_curve(held.labels, tuned, sample_weight=held.weights)
    cut = cuts[np.argmax(2 * p[:-1] * r[:-1] / np.maximum(p[:-1] + r[:-1], 1e-12))]
    platt = LogisticRegression(C=1e3).fit(tuned[:, None], held.labels, held.weights)
    y, w, yes = part.labels, part.weights, logits >= cut
    chances = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
    mended = platt.predict_proba(logits[:, None])[:, 1]
    return {
        "test_average_precision": average_precision_score(y, logits, sample_weight=w),
        "test_precision": w[yes & (y == 1)].sum() / max(w[yes].sum(), 1e-12),
        "test_recall": np.mean(yes[y == 1]),
        "test_accuracy": np.average(yes == y, weights=w),
        "test_accuracy_never": np.average(y == 0, weights=w),
        "test_share_said": np.average(chances, weights=w),
        "test_brier": np.average((chances - y) ** 2, weights=w),
        "test_brier_calibrated": np.average((mended - y) ** 2, weights=w),
        "threshold": cut,
    }


def draw(history: dict, part: Part, logits: np.ndarray, found: dict) -> Figure:
    """Return the losses beside precision over recall, and the chosen threshold."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.semilogy(epochs, history["loss"], epochs, history["val_loss"])
    left.set(xlabel="epoch", ylabel="loss")
    left.legend(["training, augmented", "validation"])
    p, r, _ = precision_recall_curve(part.labels, logits, sample_weight=part.weights)
    right.step(r, p, where="post")
    right.plot(found["test_recall"], found["test_precision"], "o", color="C1")
    right.axhline(1 - found["test_accuracy_never"], color="C2", linestyle=":")
    right.set(xlabel="recall", ylabel="precision", ylim=(-0.02, 1.02))
    right.legend(["all thresholds", "the one of validation", "a guess"])
    return figure


def show(part: Part, logits: np.ndarray, threshold: float) -> Figure:
    """Return up to four of the rare kind that were missed, and four false alarms."""
    missed = np.argsort(np.where(part.labels == 1, logits, np.inf))[:4]
    alarms = np.argsort(np.where(part.labels == 0, -logits, np.inf))[:4]
    figure = Figure(figsize=(7, 4), layout="constrained")
    for axes, i in zip(figure.subplots(2, 4).flat, [*missed, *alarms], strict=True):
        axes.set_axis_off()
        if (logits[i] >= threshold) != part.labels[i]:
            axes.imshow(part.images[i], cmap="gray_r", interpolation="nearest")
            axes.set_title("missed" if part.labels[i] else "false alarm", fontsize=9)
    return figure


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train, choose the threshold, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 3")
    kinds = ["bce", "pos_weight", "focal"]
    parser.add_argument("--loss", choices=kinds, default="bce", help="which (bce)")
    data, out = "the folder of ChestX-ray14", "runs/rare_digits_keras"
    with Run(parser, argv, out, epochs=30, batch_size=64, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        odds = train.labels.mean() / (1 - train.labels.mean())
        losses: dict[str, Any] = {
            "bce": weighted_bce_loss,
            "pos_weight": partial(weighted_bce_loss, pos_weight=1 / odds),
            "focal": sigmoid_focal_loss,
        }
        model = make_model(train.images.shape[-1], odds)
        augmented = keras.Sequential(
            [keras.Input(model.input_shape[1:]), Augment(), model]
        )
        # rows are taken when they are asked for: pictures may be on the disk still
        y = [x.labels[:, None].astype("float32") for x in (train, validation)]
        first = ShuffledArrays(train.images, y[0], run.batch_size, run.seed)
        second = ShuffledArrays(validation.images, y[1], run.batch_size)
        rate = keras.optimizers.schedules.CosineDecay(3e-3, run.epochs * len(first))
        augmented.compile(
            keras.optimizers.AdamW(rate, weight_decay=1e-2, epsilon=1e-8),
            losses[run.args.loss],
            metrics=[AveragePrecision()],
        )
        stopping = EarlyStopping("val_average_precision", mode="max", patience=15)
        parts = {"stopping": stopping}
        checkpoint = Checkpoint(run.checkpoints(), first, parts=parts)
        history = run.fit(augmented, first, second, stopping, checkpoint)
        run.keep(model)
        tuned = predict(model, validation.images)

        # Nothing is chosen below this line: here, once, the test images may be seen.
        logits = predict(model, test.images)
        results = measure(validation, tuned, test, logits)
        scores = history["val_average_precision"]
        best = int(np.argmax(scores))
        results |= {"val_average_precision": scores[best], "best_epoch": best + 1}
        figures = {"curves": draw(history, test, logits, results)}
        figures["errors"] = show(test, logits, results["threshold"])
        return run.finish(results, history, figures)


if __name__ == "__main__":
    main()
