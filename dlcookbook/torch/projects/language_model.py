# /// script
# dependencies = ["matplotlib", "numpy", "torch>=2.6", "tqdm"]
# ///
"""Next character: a small LSTM or GPT that learns to write like a text it has read."""

import argparse
import platform
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from dlcookbook.data.python_docs import Part, load_python_docs_split
from dlcookbook.data.text_file import load_text_split, text_windows
from dlcookbook.torch.metrics.perplexity import Perplexity
from dlcookbook.torch.models.gpt import gpt
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

__all__ = ["draw", "load_data", "main", "make_model", "sample", "score"]


def load_data(seed: int, folder: Path | None = None) -> tuple[Part, Part, Part]:
    """Return training, validation and test part: Python's help topics, or a text file.

    Each is (inputs, targets): the byte before, and the byte; shape (N,), int64.
    """
    if folder is None:
        return load_python_docs_split(seed)
    train, validation, test = (Part(*part) for part in load_text_split(folder))
    return train, validation, test


class Recurrent(nn.Module):
    """An LSTM between a table of bytes and a line that scores the next one."""

    def __init__(self, dim: int = 32, hidden: int = 128) -> None:
        super().__init__()
        self.table = nn.Embedding(256, dim)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 256)
        nn.init.xavier_uniform_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        for name, weight in self.lstm.named_parameters():
            if "bias" in name:
                nn.init.zeros_(weight)
                # nothing is forgotten at first; one bias does what the sum of two would
                nn.init.constant_(weight.detach()[hidden : 2 * hidden], "ih" in name)
                weight.requires_grad_("ih" in name)
            else:
                (nn.init.orthogonal_ if "hh" in name else nn.init.xavier_uniform_)(
                    weight
                )

    def forward(self, tokens: Tensor) -> Tensor:
        """Predict after every byte: (N, T) in, logits (N, T, 256) out."""
        return self.head(self.lstm(self.table(tokens))[0])


def make_model(kind: str = "lstm", context: int = 48) -> nn.Module:
    """Return an untrained network: bytes, shape (N, T), to logits, (N, T, 256).

    A "gpt" looks back at `context` bytes at most, an "lstm" passes on what it keeps.
    """
    return Recurrent() if kind == "lstm" else gpt(256, context=context, dim=96, depth=2)


def score(model: nn.Module, part: Part, context: int) -> tuple[np.ndarray, float]:
    """Return the bits that each byte of a text costs, shape (N,), and the perplexity.

    Each is predicted once, from half of `context` bytes to all; fewer at the start.
    """
    device, costs = next(model.parameters()).device, []
    metric = Perplexity(ignore_index=-1)
    both = text_windows(*part, length=context, step=context - context // 2)
    pairs = (torch.from_numpy(rows).split(256) for rows in both)
    model.eval()
    with torch.inference_mode():
        for tokens, true in zip(*pairs, strict=True):
            logits, true = model(tokens.to(device)).float(), true.to(device)
            metric.update(logits, true)
            loss = F.cross_entropy(logits[true >= 0], true[true >= 0], reduction="none")
            costs.append(loss.cpu().numpy() / np.log(2))
    return np.concatenate(costs), float(metric.compute())


def sample(
    model: nn.Module,
    prompt: np.ndarray,
    steps: int,
    temperature: float = 1.0,
    top_p: float = 1.0,
) -> str:
    """Return what follows bytes, shape (T,), drawn one by one with a fixed seed.

    From logits divided by `temperature` of the last T bytes, among the fewest bytes
    that have the share `top_p` together.
    """
    device, rng = next(model.parameters()).device, np.random.default_rng(0)
    tokens = list(prompt)
    for _ in range(steps):
        with torch.inference_mode():
            last = torch.tensor(tokens[-len(prompt) :], device=device)
            logits = model(last[None])[0, -1].float() / temperature
        shares = logits.softmax(0).cpu().numpy().astype("float64")
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
    lines = min(5, len(costs) // 60)
    start = (len(costs) - 60 * lines) // 2  # in the middle
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
    add, out = parser.add_argument, "runs/language_model_torch"
    add("--model", choices=["lstm", "gpt"], default="lstm", help="which (lstm)")
    add("--context", type=int, default=48, help="bytes to predict from (48)")
    with Run(parser, argv, out, epochs=4, batch_size=32, data="a text file") as run:
        context = run.args.context
        if not 2 <= context <= 4096:
            parser.error(f"--context must be in [2, 4096]. Received: {context}")
        train, validation, test = load_data(run.seed, run.data)
        run.log(run.data or f"help topics of Python {platform.python_version()}")
        model = make_model(run.args.model, context)
        trained = run.parallel(model)
        cut = [
            text_windows(*x, length=context, step=context) for x in (train, validation)
        ]
        batches = run.batches(*cut[0], shuffle=True)
        rate = 1.5e-2 if run.args.model == "lstm" else 3e-3
        weights = [w for w in model.parameters() if w.requires_grad]
        optimizer = torch.optim.AdamW(weights, rate, eps=1e-8, weight_decay=1e-2)
        steps = run.epochs * len(batches)
        history = fit(
            trained,
            lambda logits, true: F.cross_entropy(logits.mT, true, ignore_index=-1),
            optimizer,
            batches,
            run.batches(*cut[1]),
            schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
            stopping=EarlyStopping("val_loss", mode="min", patience=3),
            clip=1.0,
            **run.options(save_checkpoint, load_checkpoint, tqdm),
        )
        run.keep(model)
        prompt = validation.targets[-context:]
        for heat, share in ((1.0, 1.0), (0.7, 1.0), (1.0, 0.9)):
            text = sample(model, prompt, 100, heat, share)
            run.log(f"temperature {heat}, top-p {share}: {text!r}")

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
