# /// script
# dependencies = ["matplotlib", "numpy", "statsmodels", "torch>=2.6", "tqdm"]
# ///
"""Forecasts with a range: sunspots and carbon dioxide, a season ahead at every step."""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn
from tqdm import tqdm

from dlcookbook.data.co2 import load_co2
from dlcookbook.data.series import Part, split_windows
from dlcookbook.data.series_csv import read_series_csv
from dlcookbook.data.sunspots import load_sunspots
from dlcookbook.torch.losses.quantile import quantile_loss
from dlcookbook.torch.metrics.regression_errors import interval_coverage
from dlcookbook.torch.models.tcn import tcn
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

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


class Forecaster(nn.Module):
    """A linear forecast from the window, and what a network adds to it."""

    def __init__(self, steps: nn.Module | None, window: int, shape: tuple) -> None:
        super().__init__()
        self.shape, outputs = shape, shape[0] * shape[1]
        self.linear = nn.Linear(window, outputs)
        self.head = nn.Linear(32, outputs, bias=False) if steps else None
        for weight in self.parameters():
            nn.init.zeros_(weight)  # it starts as the last value, repeated
        self.steps = steps

    def forward(self, x: Tensor) -> Tensor:
        """Forecast: windows, shape (N, W), to levels, shape (N, horizon, levels)."""
        y = self.linear(x)
        if self.steps is not None and self.head is not None:
            steps = self.steps(x[..., None])
            y = y + self.head((steps[0] if isinstance(steps, tuple) else steps)[:, -1])
        return y.unflatten(1, self.shape)


def make_model(
    kind: str = "lstm", window: int = 104, horizon: int = 52, levels: int = 3
) -> Forecaster:
    """Return an untrained model: windows, shape (N, W), to (N, horizon, levels).

    >>> for kind in ("linear", "lstm", "tcn"):
    ...     sum(weight.numel() for weight in make_model(kind).parameters())
    16380
    25852
    29068
    """
    steps: nn.Module | None = None
    if kind == "tcn":
        steps = tcn(32, width=16, depth=5, dropout=0.2)
    elif kind == "lstm":
        steps = nn.LSTM(1, 32, batch_first=True)
        weights = dict(steps.named_parameters())
        nn.init.xavier_uniform_(weights["weight_ih_l0"])
        nn.init.orthogonal_(weights["weight_hh_l0"])
        # as in Keras: at the start, what is in memory stays there
        weights["bias_ih_l0"].data = torch.eye(4)[1].repeat_interleave(32)
        nn.init.zeros_(weights["bias_hh_l0"])
    return Forecaster(steps, window, (horizon, levels))


def masked_loss(outputs: Tensor, targets: Tensor, kind: str) -> Tensor:
    """Return the loss of each target, shape (N, horizon); 0 where it is NaN."""
    known = targets.isfinite()
    # before the loss: a NaN times 0 would be NaN in the gradient
    targets = torch.where(known, targets, 0)
    if kind == "quantile":
        each = quantile_loss(outputs, targets, quantile=LEVELS[kind]).sum(-1)
    else:
        error = outputs[..., 0] - targets
        each = error.abs() if kind == "mae" else error.square()
    return torch.where(known, each, 0)


def scaled(part: Part, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return windows and targets as differences from the last value known then."""
    last = part.inputs[:, -1:]
    return (part.inputs - last) / scale, (part.targets - last) / scale


def predict(model: nn.Module, inputs: np.ndarray, scale: float) -> np.ndarray:
    """Return forecasts, shape (N, horizon, levels), in the unit of the inputs."""
    device, last = next(model.parameters()).device, inputs[:, -1:]
    model.eval()
    with torch.inference_mode():
        parts = torch.from_numpy((inputs - last) / scale).split(1024)
        found = torch.cat([model(x.to(device)).cpu() for x in parts]).numpy()
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
    out, data = "runs/forecasting_torch", "a CSV file of dates and numbers"
    with Run(parser, argv, out, epochs=30, batch_size=32, data=data) as run:
        results, learnt, count = {"test_mase": 0.0}, {}, len(LEVELS[run.args.loss])
        for name in SERIES if run.data is None else ["series"]:
            train, validation, test = load_data(run.seed, run.data, name)
            window, season = train.inputs.shape[1], train.targets.shape[1]
            # both are learnt from the training part alone
            scale = float((train.inputs - train.inputs[:, -1:]).std())
            unit = np.nanmean(abs(train.targets[:, 0] - train.inputs[:, -season]))
            torch.manual_seed(run.seed)
            model = make_model(run.args.model, window, season, count)
            wrapped = run.parallel(model)
            batches = run.batches(*scaled(train, scale), shuffle=True)
            optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=1e-2)
            steps = run.epochs * len(batches)
            history = fit(
                wrapped,
                partial(masked_loss, kind=run.args.loss),
                optimizer,
                batches,
                run.batches(*scaled(validation, scale)),
                schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
                stopping=EarlyStopping("val_loss", mode="min", patience=8),
                clip=1.0,
                **run.options(save_checkpoint, load_checkpoint, tqdm, stage=name),
            )
            run.keep(model, f"model_{name}")

            # Nothing of this series is chosen below: its test part may be seen, once.
            for kind, (inputs, targets) in (("val", validation), ("test", test)):
                found, known = predict(model, inputs, scale), np.isfinite(targets)
                error = abs(found[known][:, count // 2] - targets[known]).mean()
                results[f"{kind}_mase_{name}"] = error / unit
                if count > 1:
                    ends = torch.from_numpy(found[known][:, [0, -1]])
                    share = interval_coverage(ends, torch.from_numpy(targets[known]))
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
