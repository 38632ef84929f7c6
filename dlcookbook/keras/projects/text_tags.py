# /// script
# dependencies = ["keras>=3.10", "matplotlib", "scikit-learn", "tensorflow"]
# ///
"""Several labels for a text: a sigmoid for each, a threshold for each."""

import argparse
import platform
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure
from sklearn.metrics import average_precision_score, precision_recall_curve

from dlcookbook.data.jigsaw import LABELS, load_jigsaw_split
from dlcookbook.data.library_text import TOPICS, Part, load_topics_split
from dlcookbook.data.words import encode, make_vocabulary
from dlcookbook.keras.metrics.multilabel import multilabel
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["HideWords", "choose", "draw", "load_data", "main", "make_model", "predict"]


def load_data(seed: int, folder: Path | None = None) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: Python's docstrings, or comments.

    Parameters
    ----------
    seed : int
        Of the split.
    folder : path, optional
        With the three files of the Toxic Comment challenge.

    Returns
    -------
    tuple of (texts, targets), three of them
        Texts, shape (N,), str; targets, shape (N, K), float32, 0 or 1.
    """
    if folder is None:
        return load_topics_split(seed)
    train, validation, test = load_jigsaw_split(folder, seed)
    return Part(*train), Part(*validation), Part(*test)


def make_model(vocabulary: int = 1000, num_labels: int = 7) -> keras.Model:
    """Return an untrained network: tokens, shape (N, T), 0 for padding, to (N, K).

    Parameters
    ----------
    vocabulary : int
        Number of tokens, padding included.
    num_labels : int
        K, of logits that know nothing of each other.

    Examples
    --------
    >>> make_model().count_params()
    64903
    """
    tokens = keras.Input((None,), dtype="int32")
    # rare words keep what they start with: let that be next to nothing
    start = keras.initializers.RandomNormal(stddev=0.01)
    # 0, but dense: TensorFlow's slope has a part for each use of a word, squared alone
    whole = keras.regularizers.L2(0)
    x = layers.Dropout(0.3)(layers.Embedding(vocabulary, 64, start, whole)(tokens))
    logits = layers.Dense(num_labels, dtype="float32")(Bag()([x, tokens]))
    return keras.Model(tokens, logits)


class Bag(layers.Layer):
    """Takes the sum and the largest values of the vectors of words."""

    def call(self, inputs: list[KerasTensor]) -> KerasTensor:
        """Return (N, 2 D) for vectors (N, T, D) and tokens (N, T), padding aside."""
        x, tokens = inputs
        keep = ops.not_equal(tokens, 0)[..., None]
        count = ops.sum(ops.cast(keep, x.dtype), axis=1)
        total = ops.sum(ops.where(keep, x, 0), axis=1) / ops.sqrt(ops.maximum(count, 1))
        largest = ops.max(ops.where(keep, x, -1e4), axis=1) * ops.minimum(count, 1)
        return ops.concatenate([total, largest], axis=1)


class HideWords(layers.Layer):
    """In training, makes a fifth of the words unknown: no word alone may decide."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = keras.random.SeedGenerator()

    def call(self, tokens: KerasTensor, training: bool = False) -> KerasTensor:
        """Return tokens of the same shape (N, T); padding stays padding."""
        if not training:
            return tokens
        hidden = keras.random.uniform(ops.shape(tokens), seed=self.seed) < 0.2
        return ops.where(ops.logical_and(hidden, tokens > 1), 1, tokens)


def predict(model: keras.Model, tokens: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, K), each of its label alone, for (N, T)."""
    logits = model.predict(tokens, batch_size=1024, verbose=0)
    return ops.convert_to_numpy(ops.sigmoid(logits))


def choose(targets: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return the threshold of best F1 for each label, shape (K,), from (N, K).

    >>> targets = np.array([[1], [0], [1], [0]])
    >>> choose(targets, np.array([[0.3], [0.1], [0.2], [0.2]])).round(2).tolist()
    [0.2]
    """
    found = []
    for truth, score in zip(targets.T, scores.T, strict=True):
        precision, recall, at = precision_recall_curve(truth, score)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        # the last point has no threshold: nothing is given there
        found.append(at[np.argmax(f1[:-1])])
    return np.array(found)


def draw(history: dict, names: list[str], test: Part, scores: np.ndarray) -> dict:
    """Return the learning curves beside those of precision, and what was missed."""
    curves = Figure(figsize=(9, 4), layout="constrained")
    left, right = curves.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.plot(epochs, history["loss"], epochs, history["val_loss"])
    left.set(xlabel="epoch", ylabel="binary cross-entropy (nats)")
    left.legend(["training, words hidden", "validation"])
    for name, truth, score in zip(names, test.targets.T, scores.T, strict=True):
        precision, recall, _ = precision_recall_curve(truth, score)
        at = np.linspace(0, 1, 101)
        right.plot(at, np.interp(at, recall[::-1], precision[::-1]), label=name)
    right.set(xlabel="recall", ylabel="precision")
    right.legend(fontsize="small")
    errors = Figure(figsize=(9, 3))
    worst = np.argsort(-np.abs(scores - test.targets).max(1), kind="stable")[:8]
    for line, i in enumerate(worst):
        at = np.abs(scores[i] - test.targets[i]).argmax()
        # the font may lack letters, and $ would start a formula
        words = test.texts[i].encode("ascii", "ignore").decode().replace("$", r"\$")
        said = f"{names[at]} is {test.targets[i, at]:.0f}, said {scores[i, at]:.2f}: "
        errors.text(0.01, 0.91 - 0.12 * line, f"{said} {words[:62]}")
    return {"curves": curves, "errors": errors}


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train on texts, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 2")
    text = "words that are read of a text (64)"
    parser.add_argument("--length", type=int, default=64, help=text)
    data = "a folder with train.csv, test.csv and test_labels.csv of Jigsaw"
    out = "runs/text_tags_keras"
    with Run(parser, argv, out, epochs=12, batch_size=64, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        names = list(TOPICS if run.data is None else LABELS)
        if run.data is None:
            print(f"texts of Python {platform.python_version()}; others differ")
        numbers, length = make_vocabulary(train.texts), run.args.length
        x, x_val, x_test = (
            encode(part.texts, numbers, length) for part in (train, validation, test)
        )
        model = make_model(len(numbers) + 2, len(names))
        # around the model, not in it: what is saved is the model alone
        trained = keras.Sequential(
            [keras.Input((None,), dtype="int32"), HideWords(), model]
        )
        batches = ShuffledArrays(x, train.targets, run.batch_size, run.seed)
        steps = run.epochs * len(batches)
        schedule = keras.optimizers.schedules.CosineDecay(3e-3, steps)
        trained.compile(
            keras.optimizers.AdamW(schedule, weight_decay=1e-2, epsilon=1e-8),
            keras.losses.BinaryCrossentropy(from_logits=True),
        )
        stopping = EarlyStopping("val_loss", mode="min", patience=3)
        parts = {"stopping": stopping}
        checkpoint = Checkpoint(run.checkpoints(), batches, parts=parts)
        held = x_val, validation.targets
        history = run.fit(trained, batches, held, stopping, checkpoint)
        run.keep(model)
        thresholds = choose(validation.targets, predict(model, x_val))

        # Nothing is chosen below this line: here, once, the test texts may be seen.
        scores = predict(model, x_test)
        area = average_precision_score(test.targets, scores)
        results = {"test_mean_average_precision": area}
        for name, at in (("", thresholds), ("_at_half", 0.5)):
            given = (scores >= at).astype("float32")
            for mean in ("macro", "micro"):
                found = multilabel(
                    test.targets, given, len(names), average=mean, absent="zero"
                )
                results[f"test_{mean}_f1{name}"] = float(found["f1"])
        results["best_epoch"] = int(np.argmin(history["val_loss"])) + 1
        return run.finish(results, history, draw(history, names, test, scores))


if __name__ == "__main__":
    main()
