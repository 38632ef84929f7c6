# /// script
# dependencies = ["matplotlib", "scikit-learn", "torch>=2.6", "tqdm"]
# ///
"""One neuron: logistic regression by hand and by the framework, step for step alike."""

import argparse
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from dlcookbook.data.breast_cancer import Part, load_breast_cancer_split
from dlcookbook.data.insurance import load_insurance_split
from dlcookbook.torch.metrics.calibration_error import calibration_error
from dlcookbook.torch.metrics.log_loss import LogLoss, log_loss
from dlcookbook.torch.regularization.penalty import penalty
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

__all__ = ["by_hand", "draw", "fold", "load_data", "main", "make_model", "predict"]

RATE, MOMENTUM, DECAY = 0.1, 0.9, 3e-3


def load_data(
    seed: int, folder: Path | None = None, features: int = 30
) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: tumours, or who bought an insurance.

    Parameters
    ----------
    seed : int
        Of the split.
    folder : path, optional
        A CSV file with the columns `age` and `bought_insurance`.
    features : int
        How many columns of the tumours, the most telling ones first.

    Returns
    -------
    tuple of (inputs, targets), three of them
        Inputs, shape (N, D), float32, not scaled; targets, shape (N,), int64, 0 or 1.
    """
    if folder is not None:
        train, validation, test = load_insurance_split(folder, seed)
        return Part(*train), Part(*validation), Part(*test)
    return load_breast_cancer_split(seed, features=features)


def make_model(columns: int = 30) -> nn.Sequential:
    """Return an untrained neuron: inputs, shape (N, columns), to logits, shape (N,).

    >>> sum(weight.numel() for weight in make_model(30).parameters())
    31
    """
    neuron = nn.Linear(columns, 1)
    # all equal is no harm with a single neuron: there is none beside it to be told from
    nn.init.zeros_(neuron.weight)
    nn.init.zeros_(neuron.bias)
    return nn.Sequential(neuron, nn.Flatten(0))


def by_hand(inputs: Tensor, targets: Tensor, epochs: int) -> tuple[Tensor, Tensor]:
    """Return weights, shape (D,), and bias, shape (), without autograd or optimizer.

    Parameters
    ----------
    inputs : Tensor, shape (N, D)
        Scaled.
    targets : Tensor, shape (N,)
        0 or 1.
    epochs : int
        Steps: each sees all rows.
    """
    weights, bias = inputs.new_zeros(inputs.shape[1]), inputs.new_zeros(())
    speed, bias_speed = torch.zeros_like(weights), torch.zeros_like(bias)
    for _ in range(epochs):
        # the slope of the loss by the logit: sigmoid and logarithm cancel
        error = torch.sigmoid(inputs @ weights + bias) - targets
        slope = inputs.T @ error / len(targets) + DECAY * weights
        speed = MOMENTUM * speed + slope
        bias_speed = MOMENTUM * bias_speed + error.mean()
        weights, bias = weights - RATE * speed, bias - RATE * bias_speed
    return weights, bias


def fold(model: nn.Sequential, mean: np.ndarray, deviation: np.ndarray) -> None:
    """Put the scaling, shape (D,) each, into the weights: the neuron then takes raw x.

    $w (x - m) / s + b$ is $(w / s) x + (b - w m / s)$.
    """
    weight, bias = model.parameters()
    with torch.no_grad():
        weight.div_(torch.from_numpy(deviation).to(weight))
        bias.sub_(weight @ torch.from_numpy(mean).to(weight))


def predict(model: nn.Module, inputs: np.ndarray) -> np.ndarray:
    """Return the probability of 1, shape (N,), of inputs, shape (N, D)."""
    device = next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        # not float32: the sigmoid of 17 would be 1, and a mistake cost infinity
        logits = model(torch.from_numpy(inputs).to(device)).double()
    return logits.sigmoid().cpu().numpy()


def draw(history: dict, targets: np.ndarray, probabilities: np.ndarray) -> Figure:
    """Return the learning curves, the neuron's curve, and whether it is calibrated."""
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    epochs = range(1, len(history["loss"]) + 1)
    left.plot(epochs, history["loss"], epochs, history["val_log_loss"])
    left.set(xlabel="epoch", ylabel="log loss (nats)", ylim=(0, None))
    left.legend(["training, with penalty", "validation"])
    odds = probabilities.clip(1e-9, 1 - 1e-9)
    logits = np.log(odds) - np.log1p(-odds)
    line = np.linspace(logits.min(), logits.max(), 100)
    middle.plot(line, 1 / (1 + np.exp(-line)), "C0")
    for label, mark in ((0, "o"), (1, "x")):
        own = logits[targets == label]
        middle.plot(own, np.full(len(own), label), f"C{label + 1}{mark}", alpha=0.6)
    middle.set(xlabel="weighted sum", ylabel="probability; answer")
    right.plot([0, 1], [0, 1], "k:")
    bins = np.minimum((probabilities * 5).astype(int), 4)
    kinds = np.unique(bins)
    shares = [targets[bins == kind].mean() for kind in kinds]
    said = [probabilities[bins == kind].mean() for kind in kinds]
    right.plot(said, shares, "C0o-")
    right.set(xlabel="probability said", ylabel="share that is 1")
    return figure


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train twice, compare, save, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --features 1")
    text = "columns of the tumours, most telling ones first (30)"
    parser.add_argument("--features", type=int, default=30, help=text)
    data = "a CSV file with the columns age and bought_insurance"
    out = "runs/neuron_torch"
    with Run(parser, argv, out, epochs=100, batch_size=1024, data=data) as run:
        if not 1 <= run.args.features <= 30:
            parser.error(f"--features must be 1 to 30. Received: {run.args.features}")
        train, validation, test = load_data(run.seed, run.data, run.args.features)
        mean, deviation = train.inputs.mean(0), train.inputs.std(0)
        x, held = ((part.inputs - mean) / deviation for part in (train, validation))
        y = train.targets.astype("float32")
        model = make_model(x.shape[1])
        parallel = run.parallel(model)

        def loss(logits: Tensor, targets: Tensor) -> Tensor:
            told = F.binary_cross_entropy_with_logits(logits, targets)
            return told + penalty(model, l2=DECAY / 2)

        stopping = EarlyStopping("val_log_loss", mode="min", patience=20)
        history = fit(
            parallel,
            loss,
            torch.optim.SGD(model.parameters(), RATE, momentum=MOMENTUM),
            run.batches(x, y, shuffle=True),
            run.batches(held, validation.targets.astype("float32")),
            metrics={"log_loss": LogLoss(from_logits=True)},
            stopping=stopping,
            **run.options(save_checkpoint, load_checkpoint, tqdm),
        )
        # the same steps, if all rows are in one batch
        hand = by_hand(torch.from_numpy(x), torch.from_numpy(y), stopping.epoch)
        theirs = nn.utils.parameters_to_vector(model.parameters()).detach().cpu()
        apart = (torch.hstack(hand) - theirs).abs().max()
        fold(model, mean, deviation)
        run.keep(model)

        # Nothing is chosen below this line: here, once, the test part may be seen.
        said = predict(model, test.inputs)
        truth = torch.from_numpy(test.targets)
        results = {
            "test_log_loss": log_loss(torch.from_numpy(said), truth, from_logits=False),
            "test_accuracy": np.mean((said > 0.5) == test.targets),
            "test_calibration_error": calibration_error(
                torch.from_numpy(said), truth, num_bins=5
            ),
            "val_log_loss": stopping.value,
            "best_epoch": stopping.epoch,
            "weights_apart": apart,
        }
        return run.finish(
            results, history, {"curves": draw(history, test.targets, said)}
        )


if __name__ == "__main__":
    main()
