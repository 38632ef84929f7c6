# /// script
# dependencies = ["matplotlib", "pillow", "scikit-learn", "torch>=2.6", "tqdm"]
# ///
"""Few labels: learn on other classes, then adapt, by the head alone or by all of it."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay
from torch import Tensor, nn
from tqdm import tqdm

from dlcookbook.data.few_digits import load_few_digits_split, load_other_digits_split
from dlcookbook.data.image_folder import load_image_folder_split
from dlcookbook.torch.layers.frozen_batch_norm import freeze_batch_norm
from dlcookbook.torch.metrics.accuracy import Accuracy
from dlcookbook.torch.models.resnet import resnet18
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

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


class Standard(nn.Module):
    """Give the body colours as those of torchvision's models: mean 0, deviation 1."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 3, H, W) of 0 to 1 to the same shape."""
        mean = x.new_tensor([0.485, 0.456, 0.406]).reshape(3, 1, 1)
        return (x - mean) / x.new_tensor([0.229, 0.224, 0.225]).reshape(3, 1, 1)


def make_model(num_classes: int = 5, weights: Path | None = None) -> nn.Sequential:
    """Return a body and a new head: images, shape (N, C, H, W), to logits.

    The body is untrained and for 8 x 8 pixels, or with `weights` a ResNet-18 from a
    file of torchvision's names, without its own head.

    >>> sum(weight.numel() for weight in make_model().parameters())
    57189
    """
    if weights is None:
        body = nn.Sequential()
        for inputs, outputs in ((1, 32), (32, 64), (64, 64)):
            conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            norm = nn.BatchNorm2d(outputs, momentum=0.1, eps=1e-5)
            body.extend([conv, norm, nn.ReLU(), nn.MaxPool2d(2)])
        # the last map stays 2 x 2: where something is tells digits apart
        body[-1] = nn.Flatten()
        features = 256
    else:
        network = resnet18()
        state = torch.load(weights, weights_only=True, map_location="cpu")
        network.load_state_dict(state)
        network.add_module("fc", nn.Identity())
        features = 512
        body = nn.Sequential(Standard(), network)
    head = nn.Linear(features, num_classes)
    # at first every class is as likely as the others
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return nn.Sequential(body, head)


def channels_first(images: np.ndarray) -> np.ndarray:
    """Return images, shape (N, H, W) or (N, H, W, C), as (N, C, H, W)."""
    return images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2).copy()


def predict(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, classes), of images as `load_data` has them."""
    device = next(model.parameters()).device
    model.eval()
    parts = torch.from_numpy(channels_first(images)).split(64)
    with torch.inference_mode():
        found = [model(x.to(device)).float().softmax(1).cpu() for x in parts]
    return torch.cat(found).numpy()


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


def train(run: Run, model: nn.Module, parts: Sequence[Any], rate: float, stage: str):
    """Train what of `model` requires a gradient; return the numbers per epoch."""
    images = [channels_first(part.images) for part in parts]
    batches = run.batches(images[0], parts[0].labels, shuffle=True)
    whole = run.parallel(model)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    return fit(
        whole,
        nn.CrossEntropyLoss(),
        torch.optim.AdamW(weights, rate, eps=1e-7, weight_decay=1e-2),
        batches,
        run.batches(images[1], parts[1].labels),
        metrics={"accuracy": Accuracy()},
        stopping=EarlyStopping("val_loss", mode="min", patience=8),
        **run.options(save_checkpoint, load_checkpoint, tqdm, stage=stage),
    )


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Learn on 0 to 4, adapt to 5 to 9, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 1")
    add = parser.add_argument
    add("--mode", choices=list(STAGES), default="all", help="what is trained (all)")
    add("--labels", type=int, default=10, help="for training, of each class (10)")
    add("--weights", type=Path, help="state_dict of a ResNet-18, for --data")
    add("--size", type=int, default=160, help="of the pictures of --data (160)")
    data, out = "a folder with a folder of pictures per class", "runs/few_labels_torch"
    with Run(parser, argv, out, epochs=40, batch_size=16, data=data) as run:
        args, mode, weights = run.args, run.args.mode, run.args.weights
        if (run.data is None) != (weights is None):
            parser.error("--data and --weights must be given together, or neither")
        if mode == "scratch" and weights is not None:
            parser.error(f"--mode scratch takes no --weights. Received: {weights}")
        parts = load_data(run.seed, run.data, labels=args.labels, size=args.size)
        model = make_model(int(parts[0].labels.max()) + 1, weights)
        if mode != "scratch" and weights is None:
            train(run, model, load_other_digits_split(run.seed), 3e-3, "pretrain")
            # the old head tells 0 to 4 apart; the new one nothing yet
            model[1] = make_model()[1]
        if mode in ("frozen", "all", "thaw"):
            # the statistics of the old data stay, whatever is trained
            freeze_batch_norm(model)
        for stage, rate in STAGES[mode]:
            model[0].requires_grad_(stage == "all")
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
