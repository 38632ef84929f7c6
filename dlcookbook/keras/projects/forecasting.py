# /// script
# dependencies = ["keras>=3.10", "matplotlib", "statsmodels", "tensorflow"]
# ///
"""Forecasts with a range: sunspots and carbon dioxide, a season ahead at every step."""

import argparse
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure

from dlcookbook.data.co2 import load_co2
from dlcookbook.data.series import Part, split_windows
from dlcookbook.data.series_csv import read_series_csv
from dlcookbook.data.sunspots import load_sunspots
from dlcookbook.keras.losses.quantile import quantile_loss
from dlcookbook.keras.metrics.regression_errors import interval_coverage
from dlcookbook.keras.models.tcn import tcn
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["draw", "load_data", "main", "make_model", "masked_loss", "predict"]

SERIES = {"co2": load_co2, "sunspots": load_sunspots}
LEVELS = {"quantile": (0.1, 0.5, 0.9), "mae": (0.5,), "mse": (0.5,)}


def load_data(
    seed: int, folder: Path | None = None, series: str = "co2"
) -> tuple[Part, Part, Part]:
    """Return windows of two seasons and the season after: training, validation, test.

    Inputs, shape (N, 2 S), and targets, shape (N, S), float32, NaN where not measured;
    of "co2", "sunspots" or a CSV file. Split in time: `seed` has no part in it.
    """
    _, values, season = SERIES[series]() if folder is None else read_series_csv(folder)
    return split_windows(values, 2 * season, season)


def make_model(
    kind: str = "lstm", window: int = 104, horizon: int = 52, levels: int = 3
) -> keras.Model:
    """Return an untrained model: windows, shape (N, W), to (N, horizon, levels).

    >>> for kind in ("linear", "lstm", "tcn"):
    ...     make_model(kind).count_params()
    16380
    25724
    29068
    """
    x = keras.Input((window,))
    # zeros: it starts as the last value, repeated
    last = {"kernel_initializer": "zeros", "dtype": "float32"}
    y = layers.Dense(horizon * levels, **last)(x)
    if kind != "linear":
        steps = layers.Reshape((window, 1))(x)
        if kind == "lstm":
            steps = layers.LSTM(32)(steps)
        else:
            steps = tcn(32, width=16, depth=5, dropout=0.2)(steps)[:, -1]
        y = layers.add(
            [y, layers.Dense(horizon * levels, use_bias=False, **last)(steps)]
        )
    return keras.Model(x, layers.Reshape((horizon, levels), dtype="float32")(y))


def masked_loss(y_true: KerasTensor, y_pred: KerasTensor, kind: str) -> KerasTensor:
    """Return the loss of each target, shape (N, horizon); 0 where it is NaN."""
    known = ops.isfinite(y_true)
    # before the loss: a NaN times 0 would be NaN in the gradient
    y_true = ops.where(known, y_true, ops.zeros_like(y_true))
    if kind == "quantile":
        each = ops.sum(quantile_loss(y_true, y_pred, quantile=LEVELS[kind]), -1)
    else:
        # compile drops the last axis, if it is 1
        error = ops.reshape(y_pred, ops.shape(y_true)) - y_true
        each = ops.abs(error) if kind == "mae" else ops.square(error)
    return ops.where(known, each, ops.zeros_like(each))


def scaled(part: Part, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return windows and targets as differences from the last value known then."""
    last = part.inputs[:, -1:]
    return (part.inputs - last) / scale, (part.targets - last) / scale


def predict(model: keras.Model, inputs: np.ndarray, scale: float) -> np.ndarray:
    """Return forecasts, shape (N, horizon, levels), in the unit of the inputs."""
    last = inputs[:, -1:]
    found = model.predict((inputs - last) / scale, verbose=0)
    # levels are learnt apart, and can cross
    return np.sort(found * scale + last[..., None], axis=-1)


def draw(learnt: dict[str, tuple]) -> Figure:
    """Return per series the losses, forecasts of the test part, errors by step."""
    figure = Figure(figsize=(11, 3 * len(learnt)), layout="constrained")
    axes = figure.subplots(len(learnt), 3, squeeze=False)
    for (name, values), (left, middle, right) in zip(learnt.items(), axes, strict=True):
        history, inputs, targets, found, unit = values
        epochs, season = range(1, len(history["loss"]) + 1), targets.shape[1]
        left.plot(epochs, history["loss"], epochs, history["val_loss"])
        left.set(xlabel="epoch", ylabel=f"loss, {name}")
        left.legend(["training", "validation"])
        middle.plot(np.r_[targets[:, 0], targets[-1, 1:]], lw=1)
        for start in range(0, len(found), 3 * season):
            steps, levels = np.arange(start, start + season), found[start].T
            middle.fill_between(steps, levels[0], levels[-1], color="C1", alpha=0.3)
            middle.plot(steps, levels[len(levels) // 2], color="C1", lw=1)
        middle.set(xlabel="steps into the test part", ylabel=name)
        for forecast in (found[..., found.shape[2] // 2], inputs[:, -season:]):
            error = np.nanmean(abs(forecast - targets), axis=0) / unit
            right.plot(range(1, season + 1), error)
        right.set(xlabel="steps ahead", ylabel="absolute error / unit of MASE")
        right.legend(["network", "season before"])
    return figure


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train on each series, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 3")
    kinds, add = ["linear", "lstm", "tcn"], parser.add_argument
    add("--model", choices=kinds, default="lstm", help="which (lstm)")
    add("--loss", choices=LEVELS, default="quantile", help="which (quantile)")
    out, text = "runs/forecasting_keras", "a CSV file of dates and numbers"
    with Run(parser, argv, out, epochs=30, batch_size=32, data=text) as run:
        results, learnt, count = {"test_mase": 0.0}, {}, len(LEVELS[run.args.loss])
        for name in SERIES if run.data is None else ["series"]:
            train, validation, test = load_data(run.seed, run.data, name)
            window, season = train.inputs.shape[1], train.targets.shape[1]
            # both are learnt from the training part alone
            scale = float((train.inputs - train.inputs[:, -1:]).std())
            unit = np.nanmean(abs(train.targets[:, 0] - train.inputs[:, -season]))
            keras.utils.set_random_seed(run.seed)
            model = make_model(run.args.model, window, season, count)
            data = ShuffledArrays(*scaled(train, scale), run.batch_size, run.seed)
            steps = run.epochs * len(data)
            schedule = keras.optimizers.schedules.CosineDecay(3e-3, steps)
            options = {"weight_decay": 1e-2, "epsilon": 1e-8, "global_clipnorm": 1.0}
            loss = partial(masked_loss, kind=run.args.loss)
            model.compile(keras.optimizers.AdamW(schedule, **options), loss)
            stopping = EarlyStopping("val_loss", mode="min", patience=8)
            parts = {"stopping": stopping}
            checkpoint = Checkpoint(run.checkpoints(name), data, parts=parts)
            held = scaled(validation, scale)
            history = run.fit(model, data, held, stopping, checkpoint, stage=name)
            run.keep(model, f"model_{name}")

            # Nothing of this series is chosen below: its test part may be seen, once.
            for kind, (inputs, targets) in (("val", validation), ("test", test)):
                found, known = predict(model, inputs, scale), np.isfinite(targets)
                error = abs(found[known][:, count // 2] - targets[known]).mean()
                results[f"{kind}_mase_{name}"] = error / unit
                if count > 1:
                    ends = found[known][:, [0, -1]]
                    share = interval_coverage(targets[known], ends)
                    results[f"{kind}_coverage_{name}"] = float(share)
            results[f"best_epoch_{name}"] = int(np.argmin(history["val_loss"])) + 1
            learnt[name] = history, inputs, targets, found, unit
        results["test_mase"] = sum(results[f"test_mase_{n}"] for n in learnt) / len(
            learnt
        )
        every = {name: values[0] for name, values in learnt.items()}
        return run.finish(results, every, {"curves": draw(learnt)})


if __name__ == "__main__":
    main()
