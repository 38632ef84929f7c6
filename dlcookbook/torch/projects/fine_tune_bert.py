# /// script
# dependencies = ["matplotlib", "scikit-learn", "torch>=2.6", "tqdm", "transformers>=5"]
# ///
"""Few labels: fine-tune a BERT from a folder, against the same from random weights."""

import argparse
import copy
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay
from torch import Tensor, nn
from tqdm import tqdm
from transformers import AutoTokenizer, BertConfig, BertModel, BertTokenizer

from dlcookbook.data.bert_folder import make_vocabulary, read_bert
from dlcookbook.data.docstrings import CLASSES, Part, load_docstrings_split
from dlcookbook.torch.losses.info_nce import info_nce_loss
from dlcookbook.torch.schedules.warmup_cosine import WarmupCosine
from dlcookbook.torch.steps.param_groups import param_groups
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

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
    options = {"padding": "max_length", "truncation": True, "max_length": LENGTH}
    return np.array(tokenizer([str(text) for text in texts], **options)["input_ids"])


class Classifier(nn.Module):
    """BERT, the mean of its vectors of the tokens that are there, one linear layer."""

    def __init__(self, body: BertModel, num_classes: int) -> None:
        super().__init__()
        linear = nn.Linear(body.config.hidden_size, num_classes)
        nn.init.normal_(linear.weight, std=0.02)
        nn.init.zeros_(linear.bias)
        self.body, self.head = body, nn.Sequential(nn.Dropout(0.1), linear)

    def features(self, tokens: Tensor) -> Tensor:
        """Return a vector for each text, shape (N, D); tokens, shape (N, T)."""
        there = tokens != 0
        hidden = self.body(tokens, attention_mask=there).last_hidden_state.float()
        # padding has vectors too, and a plain mean would be mostly of them
        return (hidden * there[..., None]).sum(1) / there.sum(1, keepdim=True)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits, shape (N, num_classes)."""
        return self.head(self.features(tokens))


class Pairs(Classifier):
    """The same, to be pre-trained: find the other view, half of the words, too."""

    def forward(self, tokens: Tensor) -> Tensor:
        """Return how hard the other view is to find among all others, shape (N,)."""
        both = torch.cat([tokens, tokens])
        gone = torch.rand(both.shape, device=both.device) < 0.5
        one, two = self.features(both.masked_fill(gone & (both > 4), 0)).chunk(2)
        return (info_nce_loss(one, two) + info_nce_loss(two, one)) / 2


def make_model(config: dict | None = None, num_classes: int = 8) -> Classifier:
    """Return an untrained classifier; `config` as in config.json, small by default.

    >>> sum(weight.numel() for weight in make_model().parameters())
    230792
    """
    body = BertModel(BertConfig(**(config or TINY)), add_pooling_layer=False)
    return Classifier(body, num_classes)


def train(
    run: Run, model: Classifier, stage: str, *rates: float, loss: Any, data: list
) -> dict[str, list[float]]:
    """Train body and head at a rate each; 0 leaves that part as it is."""
    groups, model = [], model.to(run.device)
    for part, rate in zip((model.body, model.head), rates, strict=True):
        part.requires_grad_(rate > 0)
        groups += param_groups(part, lr=rate, weight_decay=1e-2) if rate else []
    options = run.options(save_checkpoint, load_checkpoint, tqdm, stage)
    options |= {"stopping": EarlyStopping("val_loss", mode="min")} if data[1:] else {}
    options["epochs"] = run.epochs if data[1:] else min(run.epochs, 6)
    steps = options["epochs"] * len(data[0])
    optimizer = torch.optim.AdamW(groups, eps=1e-7)
    options["schedule"] = WarmupCosine(optimizer, steps, warmup_steps=steps // 10)
    return fit(run.parallel(model), loss, optimizer, *data, **options)


def make_checkpoint(run: Run, folder: Path) -> None:
    """Pre-train a tiny BERT on texts without labels; save it as others are saved."""
    few, _, _, texts = load_docstrings_split(run.seed)
    texts = np.concatenate([texts, few.texts])
    words = make_vocabulary(texts, TINY["vocab_size"])
    tokenizer = BertTokenizer(vocab={word: at for at, word in enumerate(words)})
    torch.manual_seed(run.seed)
    model = Pairs(make_model().body, 1)
    many = copy.copy(run)  # others to tell a text from, whatever --batch-size
    many.batch_size = 128
    tokens = encode(tokenizer, texts)
    batches = many.batches(tokens, np.zeros(len(tokens)), shuffle=True)
    take = lambda losses, _: losses  # noqa: E731  the model gives them itself
    train(run, model, "pretrain", 3e-3, 0.0, loss=take, data=[batches])
    if run.rank == 0:
        tokenizer.save_pretrained(folder)
        model.body.save_pretrained(folder)
    run.keep(model, "pretrained")  # the other processes wait for the first here


def predict(model: Classifier, tokens: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, num_classes), of tokens, shape (N, T)."""
    device = next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        parts = [model(x.to(device)) for x in torch.from_numpy(tokens).split(256)]
    return torch.cat(parts).softmax(1).cpu().numpy()


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
    out = "runs/fine_tune_bert_torch"
    with Run(parser, argv, out, epochs=20, batch_size=8) as run:
        data, folder = load_data(run.seed), run.args.checkpoint
        if folder is None:
            make_checkpoint(run, folder := run.out / "checkpoint")
        read_bert(folder)  # says what lacks, where transformers draws it at random
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        tokens = [encode(tokenizer, part.texts) for part in data]
        parts = [run.batches(tokens[0], data[0].labels, shuffle=True)]
        parts += [run.batches(tokens[1], data[1].labels)]
        tune = partial(train, run, loss=nn.CrossEntropyLoss(), data=parts)
        torch.manual_seed(run.seed)
        body = BertModel.from_pretrained(folder, add_pooling_layer=False)
        model = Classifier(body, len(CLASSES))
        scratch = make_model(body.config.to_dict())
        histories = {"from random weights": tune(scratch, "scratch", 1e-3, 1e-2)}
        histories["head alone"] = tune(model, "head", 0.0, 1e-2)
        frozen = copy.deepcopy(model)
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
