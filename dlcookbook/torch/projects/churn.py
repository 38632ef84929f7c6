# /// script
# dependencies = ["matplotlib", "scikit-learn", "statsmodels", "torch>=2.6", "tqdm"]
# ///
"""Customer churn: numbers and categories with gaps, a threshold by what errors cost."""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.metrics import average_precision_score, precision_recall_curve
from torch import Tensor, nn
from tqdm import tqdm

from dlcookbook.data.fair import COLUMNS, Part, load_fair_split
from dlcookbook.data.telco import COLUMNS as TELCO_COLUMNS
from dlcookbook.data.telco import load_telco_split
from dlcookbook.torch.losses.weighted_bce import weighted_bce_loss
from dlcookbook.torch.metrics.average_precision import AveragePrecision
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

__all__ = ["Columns", "costs", "draw", "explain", "importance", "join"]
__all__ += ["load_data", "main", "make_model", "predict"]


def load_data(seed: int, folder: Path | None = None) -> tuple[Part, Part, Part]:
    """Return training, validation, test: a survey, or the CSV file of Telco churn.

    Each of numbers, shape (N, D), float32, NaN where missing; categories, shape (N, C),
    int64, 0 where missing; targets, shape (N,), int64, 0 or 1.
    """
    if folder is None:
        return load_fair_split(seed)
    train, validation, test = load_telco_split(folder, seed)
    return Part(*train), Part(*validation), Part(*test)


def join(part: Part) -> np.ndarray:
    """Return numbers and categories beside each other, shape (N, D + C), float32."""
    return np.concatenate([part.numbers, part.categories], axis=1, dtype="float32")


class Columns(nn.Module):
    """Fill, scale and flag numbers; replace categories by vectors that are learnt."""

    median: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(self, numbers: np.ndarray, sizes: Sequence[int], width: int) -> None:
        super().__init__()
        median = np.nanmedian(numbers, axis=0)
        filled = np.where(np.isnan(numbers), median, numbers)
        learnt = median, filled.mean(0), filled.std(0) + 1e-6
        for name, values in zip(("median", "mean", "deviation"), learnt, strict=True):
            # saved with the weights, and not trained
            self.register_buffer(name, torch.tensor(values, dtype=torch.float32))
        starts = [0.1 * torch.randn(size, width) for size in sizes]
        tables = [nn.Embedding.from_pretrained(start, freeze=False) for start in starts]
        self.tables = nn.ModuleList(tables)

    def forward(self, x: Tensor) -> Tensor:
        """Return shape (N, 2 D + C width) of rows, shape (N, D + C)."""
        numbers, codes = x.split([len(self.median), len(self.tables)], dim=1)
        gaps = numbers.isnan()
        scaled = (torch.where(gaps, self.median, numbers) - self.mean) / self.deviation
        pairs = zip(self.tables, codes.long().T, strict=True)
        return torch.cat([scaled, gaps.float(), *(t(c) for t, c in pairs)], dim=1)


def make_model(
    numbers: np.ndarray, sizes: Sequence[int], width: int = 2, hidden: int = 32
) -> nn.Sequential:
    """Return an untrained network: rows, shape (N, D + C), to logits, shape (N,).

    Medians and scales are those of `numbers`, shape (N, D), of the training part;
    `sizes` says how many categories each column has, 0 for what is missing included.

    >>> model = make_model(np.zeros((9, 6)), (7, 7))
    >>> sum(weight.numel() for weight in model.parameters())
    605
    """
    first = nn.Linear(2 * numbers.shape[1] + len(sizes) * width, hidden)
    last = nn.Linear(hidden, 1)
    for layer in (first, last):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
    columns, drop = Columns(numbers, sizes, width), nn.Dropout(0.1)
    return nn.Sequential(columns, first, nn.ReLU(), drop, last, nn.Flatten(0))


def predict(model: nn.Module, x: np.ndarray) -> np.ndarray:
    """Return the probability of 1, shape (N,), of rows, shape (N, D + C)."""
    device = next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        return model(torch.from_numpy(x).to(device)).double().sigmoid().cpu().numpy()


def costs(
    targets: np.ndarray, said: np.ndarray, cuts: np.ndarray, missed: float
) -> np.ndarray:
    """Return the mean cost per row, shape (K,), of calling all with `said` >= cut."""
    called = said >= cuts[:, None]
    return np.where(called, 1.0, missed * targets).mean(axis=1)


def importance(model: nn.Module, x: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the average precision lost when a column is shuffled, shape (D + C,)."""
    rng, lost, times = np.random.default_rng(0), [], 10
    for at in range(x.shape[1]):
        rows = np.tile(x, (times, 1, 1))
        rows[:, :, at] = rng.permuted(rows[:, :, at], axis=1)
        said = predict(model, rows.reshape(-1, x.shape[1])).reshape(times, -1)
        lost.append(np.mean([average_precision_score(targets, s) for s in said]))
    return average_precision_score(targets, predict(model, x)) - np.array(lost)


def draw(history: dict, spent: tuple, test: tuple) -> Figure:
    """Return losses, cost by threshold (`spent`), precision by recall (`test`)."""
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    epochs = range(1, len(history["loss"]) + 1)
    left.plot(epochs, history["loss"], epochs, history["val_loss"])
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)")
    left.legend(["training", "validation"])
    middle.plot(*spent, "C1")
    middle.set(xlabel="threshold", ylabel="cost per row, validation")
    precision, recall, _ = precision_recall_curve(*test)
    right.plot(recall, precision, "C2", drawstyle="steps-post")
    right.set(xlabel="recall", ylabel="precision", ylim=(0, 1))
    return figure


def explain(worth: np.ndarray, columns: Sequence[str]) -> Figure:
    """Return what each column is worth to the model, as bars."""
    order = np.argsort(worth)
    figure = Figure(figsize=(6, 0.6 + 0.25 * len(order)), layout="constrained")
    axes = figure.subplots()
    axes.barh([columns[at] for at in order], worth[order])
    axes.set(xlabel="average precision lost when the column is shuffled")
    return figure


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train, choose a threshold by cost, save, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 3")
    add = parser.add_argument
    add("--missed", type=float, default=9.0, help="cost of a miss; a call is 1 (9)")
    add("--pos-weight", type=float, default=1.0, help="of the ones in the loss (1)")
    data, out = "the CSV file of Telco customer churn", "runs/churn_torch"
    with Run(parser, argv, out, epochs=20, batch_size=128, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        model = make_model(train.numbers, 1 + train.categories.max(0))
        parallel = run.parallel(model)
        x, held, x_test = map(join, (train, validation, test))
        batches = run.batches(x, train.targets.astype("float32"), shuffle=True)
        optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=0.1)
        steps = run.epochs * len(batches)
        history = fit(
            parallel,
            partial(weighted_bce_loss, pos_weight=run.args.pos_weight),
            optimizer,
            batches,
            run.batches(held, validation.targets.astype("float32")),
            metrics={"average_precision": AveragePrecision()},
            schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
            stopping=EarlyStopping("val_loss", mode="min", patience=8),
            **run.options(save_checkpoint, load_checkpoint, tqdm),
        )
        run.keep(model)
        cuts = np.unique(said := predict(model, held))
        spent = costs(validation.targets, said, cuts, run.args.missed)
        cut = cuts[np.argmin(spent)]

        # Nothing is chosen below this line: here, once, the test part may be seen.
        told, truth = predict(model, x_test), test.targets
        tried = np.array([cut, 0.5, 1 / max(run.args.missed, 1e-9), np.inf, 0.0])
        names = ["cost", "cost_half", "cost_odds", "cost_nobody", "cost_everybody"]
        paid = costs(truth, told, tried, run.args.missed)
        results = {"test_average_precision": average_precision_score(truth, told)}
        results |= {f"test_{k}": value for k, value in zip(names, paid, strict=True)}
        results |= {"threshold": cut, "val_loss": min(history["val_loss"])}
        columns = COLUMNS if run.data is None else TELCO_COLUMNS
        figures = {
            "curves": draw(history, (cuts, spent), (truth, told)),
            "why": explain(importance(model, x_test, truth), columns),
        }
        return run.finish(results, history, figures)


if __name__ == "__main__":
    main()
