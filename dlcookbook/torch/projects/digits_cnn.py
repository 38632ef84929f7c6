# /// script
# dependencies = ["matplotlib", "scikit-learn", "torch>=2.6", "tqdm"]
# ///
"""Handwritten digits: train a small CNN, stop in time, test it once, keep it."""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, classification_report
from torch import Tensor, nn
from tqdm import trange

from dlcookbook.data.digits import Part, load_digits_split

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
    """In training, turns, scales and moves each image, all in one interpolation.

    Parameters
    ----------
    degrees, zoom, shift : float
        Largest turn, change of size (a share) and move (pixels). Never mirror digits.
    """

    def __init__(self, degrees: float = 10.0, zoom: float = 0.1, shift: float = 0.5):
        super().__init__()
        self.limits = torch.tensor([[math.radians(degrees)], [zoom], [shift], [shift]])

    def forward(self, images: Tensor) -> Tensor:
        """Return new images of shape (N, C, H, H); the background is 0."""
        if not self.training:
            return images
        angle, zoom, right, down = self.limits * (2 * torch.rand(4, len(images)) - 1)
        cos, sin = torch.cos(angle) / (1 + zoom), torch.sin(angle) / (1 + zoom)
        pixel = 2 / images.shape[-1]  # the grid runs from -1 to 1
        rows = [cos, -sin, pixel * right, sin, cos, pixel * down]
        matrix = torch.stack(rows, 1).view(-1, 2, 3)
        grid = nn.functional.affine_grid(matrix, [*images.shape], align_corners=False)
        return nn.functional.grid_sample(images, grid, align_corners=False)


def fit(
    model: nn.Module,
    train: Part,
    validation: Part,
    *,
    epochs: int = 40,
    batch: int = 64,
    lr: float = 3e-3,
    patience: int = 10,
) -> dict[str, list[float]]:
    """Train `model` in place and leave it with the weights of its best epoch.

    Parameters
    ----------
    model : nn.Module
        Images, shape (N, 1, 8, 8), to logits, shape (N, 10).
    train, validation : (ndarray, ndarray)
        Images, shape (N, 8, 8), float32, 0 to 1; labels, shape (N,), int64.
    epochs, batch, patience : int
        Most passes over `train`; images per step; passes to wait for a better one.
    lr : float
        First learning rate of AdamW; a cosine takes it to zero.

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
    (x, y), (x_val, y_val) = (map(torch.from_numpy, p) for p in (train, validation))
    augmented = nn.Sequential(Augment(), model)
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=1e-2)
    steps = epochs * math.ceil(len(x) / batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    rows: list[dict[str, float]] = []
    for epoch in (bar := trange(epochs, unit="epoch")):
        augmented.train()
        total = 0.0
        for i in torch.randperm(len(x)).split(batch):
            loss = nn.functional.cross_entropy(augmented(x[i, None]), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()  # every step, not every epoch
            total += loss.item() * len(i)
        augmented.eval()
        with torch.inference_mode():
            logits = augmented(x_val[:, None])
        row = {"loss": total / len(x)}
        row["val_loss"] = nn.functional.cross_entropy(logits, y_val).item()
        row["val_accuracy"] = (logits.argmax(1) == y_val).double().mean().item()
        if not all(map(math.isfinite, row.values())):
            raise FloatingPointError(f"lower lr or check the images: {row}")
        rows.append(row)
        bar.set_postfix(row)
        best = int(np.argmin([row["val_loss"] for row in rows]))
        if best == epoch:  # a bare state_dict() would go on changing
            weights = {name: w.clone() for name, w in model.state_dict().items()}
        elif epoch - best >= patience:
            break
    model.load_state_dict(weights)
    return {name: [row[name] for row in rows] for name in rows[0]}


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
    history = fit(model, train, validation, epochs=args.epochs)
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), args.out / "model.pt")

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
