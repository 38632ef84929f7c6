# /// script
# dependencies = ["matplotlib", "pillow", "scikit-learn", "torch>=2.6", "tqdm"]
# ///
"""Few rows, several classes: cross-validation, noise, a picture beside the table."""

import argparse
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay
from torch import Tensor, nn
from tqdm import tqdm

from dlcookbook.data.leaf import load_leaf_folds
from dlcookbook.data.wine import load_wine_folds
from dlcookbook.torch.metrics.accuracy import Accuracy
from dlcookbook.torch.regularization.gaussian_noise import GaussianNoise
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

__all__ = ["Leaves", "draw", "join", "load_data", "main", "make_model", "predict"]


def load_data(seed: int, folder: Path | None = None) -> list[tuple]:
    """Return training, validation and test part of each of five folds.

    Parameters
    ----------
    seed : int
        Of the split.
    folder : path, optional
        Of Kaggle's leaf classification; without it, wines.

    Returns
    -------
    list of (training, validation, test)
        Each with numbers, shape (N, D), float32, not scaled; of leaves, images, shape
        (N, S, S), float32, 0 to 1; targets, shape (N,), int64.
    """
    if folder is None:
        return list(load_wine_folds(seed))
    return list(load_leaf_folds(folder, seed))


def join(part: tuple) -> np.ndarray:
    """Return all inputs of a row beside each other, shape (N, D + S S)."""
    return np.hstack([column.reshape(len(column), -1) for column in part[:-1]])


class Leaves(nn.Module):
    """A hidden layer over scaled numbers and, if there is one, what a picture shows.

    Parameters
    ----------
    numbers : ndarray, shape (N, D)
        Of the training part: means and deviations are learnt from it alone.
    num_classes, size : int
        How many; height and width of the pictures, 0 for none.
    noise : float
        Deviation of what is added to the scaled numbers in training.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self, numbers: np.ndarray, num_classes: int, size: int, noise: float
    ) -> None:
        super().__init__()
        mean, deviation = numbers.mean(0), numbers.std(0)
        # saved with the weights, and not trained
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("deviation", torch.tensor(deviation))
        # a column without change has nothing to be divided by
        self.deviation[self.deviation == 0] = 1
        self.size, self.noise = size, GaussianNoise(noise)
        first, second = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        ends = nn.ReLU(), nn.MaxPool2d(max(1, size // 4)), nn.Flatten()
        stack = first, nn.ReLU(), nn.MaxPool2d(2), second, *ends
        self.picture = nn.Sequential(*stack) if size else None
        wide = nn.Linear(len(mean) + (128 if size else 0), 128)
        head = wide, nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, num_classes)
        self.head = nn.Sequential(*head)
        for weight in self.parameters():
            start = nn.init.xavier_uniform_ if weight.ndim > 1 else nn.init.zeros_
            start(weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, shape (N, C), of rows, shape (N, D + S S)."""
        numbers, pixels = x.tensor_split([len(self.mean)], dim=1)
        features = self.noise((numbers - self.mean) / self.deviation)
        if self.picture is not None:
            image = pixels.unflatten(1, (1, self.size, self.size))
            features = torch.cat([features, self.picture(image)], dim=1)
        return self.head(features)


def make_model(
    numbers: np.ndarray, num_classes: int, size: int = 0, noise: float = 0.3
) -> nn.Module:
    """Return an untrained network: rows, shape (N, D + S S), to logits, shape (N, C).

    >>> for size in (0, 32):
    ...     model = make_model(np.ones((2, 13), "float32"), 3, size)
    ...     sum(weight.numel() for weight in model.parameters())
    2179
    23363
    """
    return Leaves(numbers, num_classes, size, noise)


def predict(model: nn.Module, x: np.ndarray) -> np.ndarray:
    """Return log-probabilities, shape (N, C), float64, of rows, shape (N, D + S S)."""
    device = next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        return (
            model(torch.from_numpy(x).to(device)).double().log_softmax(1).cpu().numpy()
        )


def draw(histories: list[dict], targets: np.ndarray, found: np.ndarray) -> Figure:
    """Return the losses of every fold beside the confusion matrix of all rows."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for fold, history in enumerate(histories):
        epochs = range(1, len(history["loss"]) + 1)
        left.semilogy(epochs, history["loss"], "C0:", epochs, history["val_loss"], "C1")
        if not fold:
            left.legend(["training, with noise", "validation"])
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)")
    few = int(targets.max()) < 20
    show = ConfusionMatrixDisplay.from_predictions
    show(targets, found, ax=right, cmap="Blues", colorbar=False, include_values=few)
    if not few:
        right.set(xticks=[], yticks=[])
    return figure


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train once for each fold, save all, and return what all rows have measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 3")
    text = "deviation of what is added to the scaled numbers in training (0.3)"
    parser.add_argument("--noise", type=float, default=0.3, help=text)
    data = "the folder of Kaggle's leaf classification: train.csv, images/"
    out = "runs/leaves_torch"
    with Run(parser, argv, out, epochs=30, batch_size=16, data=data) as run:
        if not 0 <= run.args.noise < 10:
            parser.error(f"--noise must be in [0, 10). Received: {run.args.noise}")
        histories, told, truth, losses = [], [], [], []
        for fold, (train, validation, test) in enumerate(load_data(run.seed, run.data)):
            torch.manual_seed(run.seed + fold)  # the same after an interruption
            size = train[1].shape[1] if len(train) > 2 else 0
            num_classes = 1 + int(train.targets.max())
            model = make_model(train.numbers, num_classes, size, run.args.noise)
            parallel = run.parallel(model)
            batches = run.batches(join(train), train.targets, shuffle=True)
            optimizer = torch.optim.AdamW(model.parameters(), 1e-2, weight_decay=0.1)
            steps = run.epochs * len(batches)
            stopping = EarlyStopping("val_loss", mode="min", patience=10)
            history = fit(
                parallel,
                nn.CrossEntropyLoss(),
                optimizer,
                batches,
                run.batches(join(validation), validation.targets),
                metrics={"accuracy": Accuracy()},
                schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
                stopping=stopping,
                **run.options(save_checkpoint, load_checkpoint, tqdm, f"fold-{fold}"),
            )
            run.keep(model, f"model-{fold}")

            # This fold's test part is seen once, and decides nothing in the others.
            told.append(predict(model, join(test)))
            truth.append(test.targets)
            histories.append(history)
            losses.append(stopping.value)
        targets, logs = np.concatenate(truth), np.concatenate(told)
        found = logs.argmax(1)
        results = {
            "test_log_loss": -logs[np.arange(len(logs)), targets].mean(),
            "test_accuracy": np.mean(found == targets),
            "test_errors": np.sum(found != targets),
            "val_log_loss": np.mean(losses),
        }
        whole = {f"{k}_{i}": v for i, h in enumerate(histories) for k, v in h.items()}
        return run.finish(results, whole, {"curves": draw(histories, targets, found)})


if __name__ == "__main__":
    main()
