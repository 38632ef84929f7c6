# /// script
# dependencies = ["matplotlib", "scikit-learn", "torch>=2.6", "tqdm"]
# ///
"""Handwritten digits: train a small CNN, stop in time, test it once, keep it."""

import argparse
import math
import shutil
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, classification_report
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

from dlcookbook.data.digits import Part, load_digits_split
from dlcookbook.torch.augmentation.random_affine import random_affine
from dlcookbook.torch.augmentation.warp import warp_images
from dlcookbook.torch.metrics.accuracy import Accuracy
from dlcookbook.torch.training import fit as loop
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping

__all__ = ["Augment", "draw", "fit", "load_model", "main", "make_model", "predict"]


def make_model() -> nn.Sequential:
    """Return an untrained network: images, shape (N, 1, 8, 8), to logits, (N, 10).

    >>> sum(weight.numel() for weight in make_model().parameters())
    65834
    """

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        # no bias: the normalisation would take it away again
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        return [conv, nn.BatchNorm2d(outputs, momentum=0.1, eps=1e-5), nn.ReLU()]

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


def fit(
    model: nn.Module,
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
    model : nn.Module
        Images, shape (N, 1, 8, 8), to logits, shape (N, 10).
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
    data = [
        TensorDataset(torch.from_numpy(images)[:, None], torch.from_numpy(labels))
        for images, labels in (train, validation)
    ]
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=1e-2)
    steps = epochs * math.ceil(len(train.labels) / batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    return loop.fit(
        nn.Sequential(Augment(), model),
        nn.CrossEntropyLoss(),
        optimizer,
        DataLoader(data[0], batch, shuffle=True),
        DataLoader(data[1], batch),
        epochs=epochs,
        metrics={"accuracy": Accuracy()},
        schedule=schedule,
        stopping=EarlyStopping("val_loss", mode="min", patience=patience),
        seed=seed,
        save=partial(save_checkpoint, folder),
        load=partial(load_checkpoint, folder),
        progress=partial(tqdm, leave=False),
        log=tqdm.write,
    )


def predict(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, 10), of images, shape (N, 8, 8), 0 to 1."""
    model.eval()
    with torch.inference_mode():
        return model(torch.from_numpy(images)[:, None]).softmax(1).numpy()


def load_model(path: Path) -> nn.Sequential:
    """Return the network with the weights of a file; no code of the file is run."""
    model = make_model()
    model.load_state_dict(torch.load(path, weights_only=True))
    return model


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
    parser.add_argument("--out", type=Path, default="runs/digits_torch", help="folder")
    args = parser.parse_args(argv)
    if args.epochs < 1:
        parser.error(f"--epochs must be 1 or more, received {args.epochs}")
    train, validation, test = load_digits_split(args.seed)
    torch.set_num_threads(1)  # steps this small lose more by sharing than they gain
    torch.manual_seed(args.seed)
    model, start = make_model(), time.perf_counter()
    # another call has another folder: nothing is mixed, and nothing lost
    folder = args.out / f"checkpoints-seed{args.seed}-epochs{args.epochs}"
    options = {"epochs": args.epochs, "seed": args.seed}
    try:
        history = fit(model, train, validation, folder, **options)
    except KeyboardInterrupt:
        parser.exit(130, f"stopped; the same command goes on from {folder}\n")
    torch.save(model.state_dict(), args.out / "model.pt")
    shutil.rmtree(folder)

    # Nothing is chosen below this line: here, once, the test images may be seen.
    predicted = predict(load_model(args.out / "model.pt"), test.images).argmax(1)
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
