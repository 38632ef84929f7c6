# /// script
# dependencies = ["keras>=3.10", "matplotlib", "scikit-learn", "tensorflow"]
# ///
"""One neuron: logistic regression by hand and by the framework, step for step alike."""

import argparse
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure

from dlcookbook.data.breast_cancer import Part, load_breast_cancer_split
from dlcookbook.data.insurance import load_insurance_split
from dlcookbook.keras.metrics.calibration_error import calibration_error
from dlcookbook.keras.metrics.log_loss import LogLoss, log_loss
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

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


def make_model(columns: int = 30) -> keras.Sequential:
    """Return an untrained neuron: inputs, shape (N, columns), to logits, shape (N,).

    >>> sum(weight.numpy().size for weight in make_model(30).trainable_variables)
    31
    """
    neuron = layers.Dense(
        1,
        # all equal is no harm with a single neuron: none is beside it to be told from
        kernel_initializer="zeros",
        # the slope of the square has a factor of 2
        kernel_regularizer=keras.regularizers.L2(DECAY / 2),
        dtype="float32",
    )
    flat = layers.Reshape((), dtype="float32")
    return keras.Sequential([keras.Input((columns,)), neuron, flat])


def by_hand(
    inputs: KerasTensor, targets: KerasTensor, epochs: int
) -> tuple[KerasTensor, KerasTensor]:
    """Return weights, shape (D,), and bias, shape (), without autograd or optimizer.

    Parameters
    ----------
    inputs : tensor, shape (N, D)
        Scaled.
    targets : tensor, shape (N,)
        0 or 1.
    epochs : int
        Steps: each sees all rows.
    """
    weights, bias = ops.zeros(inputs.shape[1]), ops.zeros(())
    speed, bias_speed = ops.zeros_like(weights), ops.zeros_like(bias)
    for _ in range(epochs):
        # the slope of the loss by the logit: sigmoid and logarithm cancel
        error = ops.sigmoid(ops.matmul(inputs, weights) + bias) - targets
        slope = ops.matmul(ops.transpose(inputs), error) / len(targets)
        speed = MOMENTUM * speed + slope + DECAY * weights
        bias_speed = MOMENTUM * bias_speed + ops.mean(error)
        weights, bias = weights - RATE * speed, bias - RATE * bias_speed
    return weights, bias


def fold(model: keras.Sequential, mean: np.ndarray, deviation: np.ndarray) -> None:
    """Put the scaling, shape (D,) each, into the weights: the neuron then takes raw x.

    $w (x - m) / s + b$ is $(w / s) x + (b - w m / s)$.
    """
    weights, bias = model.get_weights()
    weights /= deviation[:, None]
    model.set_weights([weights, bias - mean @ weights])


def predict(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Return the probability of 1, shape (N,), of inputs, shape (N, D)."""
    # not float32: the sigmoid of 17 would be 1, and a mistake cost infinity
    logits = model.predict(inputs, verbose=0).astype("float64")
    return 1 / (1 + np.exp(-logits))


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
    out = "runs/neuron_keras"
    with Run(parser, argv, out, epochs=100, batch_size=1024, data=data) as run:
        if not 1 <= run.args.features <= 30:
            parser.error(f"--features must be 1 to 30. Received: {run.args.features}")
        train, validation, test = load_data(run.seed, run.data, run.args.features)
        mean, deviation = train.inputs.mean(0), train.inputs.std(0)
        x, held = ((part.inputs - mean) / deviation for part in (train, validation))
        y = train.targets.astype("float32")
        model = make_model(x.shape[1])
        model.compile(
            keras.optimizers.SGD(RATE, momentum=MOMENTUM),
            keras.losses.BinaryCrossentropy(from_logits=True),
            metrics=[LogLoss(from_logits=True)],
        )
        stopping = EarlyStopping("val_log_loss", mode="min", patience=20)
        parts = {"stopping": stopping}
        batches = ShuffledArrays(x, y, run.batch_size, run.seed)
        checkpoint = Checkpoint(run.checkpoints(), batches, parts=parts)
        seen = held, validation.targets.astype("float32")
        history = run.fit(model, batches, seen, stopping, checkpoint)
        # the same steps, if all rows are in one batch
        hand = by_hand(
            ops.convert_to_tensor(x), ops.convert_to_tensor(y), stopping.epoch
        )
        both = [*map(ops.convert_to_numpy, hand)], model.get_weights()
        ours, theirs = (np.concatenate([*map(np.ravel, pair)]) for pair in both)
        fold(model, mean, deviation)
        run.keep(model)

        # Nothing is chosen below this line: here, once, the test part may be seen.
        said = predict(model, test.inputs)
        results = {
            "test_log_loss": log_loss(test.targets, said, from_logits=False),
            "test_accuracy": np.mean((said > 0.5) == test.targets),
            "test_calibration_error": calibration_error(test.targets, said, num_bins=5),
            "val_log_loss": stopping.value,
            "best_epoch": stopping.epoch,
            "weights_apart": np.abs(ours - theirs).max(),
        }
        return run.finish(
            results, history, {"curves": draw(history, test.targets, said)}
        )


if __name__ == "__main__":
    main()
