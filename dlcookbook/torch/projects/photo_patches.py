# /// script
# dependencies = ["matplotlib", "scikit-image", "scikit-learn", "torch>=2.6", "tqdm"]
# ///
"""Colour pictures of 32 x 32: two CNNs, flips and crops, a split that does not leak."""

import argparse
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix
from torch import Tensor, nn
from tqdm import tqdm

from dlcookbook.data.cifar import load_cifar_split, read_cifar_names
from dlcookbook.data.photo_patches import CLASSES, Part, load_photo_patches_split
from dlcookbook.torch.augmentation.random_affine import random_affine
from dlcookbook.torch.augmentation.warp import warp_images
from dlcookbook.torch.cnn.starter_cnn import starter_cnn
from dlcookbook.torch.metrics.accuracy import Accuracy
from dlcookbook.torch.models.cifar_cnn import cifar_cnn
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

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


class Bytes(nn.Module):
    """Turns bytes into numbers near 0: (x / 255 - 0.5) / 0.25, nothing is fitted."""

    def forward(self, images: Tensor) -> Tensor:
        """Return floats of the same shape."""
        return images.float() / 63.75 - 2


def make_model(kind: str = "modern", num_classes: int = 10) -> nn.Sequential:
    """Return an untrained network: bytes, shape (N, 3, 32, 32), to logits.

    >>> for kind in ("classic", "modern"):
    ...     sum(weight.numel() for weight in make_model(kind).parameters())
    122570
    288746

    Parameters
    ----------
    kind : {"classic", "modern"}
        Convolutions, pooling and a dense layer on the flattened map; or with batch
        normalisation, twice the convolutions, and a mean over the map.
    num_classes : int
        Length of the output.
    """
    classic = kind == "classic"
    # half the side at once: of photographs cut small, little is lost
    model = cifar_cnn(num_classes) if classic else starter_cnn(num_classes, stem=2)
    return nn.Sequential(Bytes(), model)


class Augment(nn.Module):
    """In training, mirrors, turns, scales and moves each image: one interpolation."""

    def forward(self, images: Tensor) -> Tensor:
        """Return new images of shape (N, C, H, W), float32, 0 to 255."""
        images = images.float()
        if not self.training:
            return images
        # left to right alone: photographs have an upper side
        matrices = random_affine(
            len(images),
            (images.shape[-2], images.shape[-1]),
            degrees=(-15, 15),
            scale=(0.8, 1.25),
            shift=(-0.125, 0.125),
            flips=(0.5, 0),
        )
        return warp_images(images, matrices.to(images.device), border="reflect")


def predict(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, C), of images, shape (N, 32, 32, 3), uint8."""
    device = next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        parts = torch.from_numpy(images).permute(0, 3, 1, 2).split(1024)
        return torch.cat([model(x.to(device)).softmax(1).cpu() for x in parts]).numpy()


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
    out = "runs/photo_patches_torch"
    with Run(parser, argv, out, epochs=16, batch_size=64, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        names = list(CLASSES) if run.data is None else read_cifar_names(run.data)
        names = names or [str(i) for i in range(train.labels.max() + 1)]
        model = make_model(run.args.model, len(names))
        # around the model, not in it: what is saved is the model alone
        augmented = run.parallel(nn.Sequential(Augment(), model))
        first, held = (x.images.transpose(0, 3, 1, 2) for x in (train, validation))
        batches = run.batches(first, train.labels, shuffle=True)
        rate = RATES[run.args.model]
        optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.3)
        steps = run.epochs * len(batches)
        history = fit(
            augmented,
            nn.CrossEntropyLoss(),
            optimizer,
            batches,
            run.batches(held, validation.labels),
            metrics={"accuracy": Accuracy()},
            schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
            stopping=EarlyStopping("val_loss", mode="min", patience=10),
            **run.options(save_checkpoint, load_checkpoint, tqdm),
        )
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
