# /// script
# dependencies = ["matplotlib", "scikit-learn", "tensorboard", "torch>=2.6", "tqdm"]
# ///
"""Several labels for a text: a sigmoid for each, a threshold for each."""

import argparse
import platform
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.metrics import average_precision_score, precision_recall_curve
from torch import Tensor, nn
from tqdm import tqdm

from dlcookbook.data.jigsaw import LABELS, load_jigsaw_split
from dlcookbook.data.library_text import TOPICS, Part, load_topics_split
from dlcookbook.data.words import encode, make_vocabulary
from dlcookbook.torch.metrics.multilabel import multilabel
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

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


def make_model(vocabulary: int = 1000, num_labels: int = 7) -> nn.Module:
    """Return an untrained network: tokens, shape (N, T), 0 for padding, to (N, K).

    >>> sum(weight.numel() for weight in make_model().parameters())
    64903

    Parameters
    ----------
    vocabulary : int
        Number of tokens, padding included.
    num_labels : int
        K, of logits that know nothing of each other.
    """
    return Bag(vocabulary, num_labels)


class Bag(nn.Module):
    """A vector for each word; their sum and their largest values; a linear head."""

    def __init__(self, vocabulary: int, num_labels: int, dim: int = 64) -> None:
        super().__init__()
        self.embedding, self.dropout = nn.Embedding(vocabulary, dim), nn.Dropout(0.3)
        self.head = nn.Linear(2 * dim, num_labels)
        # rare words keep what they start with: let that be next to nothing
        nn.init.normal_(self.embedding.weight, std=0.01)
        nn.init.xavier_uniform_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits, shape (N, K); padding is in neither sum nor maximum."""
        keep = (tokens != 0)[..., None]
        x = self.dropout(self.embedding(tokens))
        total = (x * keep).sum(1) / keep.sum(1).clamp(min=1) ** 0.5
        largest = x.masked_fill(~keep, -1e4).amax(1) * keep.any(1)
        return self.head(torch.cat([total, largest], dim=1))


class HideWords(nn.Module):
    """In training, makes a fifth of the words unknown: no word alone may decide."""

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens of the same shape (N, T); padding stays padding."""
        if not self.training:
            return tokens
        hidden = torch.rand(tokens.shape, device=tokens.device) < 0.2
        return torch.where(hidden & (tokens > 1), 1, tokens)


def predict(model: nn.Module, tokens: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, K), each of its label alone, for (N, T)."""
    device = next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        parts = torch.from_numpy(tokens).split(1024)
        return torch.cat([model(x.to(device)).sigmoid().cpu() for x in parts]).numpy()


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
    out = "runs/text_tags_torch"
    with Run(parser, argv, out, epochs=12, batch_size=64, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        names = list(TOPICS if run.data is None else LABELS)
        if run.data is None:
            run.log(f"texts of Python {platform.python_version()}; others differ")
        numbers, length = make_vocabulary(train.texts), run.args.length
        x, x_val, x_test = (
            encode(part.texts, numbers, length) for part in (train, validation, test)
        )
        model = make_model(len(numbers) + 2, len(names))
        # around the model, not in it: what is saved is the model alone
        trained = run.parallel(nn.Sequential(HideWords(), model))
        batches = run.batches(x, train.targets, shuffle=True)
        optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=1e-2)
        steps = run.epochs * len(batches)
        history = fit(
            trained,
            nn.BCEWithLogitsLoss(),
            optimizer,
            batches,
            run.batches(x_val, validation.targets),
            schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
            stopping=EarlyStopping("val_loss", mode="min", patience=3),
            **run.options(save_checkpoint, load_checkpoint, tqdm),
        )
        run.keep(model)
        thresholds = choose(validation.targets, predict(model, x_val))

        # Nothing is chosen below this line: here, once, the test texts may be seen.
        scores, truth = predict(model, x_test), torch.from_numpy(test.targets)
        area = average_precision_score(test.targets, scores)
        results = {"test_mean_average_precision": area}
        for name, at in (("", thresholds), ("_at_half", 0.5)):
            given = torch.from_numpy(scores >= at)
            for mean in ("macro", "micro"):
                found = multilabel(
                    given, truth, len(names), average=mean, absent="zero"
                )
                results[f"test_{mean}_f1{name}"] = float(found["f1"])
        results["best_epoch"] = int(np.argmin(history["val_loss"])) + 1
        return run.finish(results, history, draw(history, names, test, scores))


if __name__ == "__main__":
    main()
