# /// script
# dependencies = [
#     "keras>=3.10", "matplotlib", "pillow", "scikit-learn", "tensorflow"
# ]
# ///
"""Few rows, several classes: cross-validation, noise, a picture beside the table."""

import argparse
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay

from dlcookbook.data.leaf import load_leaf_folds
from dlcookbook.data.wine import load_wine_folds
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["Scale", "draw", "join", "load_data", "main", "make_model", "predict"]


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


class Scale(layers.Layer):
    """Bring columns to mean 0 and deviation 1, as training rows `numbers` have them."""

    def __init__(self, numbers: np.ndarray) -> None:
        super().__init__(dtype="float32")  # halves of small measures are 0
        deviation = numbers.std(0)
        # a column without change has nothing to be divided by
        deviation[deviation == 0] = 1
        for name, values in (("mean", numbers.mean(0)), ("deviation", deviation)):
            # saved with the weights, and not trained
            start = keras.initializers.Constant(values)
            weight = self.add_weight(values.shape, start, name=name, trainable=False)
            setattr(self, name, weight)

    def call(self, x: KerasTensor) -> KerasTensor:
        """Return scaled numbers, shape (N, D)."""
        return (x - self.mean) / self.deviation


def make_model(
    numbers: np.ndarray, num_classes: int, size: int = 0, noise: float = 0.3
) -> keras.Model:
    """Return an untrained network: rows, shape (N, D + S S), to logits, shape (N, C).

    Means and deviations are those of `numbers`, shape (N, D), of the training part;
    `size` is the height and width S of the pictures, 0 for none.

    >>> for size in (0, 32):
    ...     model = make_model(np.ones((2, 13), "float32"), 3, size)
    ...     sum(weight.numpy().size for weight in model.trainable_variables)
    2179
    23363
    """
    columns = numbers.shape[1]
    inputs = keras.Input((columns + size * size,))
    scaled = Scale(numbers)(inputs[:, :columns])
    x = layers.GaussianNoise(noise, seed=0)(scaled) if noise else scaled
    if size:
        image = layers.Reshape((size, size, 1))(inputs[:, columns:])
        y = layers.Conv2D(16, 3, padding="same", activation="relu")(image)
        y = layers.MaxPooling2D(2)(y)
        y = layers.Conv2D(32, 3, padding="same", activation="relu")(y)
        y = layers.Flatten()(layers.MaxPooling2D(size // 4)(y))
        x = layers.Concatenate()([x, y])
    x = layers.Dropout(0.5, seed=1)(layers.Dense(128, "relu")(x))
    return keras.Model(inputs, layers.Dense(num_classes, dtype="float32")(x))


def predict(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Return log-probabilities, shape (N, C), float64, of rows, shape (N, D + S S)."""
    logits = model.predict(x, verbose=0).astype("float64")
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


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
    out = "runs/leaves_keras"
    with Run(parser, argv, out, epochs=30, batch_size=16, data=data) as run:
        if not 0 <= run.args.noise < 10:
            parser.error(f"--noise must be in [0, 10). Received: {run.args.noise}")
        histories, told, truth, losses = [], [], [], []
        for fold, (train, validation, test) in enumerate(load_data(run.seed, run.data)):
            # the same after an interruption
            keras.utils.set_random_seed(run.seed + fold)
            size = train[1].shape[1] if len(train) > 2 else 0
            num_classes = 1 + int(train.targets.max())
            model = make_model(train.numbers, num_classes, size, run.args.noise)
            stage = f"fold-{fold}"
            batches = ShuffledArrays(
                join(train), train.targets, run.batch_size, run.seed + fold
            )
            steps = run.epochs * len(batches)
            schedule = keras.optimizers.schedules.CosineDecay(1e-2, steps)
            model.compile(
                keras.optimizers.AdamW(schedule, weight_decay=0.1, epsilon=1e-8),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                metrics=["accuracy"],
            )
            stopping = EarlyStopping("val_loss", mode="min", patience=10)
            parts = {"stopping": stopping}
            checkpoint = Checkpoint(run.checkpoints(stage), batches, parts=parts)
            held = join(validation), validation.targets
            history = run.fit(model, batches, held, stopping, checkpoint, stage=stage)
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
