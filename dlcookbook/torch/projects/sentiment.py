# /// script
# dependencies = ["matplotlib", "scikit-learn", "tensorboard", "torch>=2.6", "tqdm"]
# ///
"""Sentiment: one of two classes for a text, by LSTM, GRU or a small transformer."""

import argparse
import platform
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.metrics import classification_report, roc_auc_score, roc_curve
from torch import Tensor, nn
from tqdm import tqdm

from dlcookbook.data.imdb import load_imdb_split
from dlcookbook.data.library_text import Part, load_returns_split
from dlcookbook.data.words import encode, make_vocabulary
from dlcookbook.torch.blocks.attention_pooling import AttentionPooling
from dlcookbook.torch.blocks.positions import sinusoidal_positions
from dlcookbook.torch.blocks.transformer_block import TransformerBlock
from dlcookbook.torch.metrics.accuracy import Accuracy
from dlcookbook.torch.models.text_classifier import gru_classifier, lstm_classifier
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

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


def make_model(kind: str = "bilstm", vocabulary: int = 1000) -> nn.Module:
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
    ...     model = make_model(kind)
    ...     sum(w.numel() for w in model.parameters() if w.requires_grad)
    97154
    89090
    130306
    101954
    """
    if kind == "transformer":
        return Transformer(vocabulary)
    classifier = gru_classifier if kind == "gru" else lstm_classifier
    return classifier(vocabulary, 2, bidirectional=kind == "bilstm", dropout=0.5)


class Transformer(nn.Module):
    """One block of attention, and an average over the words that weighs them."""

    def __init__(self, vocabulary: int, dim: int = 64) -> None:
        super().__init__()
        self.embedding, self.dropout = nn.Embedding(vocabulary, dim), nn.Dropout(0.3)
        self.block = TransformerBlock(dim, 4, hidden=2 * dim, dropout=0.3)
        self.norm = nn.LayerNorm(dim, eps=1e-5)
        self.pool, self.head = AttentionPooling(dim), nn.Linear(dim, 2)
        nn.init.normal_(self.embedding.weight, std=dim**-0.5)
        nn.init.xavier_uniform_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits, shape (N, 2); tokens of 0 are looked at by no one."""
        keep, dim = tokens != 0, self.embedding.embedding_dim
        places = sinusoidal_positions(tokens.shape[1], dim).to(tokens.device)
        x = self.dropout(self.embedding(tokens) * dim**0.5 + places)
        x = self.norm(self.block(x, keep=keep))
        return self.head(self.dropout(self.pool(x, keep=keep)))


class HideWords(nn.Module):
    """In training, makes a fifth of the words unknown: no word alone may decide."""

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens of the same shape (N, T); padding stays padding."""
        if not self.training:
            return tokens
        hidden = torch.rand(tokens.shape, device=tokens.device) < 0.2
        return torch.where(hidden & (tokens > 1), 1, tokens)


def predict(model: nn.Module, tokens: np.ndarray) -> np.ndarray:
    """Return probabilities of class 1, shape (N,), for tokens, shape (N, T)."""
    device = next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        parts = torch.from_numpy(tokens).split(512)
        found = [model(x.to(device)).float().softmax(1)[:, 1].cpu() for x in parts]
    return torch.cat(found).numpy()


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
    data, out = "the folder aclImdb", "runs/sentiment_torch"
    with Run(parser, argv, out, epochs=6, batch_size=64, data=data) as run:
        train, validation, test = load_data(run.seed, run.data)
        if run.data is None:
            run.log(f"texts of Python {platform.python_version()}; others differ")
        numbers = make_vocabulary(train.texts)
        x, x_val, x_test = (
            encode(part.texts, numbers, run.args.length)
            for part in (train, validation, test)
        )
        model = make_model(run.args.model, vocabulary=len(numbers) + 2)
        # around the model, not in it: what is saved is the model alone
        trained = run.parallel(nn.Sequential(HideWords(), model))
        batches = run.batches(x, train.targets, shuffle=True)
        rate = 5e-4 if run.args.model == "transformer" else 2e-3
        optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=1e-2)
        steps = run.epochs * len(batches)
        history = fit(
            trained,
            nn.CrossEntropyLoss(),
            optimizer,
            batches,
            run.batches(x_val, validation.targets),
            metrics={"accuracy": Accuracy()},
            schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
            stopping=EarlyStopping("val_loss", mode="min", patience=2),
            clip=1.0,
            **run.options(save_checkpoint, load_checkpoint, tqdm),
        )
        run.keep(model)

        # Nothing is chosen below this line: here, once, the test texts may be seen.
        scores = predict(model, x_test)
        given = (scores > 0.5).astype(int)
        padded = np.pad(x_test[:256], ((0, 0), (0, x_test.shape[1])))
        run.log(classification_report(test.targets, given, digits=3, zero_division=0))
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
