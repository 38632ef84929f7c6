# /// script
# dependencies = ["keras>=3.10", "matplotlib", "numpy", "tensorflow"]
# ///
"""Next character: a small LSTM or GPT that learns to write like a text it has read."""

import argparse
import platform
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure

from dlcookbook.data.python_docs import Part, load_python_docs_split
from dlcookbook.data.text_file import load_text_split, text_windows
from dlcookbook.keras.metrics.perplexity import Perplexity
from dlcookbook.keras.models.gpt import gpt
from dlcookbook.keras.training.checkpoint import Checkpoint, ShuffledArrays
from dlcookbook.keras.training.early_stopping import EarlyStopping
from dlcookbook.keras.training.run import Run

__all__ = ["draw", "load_data", "main", "make_model", "sample", "score"]


def load_data(seed: int, folder: Path | None = None) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: Python's help topics, or a text file.

    Each is (inputs, targets): the byte before, and the byte; shape (N,), int64.
    """
    if folder is None:
        return load_python_docs_split(seed)
    train, validation, test = (Part(*part) for part in load_text_split(folder))
    return train, validation, test


def make_model(kind: str = "lstm", context: int = 48) -> keras.Sequential:
    """Return an untrained network: bytes, shape (N, T), to logits, (N, T, 256).

    A "gpt" looks back at `context` bytes at most, an "lstm" passes on what it keeps.
    """
    tokens = keras.Input((None,), dtype="int32")
    # logits are wanted whole, in mixed precision too
    whole = layers.Activation("linear", dtype="float32")
    if kind == "gpt":
        net = gpt(256, context=context, dim=96, depth=2)
        return keras.Sequential([tokens, net, whole])
    table = layers.Embedding(
        256, 32, embeddings_initializer=keras.initializers.RandomNormal(0.0, 1.0)
    )
    lstm = layers.LSTM(128, return_sequences=True, unit_forget_bias=True)
    return keras.Sequential([tokens, table, lstm, layers.Dense(256), whole])


def score(model: keras.Model, part: Part, context: int) -> tuple[np.ndarray, float]:
    """Return the bits that each byte of a text costs, shape (N,), and the perplexity.

    Each is predicted once, from half of `context` bytes to all; fewer at the start.
    """
    metric, costs = Perplexity(ignore_index=-1), []
    both = text_windows(*part, length=context, step=context - context // 2)
    splits = range(256, len(both[0]), 256)
    for tokens, true in zip(*(np.split(rows, splits) for rows in both), strict=True):
        logits = ops.convert_to_tensor(model.predict_on_batch(tokens))
        metric.update_state(true, logits)
        known = np.maximum(true, 0)
        loss = ops.nn.sparse_categorical_crossentropy(known, logits, from_logits=True)
        costs.append(ops.convert_to_numpy(loss)[true >= 0] / np.log(2))
    return np.concatenate(costs), float(metric.result())


def sample(
    model: keras.Model,
    prompt: np.ndarray,
    steps: int,
    temperature: float = 1.0,
    top_p: float = 1.0,
) -> str:
    """Return what follows bytes, shape (T,), drawn one by one with a fixed seed.

    From logits divided by `temperature` of the last T bytes, among the fewest bytes
    that have the share `top_p` together.
    """
    tokens, rng = list(prompt), np.random.default_rng(0)
    for _ in range(steps):
        last = np.array(tokens[-len(prompt) :])
        logits = model.predict_on_batch(last[None])[0, -1] / temperature
        shares = np.exp(logits - logits.max(), dtype="float64")
        shares /= shares.sum()
        order = np.argsort(-shares)
        shares[order[np.cumsum(shares[order]) - shares[order] >= top_p]] = 0
        tokens.append(rng.choice(256, p=shares / shares.sum()))
    return bytes(map(int, tokens[len(prompt) :])).decode("utf-8", "replace")


def draw(history: dict, costs: np.ndarray, part: Part) -> dict[str, Figure]:
    """Return losses, what letters cost by their place in a word, and a passage."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history["loss"]) + 1)
    left.plot(epochs, history["loss"], ".-", epochs, history["val_loss"], ".-")
    left.set(xlabel="epoch", ylabel="cross-entropy (nats per byte)")
    left.legend(["training", "validation"])
    places = [0]
    for byte in part.targets.tolist():
        places.append(places[-1] + 1 if chr(byte).isalpha() else 0)
    where = [np.equal(places[1:], k) for k in range(9)]
    right.bar(range(9), [costs[at].mean() if at.any() else 0 for at in where])
    right.set(xlabel="letter of a word (0: none)", ylabel="bits")
    lines = min(5, len(costs) // 60)  # from the middle
    start = (len(costs) - 60 * lines) // 2
    errors = Figure(figsize=(9, 2), layout="constrained")
    axes = errors.subplots()
    cells = costs[start : start + 60 * lines].reshape(lines, 60)
    image = axes.imshow(cells, "Oranges", aspect="auto", vmin=0, vmax=16)
    for at, byte in enumerate(part.targets[start : start + cells.size].tolist()):
        if 32 < byte < 127:
            sign, x, y = chr(byte).replace("$", r"\$"), at % 60, at // 60
            letter = axes.text(x, y, sign, ha="center", va="center")
            letter.set(color="0.1", family="monospace")
    axes.axis("off")
    errors.colorbar(image, label="bits")
    return {"curves": figure, "errors": errors}


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Train on a text, save everything, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 1")
    add, out = parser.add_argument, "runs/language_model_keras"
    add("--model", choices=["lstm", "gpt"], default="lstm", help="which (lstm)")
    add("--context", type=int, default=48, help="bytes to predict from (48)")
    with Run(parser, argv, out, epochs=4, batch_size=32, data="a text file") as run:
        context = run.args.context
        if not 2 <= context <= 4096:
            parser.error(f"--context must be in [2, 4096]. Received: {context}")
        train, validation, test = load_data(run.seed, run.data)
        print(run.data or f"help topics of Python {platform.python_version()}")
        model = make_model(run.args.model, context)
        cut = [
            text_windows(*x, length=context, step=context) for x in (train, validation)
        ]
        data = ShuffledArrays(*cut[0], run.batch_size, run.seed)
        rate = 1.5e-2 if run.args.model == "lstm" else 3e-3
        schedule = keras.optimizers.schedules.CosineDecay(rate, run.epochs * len(data))
        model.compile(
            keras.optimizers.AdamW(
                schedule, epsilon=1e-8, weight_decay=1e-2, global_clipnorm=1.0
            ),
            keras.losses.SparseCategoricalCrossentropy(
                from_logits=True, ignore_class=-1
            ),
        )
        stopping = EarlyStopping("val_loss", mode="min", patience=3)
        parts = {"stopping": stopping}
        checkpoint = Checkpoint(run.checkpoints(), data, parts=parts)
        history = run.fit(model, data, cut[1], stopping, checkpoint)
        run.keep(model)
        prompt = validation.targets[-context:]
        for heat, share in ((1.0, 1.0), (0.7, 1.0), (1.0, 0.9)):
            text = sample(model, prompt, 100, heat, share)
            print(f"temperature {heat}, top-p {share}: {text!r}")

        # Nothing is chosen below this line: here, once, the test text may be seen.
        costs, perplexity = score(model, test, context)
        results = {
            # bytes that go on with a character begin none
            "test_bits_per_character": costs.sum() / (test.targets & 192 != 128).sum(),
            "test_perplexity": perplexity,
            "val_loss": min(history["val_loss"]),
            "best_epoch": int(np.argmin(history["val_loss"])) + 1,
        }
        return run.finish(results, history, draw(history, costs, test))


if __name__ == "__main__":
    main()
