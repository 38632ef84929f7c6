# /// script
# dependencies = ["matplotlib", "scikit-learn", "torch>=2.6", "tqdm"]
# ///
"""Handwritten digits: train a small CNN, stop in time, test it once, keep it."""

import argparse
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, classification_report
from torch import Tensor, nn
from tqdm import tqdm

from dlcookbook.data.digits import Part, load_digits_split
from dlcookbook.data.mnist import load_mnist_split
from dlcookbook.torch.augmentation.random_affine import random_affine
from dlcookbook.torch.augmentation.warp import warp_images
from dlcookbook.torch.metrics.accuracy import Accuracy
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

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


def make_model(kind: str = "cnn", size: int = 8) -> nn.Sequential:
    """Return an untrained network: images, shape (N, 1, H, W), to logits, (N, 10).

    Parameters
    ----------
    kind : {"linear", "hidden", "cnn"}
        Without a hidden layer, with one, or convolutions.
    size : int
        Height and width of the images.

    Examples
    --------
    >>> for kind in ("linear", "hidden", "cnn"):
    ...     sum(weight.numel() for weight in make_model(kind).parameters())
    650
    9610
    65834
    """

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        # no bias: the normalisation would take it away again
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        return [conv, nn.BatchNorm2d(outputs, momentum=0.1, eps=1e-5), nn.ReLU()]

    if kind == "linear":
        return nn.Sequential(nn.Flatten(), nn.Linear(size * size, 10))
    if kind == "hidden":
        hidden = nn.Linear(size * size, 128)
        return nn.Sequential(nn.Flatten(), hidden, nn.ReLU(), nn.Linear(128, 10))
    parts = [*block(1, 32), *block(32, 32), nn.MaxPool2d(2)]
    parts += [*block(32, 64), *block(64, 64), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*parts, nn.Dropout(0.3), nn.Linear(64, 10))


class Augment(nn.Module):
    """In training, turns, scales and moves each image, all in one interpolation."""

    def forward(self, images: Tensor) -> Tensor:
        """Return new images of shape (N, C, H, W); the background is 0."""
        if not self.training:
            return images
        size = images.shape[-2], images.shape[-1]
        # no flips: a mirrored digit is none, or another one
        matrices = random_affine(
            len(images), size, degrees=(-10, 10), scale=(0.9, 1.1), shift=(-0.06, 0.06)
        )
        return warp_images(images, matrices.to(images.device))


def predict(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, 10), of images, shape (N, 8, 8), 0 to 1."""
    device = next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        parts = torch.from_numpy(images)[:, None].split(1024)
        return torch.cat([model(x.to(device)).softmax(1).cpu() for x in parts]).numpy()


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
    out = "runs/digits_torch"
    with Run(parser, argv, out, epochs=40, batch_size=64, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        model = make_model(run.args.model, size=train.images.shape[-1])
        # around the model, not in it: what is saved is the model alone
        augmented = run.parallel(nn.Sequential(Augment(), model))
        batches = run.batches(train.images[:, None], train.labels, shuffle=True)
        optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=1e-2)
        steps = run.epochs * len(batches)
        history = fit(
            augmented,
            nn.CrossEntropyLoss(),
            optimizer,
            batches,
            run.batches(validation.images[:, None], validation.labels),
            metrics={"accuracy": Accuracy()},
            schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
            stopping=EarlyStopping("val_loss", mode="min", patience=10),
            **run.options(save_checkpoint, load_checkpoint, tqdm),
        )
        run.keep(model)

        # Nothing is chosen below this line: here, once, the test images may be seen.
        predicted = predict(model, test.images).argmax(1)
        best = int(np.argmin(history["val_loss"]))
        wrong = int((predicted != test.labels).sum())
        run.log(
            classification_report(test.labels, predicted, digits=3, zero_division=0)
        )
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
