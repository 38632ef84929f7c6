# /// script
# dependencies = [
#     "keras>=3.14", "matplotlib", "safetensors", "scikit-learn", "tensorflow",
#     "tokenizers",
# ]
# ///
"""Few labels: fine-tune a BERT from a folder, against the same from random weights."""

import argparse
import copy
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay
from tokenizers import Tokenizer

from dlcookbook.data.bert_folder import make_vocabulary, write_bert
from dlcookbook.data.docstrings import CLASSES, Part, load_docstrings_split
from dlcookbook.keras.losses.info_nce import info_nce_loss
from dlcookbook.keras.projects._bert import load_body, make_body
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["draw", "encode", "load_data", "main", "make_checkpoint", "make_model"]

LENGTH = 32  # tokens of a text, [CLS] and [SEP] included
TINY = {"vocab_size": 2000, "hidden_size": 64, "num_hidden_layers": 2}
TINY |= {"num_attention_heads": 4, "intermediate_size": 256}
TINY |= {"max_position_embeddings": LENGTH}


def load_data(seed: int) -> tuple[Part, Part, Part]:
    """Return three parts: texts, shape (N,), str, and labels, shape (N,), int64."""
    return load_docstrings_split(seed)[:3]


def encode(tokenizer: Any, texts: np.ndarray) -> np.ndarray:
    """Return tokens, shape (N, 32), int64; 0 is padding."""
    tokenizer.enable_truncation(LENGTH)
    tokenizer.enable_padding(length=LENGTH)
    rows = tokenizer.encode_batch([str(text) for text in texts])
    return np.array([row.ids for row in rows], "int64")


def features(body: keras.Model, tokens: KerasTensor) -> KerasTensor:
    """Return the mean vector of the tokens that are there, shape (N, D)."""
    # padding has vectors too, and a plain mean would be mostly of them
    there = ops.cast(ops.expand_dims(ops.not_equal(tokens, 0), -1), "float32")
    hidden = ops.cast(body(tokens), "float32")
    return ops.sum(hidden * there, 1) / ops.sum(there, 1)


def make_model(config: dict | None = None, num_classes: int = 8) -> keras.Model:
    """Return an untrained classifier; `config` as in config.json, small by default.

    >>> make_model().count_params()
    230792
    """
    tokens = keras.Input((LENGTH,), dtype="int32")
    x = layers.Dropout(0.1)(features(make_body(config or TINY, LENGTH), tokens))
    start = keras.initializers.RandomNormal(stddev=0.02)
    options = {"kernel_initializer": start, "dtype": "float32", "name": "head"}
    return keras.Model(tokens, layers.Dense(num_classes, **options)(x))


class Views(layers.Layer):
    """Leave out half of the words, other ones at each call."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = keras.random.SeedGenerator()

    def call(self, tokens: KerasTensor) -> KerasTensor:
        """Return tokens of the same shape; 0 for those left out."""
        gone = keras.random.uniform(ops.shape(tokens), seed=self.seed) < 0.5
        return ops.where(ops.logical_and(gone, tokens > 4), 0, tokens)


def pair_loss(_: KerasTensor, vectors: KerasTensor) -> KerasTensor:
    """Return how hard the other view is to find; (N, 2 D), both views in a row."""
    one, two = ops.split(vectors, 2, axis=1)
    return (info_nce_loss(one, two) + info_nce_loss(two, one)) / 2


def train(
    run: Run, model: keras.Model, stage: str, *rates: float, loss: Any, data: list
) -> dict[str, list[float]]:
    """Train body and head at a rate each; 0 leaves that part as it is."""
    run, monitor, ignored = copy.copy(run), "val_loss", 0
    if not data[1:]:  # no epoch is looked at: the last one is kept
        run.epochs, monitor, ignored = min(run.epochs, 6), "loss", 9
    steps = run.epochs * len(data[0])
    warm, parts = steps // 10, []
    for rate in rates:
        wave = {"warmup_target": rate, "warmup_steps": warm} if warm else {}
        schedule = keras.optimizers.schedules.CosineDecay(
            rate / (warm + 1), steps - warm, **wave
        )
        parts.append(keras.optimizers.AdamW(schedule, weight_decay=1e-2))
        # by name: in the attention a bias has two axes
        parts[-1].exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    rule = keras.optimizers.OptimizerMap(parts[0], {"(.*/)?head/.*": parts[1]})
    both = keras.optimizers.MultiOptimizer(rule)
    model.get_layer("body").trainable = rates[0] > 0
    optimizer = both if all(rates) else parts[rates[0] == 0]
    model.compile(optimizer, loss, jit_compile=False)
    stopping = EarlyStopping(monitor, mode="min", start_from=ignored)
    place, kept = run.checkpoints(stage), {"stopping": stopping}
    checkpoint = Checkpoint(place, data[0], parts=kept)
    held = data[1] if data[1:] else None
    return run.fit(model, data[0], held, stopping, checkpoint, stage=stage)


def make_checkpoint(run: Run, folder: Path) -> None:
    """Pre-train a tiny BERT on texts without labels; save it as others are saved."""
    few, _, _, texts = load_docstrings_split(run.seed)
    texts = np.concatenate([texts, few.texts])
    words = make_vocabulary(texts, TINY["vocab_size"])
    keras.utils.set_random_seed(run.seed)
    tokens, body = keras.Input((LENGTH,), dtype="int32"), make_body(TINY, LENGTH)
    views = [features(body, Views()(tokens)) for _ in range(2)]
    model = keras.Model(tokens, ops.concatenate(views, axis=1))
    write_bert(folder, TINY, body.get_weights(), words)
    x = encode(Tokenizer.from_file(str(folder / "tokenizer.json")), texts)
    data = [ShuffledArrays(x, np.zeros(len(x)), 128, run.seed)]
    train(run, model, "pretrain", 3e-3, 0.0, loss=pair_loss, data=data)
    write_bert(folder, TINY, body.get_weights(), words)


def predict(model: keras.Model, tokens: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, num_classes), of tokens, shape (N, T)."""
    logits = model.predict(tokens, batch_size=256, verbose=0)
    return ops.convert_to_numpy(ops.softmax(logits))


def draw(histories: dict, test: Part, p: np.ndarray) -> dict[str, Figure]:
    """Return the curves, and the mistakes it is surest of; p as `predict` gives it."""
    curves = Figure(figsize=(10, 4.5), layout="constrained")
    left, right = curves.subplots(1, 2)
    for name, history in histories.items():
        left.plot(range(1, len(history["loss"]) + 1), history["val_loss"], label=name)
    left.set(xlabel="epoch", ylabel="cross-entropy of validation (nats)")
    left.legend()
    found, show = p.argmax(1), ConfusionMatrixDisplay.from_predictions
    options = {"cmap": "Blues", "colorbar": False, "xticks_rotation": "vertical"}
    show(test.labels, found, ax=right, display_labels=CLASSES, **options)
    errors = Figure(figsize=(9, 3))
    wrong = np.flatnonzero(found != test.labels)
    for row, at in enumerate(wrong[np.argsort(-p[wrong].max(1))][:6]):
        text = f"{CLASSES[test.labels[at]]}, not {CLASSES[found[at]]}: "
        errors.text(0.01, 0.9 - row / 6, text + test.texts[at][:70], parse_math=False)
    return {"curves": curves, "errors": errors}


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Pre-train or take a folder, fine-tune, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 1")
    text = "a folder as `hf download` makes it; without it, a tiny one is made"
    parser.add_argument("--checkpoint", type=Path, help=text)
    out = "runs/fine_tune_bert_keras"
    with Run(parser, argv, out, epochs=20, batch_size=8) as run:
        data, folder = load_data(run.seed), run.args.checkpoint
        if folder is None:
            make_checkpoint(run, folder := run.out / "checkpoint")
        config, body = load_body(folder, LENGTH)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokens = [encode(tokenizer, part.texts) for part in data]
        batches = ShuffledArrays(tokens[0], data[0].labels, run.batch_size, run.seed)
        parts = [batches, (tokens[1], data[1].labels)]
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        tune = partial(train, run, loss=loss, data=parts)
        keras.utils.set_random_seed(run.seed)
        model, scratch, frozen = (make_model(config) for _ in range(3))
        model.get_layer("body").set_weights(body.get_weights())
        histories = {"from random weights": tune(scratch, "scratch", 1e-3, 1e-2)}
        histories["head alone"] = tune(model, "head", 0.0, 1e-2)
        frozen.set_weights(model.get_weights())
        histories["then all of it"] = history = tune(model, "all", 1e-4, 1e-2)
        run.keep(model)

        # Nothing is chosen below this line: here, once, the test texts may be seen.
        models = {"": model, "_frozen": frozen, "_scratch": scratch}
        found = {name: predict(each, tokens[2]) for name, each in models.items()}
        results = {
            f"test_accuracy{name}": float((p.argmax(1) == data[2].labels).mean())
            for name, p in found.items()
        }
        results["val_loss"] = min(history["val_loss"])
        return run.finish(results, history, draw(histories, data[2], found[""]))


if __name__ == "__main__":
    main()
