# /// script
# dependencies = ["keras>=3.10", "matplotlib", "scikit-learn", "tensorflow"]
# ///
"""Word embeddings: skip-gram with negative sampling tells neighbours from strangers."""

import argparse
import platform
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

from dlcookbook.data.python_docs import Part, load_python_docs_split
from dlcookbook.data.text_file import load_text_split
from dlcookbook.data.word_pairs import word_pairs
from dlcookbook.data.words import encode, make_vocabulary, split_words
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["draw", "judge", "load_data", "main", "make_model", "nearest", "pair_loss"]


def load_data(seed: int, folder: Path | None = None) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: Python's help topics, or a text file.

    Each is (inputs, targets): the byte before, and the byte; shape (N,), int64.
    """
    if folder is None:
        return load_python_docs_split(seed)
    train, validation, test = (Part(*part) for part in load_text_split(folder))
    return train, validation, test


def read_words(part: Part) -> str:
    """Return the words of a text, in lower case, without its numbers and signs."""
    text = bytes(part.targets.astype("uint8")).decode()
    return " ".join(word for word in split_words(text) if word[0].isalpha())


def make_model(words: int, dim: int = 64) -> keras.Model:
    """Return an untrained network: words, shape (N, 1 + M), to logits, (N, M).

    Two tables: a word's vector, and its vector as a neighbour of others.
    """
    rows, start = keras.Input((None,), dtype="int32"), keras.initializers.RandomNormal
    names = "centres", "neighbours"
    # 0, but dense: TensorFlow's slope has a part for each use of a word, squared alone
    whole = keras.regularizers.L2(0)
    centres, neighbours = (
        layers.Embedding(words, dim, start(0, 0.1), whole, name=x) for x in names
    )
    product = centres(rows[:, :1]) * neighbours(rows[:, 1:])
    return keras.Model(
        rows, layers.Activation("linear", dtype="float32")(ops.sum(product, -1))
    )


@keras.saving.register_keras_serializable(package="dlcookbook")
def pair_loss(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    """Return the cross-entropy of pairs, shape (N, M), without those of target -1."""
    known = ops.cast(y_true >= 0, y_pred.dtype)
    y_true = ops.cast(ops.maximum(y_true, 0), y_pred.dtype)
    # one number for a batch, as it is a mean over pairs and not over rows
    loss = ops.softplus(y_pred) - y_true * y_pred
    return ops.sum(known * loss) / ops.maximum(ops.sum(known), 1)


def nearest(table: np.ndarray, names: list[str], word: str, count: int = 5) -> str:
    """Return the words whose vectors, (V, D), point most nearly where `word`'s does."""
    units = table / np.linalg.norm(table, axis=1, keepdims=True)
    order = np.argsort(-(units @ units[names.index(word)]), kind="stable")
    return " ".join([names[at] for at in order if at > 1 and names[at] != word][:count])


def draw(
    history: dict, table: np.ndarray, names: list[str], bands: dict[str, float]
) -> dict[str, Figure]:
    """Return losses beside frequent words in two dimensions; AUC by what was seen."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.plot(epochs, history["loss"], ".-", epochs, history["val_loss"], ".-")
    left.set(xlabel="epoch", ylabel="cross-entropy (nats per pair)")
    left.legend(["training", "validation"])
    # the two directions in which the hundred words differ most
    some = table[2:102] / np.linalg.norm(table[2:102], axis=1, keepdims=True)
    places = PCA(2, svd_solver="full").fit_transform(some)
    right.plot(*places.T, ".", color="C0", markersize=3)
    for place, name in list(zip(places, names[2:], strict=False))[:30]:
        right.annotate(name, place, fontsize=8)
    right.set(xlabel="first component", ylabel="second component")
    errors = Figure(figsize=(6, 2.6), layout="constrained")
    axes = errors.subplots()
    axes.bar(list(bands), list(bands.values()))
    axes.axhline(0.5, color="C1", linestyle="--")
    axes.set(xlabel="times that the training part has the pair", ylabel="test AUC")
    return {"curves": figure, "errors": errors}


def judge(
    scores: np.ndarray, pairs: tuple[np.ndarray, np.ndarray], seen: np.ndarray
) -> tuple[dict[str, float], dict[str, float]]:
    """Return AUC and log loss of pairs, and AUC by counts of training pairs, (V, V).

    `scores`, shape (N, M), are logits. A neighbour seen k times is compared with the
    strangers seen k times.
    """
    (inputs, targets), known = pairs, pairs[1] >= 0
    truth, logits = targets[known], scores[known].astype("float64")
    times = seen[inputs[:, :1], inputs[:, 1:]][known]
    found = {
        "test_auc": roc_auc_score(truth, logits),
        "test_log_loss": np.logaddexp(0, np.where(truth == 1, -logits, logits)).mean(),
    }
    bands = {}
    for low, high, name in (
        (0, 0, "0"),
        (1, 3, "1-3"),
        (4, 15, "4-15"),
        (16, 1e9, "16+"),
    ):
        at = (times >= low) & (times <= high)
        if 0 < truth[at].sum() < at.sum():
            bands[name] = roc_auc_score(truth[at], logits[at])
    return found, bands


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train on a text, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 1")
    parser.add_argument("--dim", type=int, default=64, help="numbers for a word (64)")
    out = "runs/word_embeddings_keras"
    with Run(parser, argv, out, epochs=12, batch_size=256, data="a text file") as run:
        if run.args.dim < 1:
            parser.error(f"--dim must be 1 or more. Received: {run.args.dim}")
        parts = load_data(run.seed, run.data)
        print(run.data or f"help topics of Python {platform.python_version()}")
        texts = [read_words(part) for part in parts]
        vocabulary = make_vocabulary(texts[:1], at_least=5)
        names = ["", "?", *vocabulary]
        numbers = [encode([x], vocabulary, len(x.split()))[0] for x in texts]
        train, validation, test = (word_pairs(x, run.seed, window=2) for x in numbers)
        model = make_model(len(names), run.args.dim)
        data = ShuffledArrays(*train, run.batch_size, run.seed)
        model.compile(
            keras.optimizers.AdamW(3e-3, epsilon=1e-8, weight_decay=0.1), pair_loss
        )
        stopping = EarlyStopping("val_loss", mode="min", patience=3)
        saved = {"stopping": stopping}
        checkpoint = Checkpoint(run.checkpoints(), data, parts=saved)
        history = run.fit(model, data, validation, stopping, checkpoint)
        run.keep(model)
        names_of = ("centres", "neighbours")
        table, other = (model.get_layer(x).get_weights()[0] for x in names_of)
        for word in names[2 : 2 + 40 : 4]:
            print(f"{word}: {nearest(table, names, word)}")

        # Nothing is chosen below this line: here, once, the test text may be seen.
        seen = np.zeros((len(names), len(names)), "int64")
        rows, columns = np.nonzero(train[1] == 1)
        np.add.at(seen, (train[0][rows, 0], train[0][rows, 1 + columns]), 1)
        scores = (table[test[0][:, :1]] * other[test[0][:, 1:]]).sum(-1)
        found, bands = judge(scores, test, seen)
        results = found | {
            "val_loss": min(history["val_loss"]),
            "best_epoch": int(np.argmin(history["val_loss"])) + 1,
            "words": len(vocabulary),
            "known_share": float((numbers[2] > 1).mean()),
        }
        if "0" in bands:
            results["test_auc_unseen"] = bands["0"]
        return run.finish(results, history, draw(history, table, names, bands))


if __name__ == "__main__":
    main()
