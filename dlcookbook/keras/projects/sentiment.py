# /// script
# dependencies = ["keras>=3.10", "matplotlib", "scikit-learn", "tensorflow"]
# ///
"""Sentiment: one of two classes for a text, by LSTM, GRU or a small transformer."""

import argparse
import platform
from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure
from sklearn.metrics import classification_report, roc_auc_score, roc_curve

from dlcookbook.data.imdb import load_imdb_split
from dlcookbook.data.library_text import Part, load_returns_split
from dlcookbook.data.words import encode, make_vocabulary
from dlcookbook.keras.blocks.attention_pooling import AttentionPooling
from dlcookbook.keras.blocks.positions import sinusoidal_positions
from dlcookbook.keras.blocks.transformer_block import TransformerBlock
from dlcookbook.keras.models.text_classifier import gru_classifier, lstm_classifier
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["HideWords", "draw", "load_data", "main", "make_model", "predict"]


def load_data(seed: int, folder: Path | None = None) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: Python's docstrings, or IMDB.

    Parameters
    ----------
    seed : int
        Of the split.
    folder : path, optional
        `aclImdb`, as it is unpacked.

    Returns
    -------
    tuple of (texts, targets), three of them
        Texts, shape (N,), str; targets, shape (N,), int64, 0 or 1.
    """
    if folder is None:
        return load_returns_split(seed)
    train, validation, test = load_imdb_split(folder, seed)
    return Part(*train), Part(*validation), Part(*test)


def make_model(kind: str = "bilstm", vocabulary: int = 1000) -> keras.Model:
    """Return an untrained network: tokens, shape (N, T), 0 for padding, to (N, 2).

    Parameters
    ----------
    kind : {"lstm", "gru", "bilstm", "transformer"}
        A recurrent net, one of two directions, or attention.
    vocabulary : int
        Number of tokens, padding included.

    Examples
    --------
    >>> for kind in ("lstm", "gru", "bilstm", "transformer"):
    ...     make_model(kind).count_params()
    97154
    89090
    130306
    101954
    """
    if kind == "transformer":
        tokens, dim = keras.Input((None,), dtype="int32"), 64
        keep = ops.not_equal(tokens, 0)
        start = keras.initializers.RandomNormal(stddev=dim**-0.5)
        x = AddPositions()(layers.Embedding(vocabulary, dim, start)(tokens))
        block = TransformerBlock(dim, 4, hidden=2 * dim, dropout=0.3)
        x = block(layers.Dropout(0.3)(x), keep=keep)
        x = layers.LayerNormalization(epsilon=1e-5)(x)
        x = layers.Dropout(0.3)(AttentionPooling(dim)(x, keep=keep))
        return keras.Model(tokens, layers.Dense(2, dtype="float32")(x))
    classifier = gru_classifier if kind == "gru" else lstm_classifier
    model = classifier(vocabulary, 2, bidirectional=kind == "bilstm", dropout=0.5)
    # logits of half precision would make a coarse loss
    logits = layers.Activation("linear", dtype="float32")(model.output)
    return keras.Model(model.input, logits)


class AddPositions(layers.Layer):
    """Adds waves that tell the places of the words; there is nothing to learn."""

    def call(self, x: KerasTensor) -> KerasTensor:
        """Return vectors of the shape of x, (N, T, dim), T up to 4096."""
        waves = sinusoidal_positions(4096, x.shape[2])[: ops.shape(x)[1]]
        return x * x.shape[2] ** 0.5 + ops.cast(waves, x.dtype)


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
    """Return probabilities of class 1, shape (N,), for tokens, shape (N, T)."""
    logits = model.predict(tokens, batch_size=512, verbose=0)
    return ops.convert_to_numpy(ops.softmax(logits))[:, 1]


def draw(history: dict, test: Part, scores: np.ndarray) -> dict[str, Figure]:
    """Return the learning curves beside the ROC curve, and the worst mistakes."""
    curves = Figure(figsize=(9, 4), layout="constrained")
    left, right = curves.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.plot(epochs, history["loss"], epochs, history["val_loss"])
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)")
    left.legend(["training, words hidden", "validation"])
    right.plot(*roc_curve(test.targets, scores)[:2])
    right.plot([0, 1], [0, 1], "--", color="0.6")
    right.set(xlabel="false alarms, share of class 0", ylabel="found, share of class 1")
    errors = Figure(figsize=(9, 3))
    worst = np.argsort(-np.abs(scores - test.targets), kind="stable")[:8]
    for line, i in enumerate(worst):
        # letters that the font may lack are left out, and $ would start a formula
        words = test.texts[i].encode("ascii", "ignore").decode().replace("$", r"\$")
        said = f"is {test.targets[i]}, said {scores[i]:.2f}:  {words[:70]}"
        errors.text(0.01, 0.91 - 0.12 * line, said)
    return {"curves": curves, "errors": errors}


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train on texts, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 2")
    kinds = ["lstm", "gru", "bilstm", "transformer"]
    parser.add_argument("--model", choices=kinds, default="bilstm", help="(bilstm)")
    text = "words that are read of a text (32; IMDB: 256)"
    parser.add_argument("--length", type=int, default=32, help=text)
    data, out = "the folder aclImdb", "runs/sentiment_keras"
    with Run(parser, argv, out, epochs=6, batch_size=64, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        if run.data is None:
            print(f"texts of Python {platform.python_version()}; others differ")
        numbers = make_vocabulary(train.texts)
        x, x_val, x_test = (
            encode(part.texts, numbers, run.args.length)
            for part in (train, validation, test)
        )
        model = make_model(run.args.model, vocabulary=len(numbers) + 2)
        # around the model, not in it: what is saved is the model alone
        trained = keras.Sequential(
            [keras.Input((None,), dtype="int32"), HideWords(), model]
        )
        batches = ShuffledArrays(x, train.targets, run.batch_size, run.seed)
        rate = 5e-4 if run.args.model == "transformer" else 2e-3
        schedule = keras.optimizers.schedules.CosineDecay(
            rate, run.epochs * len(batches)
        )
        trained.compile(
            keras.optimizers.AdamW(
                schedule, weight_decay=1e-2, epsilon=1e-8, global_clipnorm=1.0
            ),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        stopping = EarlyStopping("val_loss", mode="min", patience=2)
        parts = {"stopping": stopping}
        checkpoint = Checkpoint(run.checkpoints(), batches, parts=parts)
        held = x_val, validation.targets
        history = run.fit(trained, batches, held, stopping, checkpoint)
        run.keep(model)

        # Nothing is chosen below this line: here, once, the test texts may be seen.
        scores = predict(model, x_test)
        given = (scores > 0.5).astype(int)
        padded = np.pad(x_test[:256], ((0, 0), (0, x_test.shape[1])))
        print(classification_report(test.targets, given, digits=3, zero_division=0))
        best = int(np.argmin(history["val_loss"]))
        results = {
            "test_roc_auc": roc_auc_score(test.targets, scores),
            "test_accuracy": np.mean(given == test.targets),
            "test_padding_gap": np.abs(predict(model, padded) - scores[:256]).max(),
            "val_accuracy": history["val_accuracy"][best],
            "best_epoch": best + 1,
        }
        return run.finish(results, history, draw(history, test, scores))


if __name__ == "__main__":
    main()
