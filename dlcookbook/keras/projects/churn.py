# /// script
# dependencies = [
#     "keras>=3.10", "matplotlib", "scikit-learn", "statsmodels", "tensorflow"
# ]
# ///
"""Customer churn: numbers and categories with gaps, a threshold by what errors cost."""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure
from sklearn.metrics import average_precision_score, precision_recall_curve

from dlcookbook.data.fair import COLUMNS, Part, load_fair_split
from dlcookbook.data.telco import COLUMNS as TELCO_COLUMNS
from dlcookbook.data.telco import load_telco_split
from dlcookbook.keras.losses.weighted_bce import weighted_bce_loss
from dlcookbook.keras.metrics.average_precision import AveragePrecision
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

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


class Columns(layers.Layer):
    """Fill, scale and flag numbers; replace categories by vectors that are learnt."""

    def __init__(self, numbers: np.ndarray, sizes: Sequence[int], width: int) -> None:
        super().__init__(dtype="float32")  # halves end at 65,504
        median = np.nanmedian(numbers, axis=0)
        filled = np.where(np.isnan(numbers), median, numbers)
        learnt = median, filled.mean(0), filled.std(0) + 1e-6
        for name, values in zip(("median", "mean", "deviation"), learnt, strict=True):
            # saved with the weights, and not trained
            start = keras.initializers.Constant(values.astype("float32"))
            weight = self.add_weight(values.shape, start, name=name, trainable=False)
            setattr(self, name, weight)
        # one initializer for all tables would start them alike
        normal = partial(keras.initializers.RandomNormal, stddev=0.1)
        table = partial(layers.Embedding, dtype="float32")
        whole = keras.regularizers.L2(0)  # 0, but dense: no slope comes in parts
        self.tables = [table(int(size), width, normal(), whole) for size in sizes]

    def call(self, x: KerasTensor) -> KerasTensor:
        """Return shape (N, 2 D + C width) of rows, shape (N, D + C)."""
        numbers, codes = ops.split(x, [self.median.shape[0]], axis=1)
        gaps = ops.isnan(numbers)
        filled = ops.where(gaps, self.median, numbers)
        scaled = (filled - self.mean) / self.deviation
        codes = ops.cast(codes, "int32")
        vectors = [table(codes[:, at]) for at, table in enumerate(self.tables)]
        return ops.concatenate([scaled, ops.cast(gaps, "float32"), *vectors], axis=1)


def make_model(
    numbers: np.ndarray, sizes: Sequence[int], width: int = 2, hidden: int = 32
) -> keras.Sequential:
    """Return an untrained network: rows, shape (N, D + C), to logits, shape (N,).

    Medians and scales are those of `numbers`, shape (N, D), of the training part;
    `sizes` says how many categories each column has, 0 for what is missing included.

    >>> model = make_model(np.zeros((9, 6)), (7, 7))
    >>> sum(weight.numpy().size for weight in model.trainable_variables)
    605
    """
    return keras.Sequential(
        [
            keras.Input((numbers.shape[1] + len(sizes),)),
            Columns(numbers, sizes, width),
            layers.Dense(hidden, "relu"),
            layers.Dropout(0.1, seed=0),
            layers.Dense(1, dtype="float32"),
            layers.Reshape((), dtype="float32"),
        ]
    )


def predict(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Return the probability of 1, shape (N,), of rows, shape (N, D + C)."""
    logits = model.predict(x, batch_size=1024, verbose=0).astype("float64")
    return 1 / (1 + np.exp(-logits))


def costs(
    targets: np.ndarray, said: np.ndarray, cuts: np.ndarray, missed: float
) -> np.ndarray:
    """Return the mean cost per row, shape (K,), of calling all with `said` >= cut."""
    called = said >= cuts[:, None]
    return np.where(called, 1.0, missed * targets).mean(axis=1)


def importance(model: keras.Model, x: np.ndarray, targets: np.ndarray) -> np.ndarray:
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
    data, out = "the CSV file of Telco customer churn", "runs/churn_keras"
    with Run(parser, argv, out, epochs=20, batch_size=128, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        model = make_model(train.numbers, 1 + train.categories.max(0))
        x, held, x_test = map(join, (train, validation, test))
        batches = ShuffledArrays(x, train.targets, run.batch_size, run.seed)
        steps = run.epochs * len(batches)
        schedule = keras.optimizers.schedules.CosineDecay(3e-3, steps)
        model.compile(
            keras.optimizers.AdamW(schedule, weight_decay=0.1, epsilon=1e-8),
            partial(weighted_bce_loss, pos_weight=run.args.pos_weight),
            metrics=[AveragePrecision()],
        )
        stopping = EarlyStopping("val_loss", mode="min", patience=8)
        parts = {"stopping": stopping}
        checkpoint = Checkpoint(run.checkpoints(), batches, parts=parts)
        seen = held, validation.targets
        history = run.fit(model, batches, seen, stopping, checkpoint)
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
