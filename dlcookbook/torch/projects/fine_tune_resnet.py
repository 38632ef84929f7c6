# /// script
# dependencies = ["matplotlib", "scikit-learn", "torch>=2.6", "tqdm", "transformers>=5"]
# ///
"""Few labels: fine-tune a ResNet from a folder, against one from random weights."""

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
from transformers import ResNetConfig, ResNetForImageClassification

from dlcookbook.data.few_digits import load_few_digits_split, load_other_digits_split
from dlcookbook.data.image_folder import Part, load_image_folder_split
from dlcookbook.data.resnet_folder import (
    Preprocessing,
    enlarge_images,
    prepare_images,
    read_preprocessing,
    read_resnet,
    write_preprocessing,
)
from dlcookbook.torch.layers.frozen_batch_norm import freeze_batch_norm
from dlcookbook.torch.schedules.warmup_cosine import WarmupCosine
from dlcookbook.torch.steps.param_groups import param_groups
from dlcookbook.torch.training.checkpoint import load_checkpoint, save_checkpoint
from dlcookbook.torch.training.early_stopping import EarlyStopping
from dlcookbook.torch.training.fit import fit
from dlcookbook.torch.training.run import Run

__all__ = ["draw", "load_data", "main", "make_checkpoint", "make_model", "turned"]

TINY: dict[str, Any] = {"embedding_size": 32, "hidden_sizes": [32, 64]}
TINY |= {"depths": [1, 1], "layer_type": "basic"}


def load_data(seed: int, folder: Any = None, size: int = 32) -> tuple[Part, ...]:
    """Return three parts: images, (N, size, size, 3), float32, and labels, (N,), int64.

    Ten images of each class for training: of the digits 5 to 9, or of `folder`.
    """
    if folder is not None:
        return load_image_folder_split(folder, seed, size=(size, size), per_class=10)
    parts = load_few_digits_split(seed)
    return tuple(Part(enlarge_images(images, size), labels) for images, labels in parts)


def turned(part: Part, given: Preprocessing) -> Part:
    """Return digits of 8 x 8 in four directions, each a class: 20 out of 5."""
    # what tells five classes apart is too little for five others
    images = [np.rot90(part.images, turns, (1, 2)) for turns in range(4)]
    labels = [part.labels + 5 * turns for turns in range(4)]
    large = enlarge_images(np.concatenate(images), given.read)
    return Part(large, np.concatenate(labels))


class Classifier(nn.Module):
    """ResNetForImageClassification, with pictures as arrays are, and logits alone."""

    def __init__(self, whole: ResNetForImageClassification) -> None:
        super().__init__()
        self.body, self.head = whole.resnet, whole.classifier
        linear: Any = self.head[1]
        # whatever the folder was trained for: the classes are others here
        nn.init.kaiming_uniform_(linear.weight, a=5**0.5)
        nn.init.zeros_(linear.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits, shape (N, num_classes), of images, shape (N, H, W, 3)."""
        return self.head(self.body(images.permute(0, 3, 1, 2)).pooler_output)


def make_model(config: dict | None = None, num_classes: int = 5) -> Classifier:
    """Return an untrained classifier; `config` as in config.json, small by default.

    >>> sum(weight.numel() for weight in make_model().parameters())
    81381
    """
    names = dict(enumerate(map(str, range(num_classes))))
    options = (config or TINY) | {"id2label": names, "label2id": None}
    return Classifier(ResNetForImageClassification(ResNetConfig(**options)))


def train(
    run: Run, model: Classifier, stage: str, rates: tuple, parts: Any, given: Any
) -> dict[str, list[float]]:
    """Train body and head at a rate each; 0 leaves that part as it is."""
    groups, model = [], model.to(run.device)
    for part, rate in zip((model.body, model.head), rates, strict=True):
        part.requires_grad_(rate > 0)
        groups += param_groups(part, lr=rate, weight_decay=1e-2) if rate else []
    data = [
        run.batches(prepare_images(images, given), labels, shuffle=not at)
        for at, (images, labels) in enumerate(parts)
    ]
    options = run.options(save_checkpoint, load_checkpoint, tqdm, stage)
    options["stopping"] = EarlyStopping("val_loss", mode="min")
    steps = run.epochs * len(data[0])
    optimizer = torch.optim.AdamW(groups, eps=1e-7)
    options["schedule"] = WarmupCosine(optimizer, steps, warmup_steps=steps // 10)
    loss = nn.CrossEntropyLoss()
    return fit(run.parallel(model), loss, optimizer, *data, **options)


def make_checkpoint(run: Run, folder: Path) -> None:
    """Pre-train a tiny ResNet on turned digits 0 to 4; save it as others are saved."""
    short, given = copy.copy(run), Preprocessing()
    short.epochs, short.batch_size = min(run.epochs, 10), 32
    parts = [turned(Part(*part), given) for part in load_other_digits_split(run.seed)]
    torch.manual_seed(run.seed)
    whole = ResNetForImageClassification(ResNetConfig(**(TINY | {"num_labels": 20})))
    model = Classifier(whole)
    train(short, model, "pretrain", (3e-3, 3e-3), parts, given)
    if run.rank == 0:
        whole.save_pretrained(folder)
        write_preprocessing(folder, given)
    run.keep(model, "pretrained")  # the other processes wait for the first here


def predict(model: Classifier, images: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (N, num_classes), of images, shape (N, H, W, 3)."""
    device = next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        parts = [model(x.to(device)) for x in torch.from_numpy(images).split(256)]
    return torch.cat(parts).softmax(1).cpu().numpy()


def draw(histories: dict, test: Part, p: np.ndarray, first: int) -> dict[str, Figure]:
    """Return the curves, and its surest mistakes; `first` is what label 0 is called."""
    curves = Figure(figsize=(10, 4.5), layout="constrained")
    left, right = curves.subplots(1, 2)
    for name, history in histories.items():
        left.plot(range(1, len(history["loss"]) + 1), history["val_loss"], label=name)
    left.set(xlabel="epoch", ylabel="cross-entropy of validation (nats)")
    left.legend()
    found, wrong = p.argmax(1), np.flatnonzero(p.argmax(1) != test.labels)
    show, labels = ConfusionMatrixDisplay.from_predictions, np.arange(p.shape[1])
    options = {"cmap": "Blues", "colorbar": False, "display_labels": labels + first}
    show(test.labels, found, labels=labels, ax=right, **options)
    errors = Figure(figsize=(9, 2), layout="constrained")
    surest = wrong[np.argsort(-p[wrong].max(1))]
    for axis, at in zip(errors.subplots(1, 6), surest, strict=False):
        step = -(-len(test.images[at]) // 48)  # a page needs no more pixels
        axis.imshow(test.images[at][::step, ::step], interpolation="nearest")
        axis.set_xlabel(f"{test.labels[at] + first}, not {found[at] + first}")
    for axis in errors.axes:
        axis.set(xticks=[], yticks=[], frame_on=False)
    return {"curves": curves, "errors": errors}


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Pre-train or take a folder, fine-tune, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="First: --epochs 1")
    text = "a folder as `hf download` makes it; without it, a tiny one is made"
    parser.add_argument("--checkpoint", type=Path, help=text)
    out, data = "runs/fine_tune_resnet_torch", "a folder of pictures for each class"
    with Run(parser, argv, out, epochs=25, batch_size=10, data=data) as run:
        folder = run.args.checkpoint
        if folder is None:
            make_checkpoint(run, folder := run.out / "checkpoint")
        read_resnet(folder)  # says what lacks, where transformers draws it at random
        given = read_preprocessing(folder)
        parts = load_data(run.seed, run.data, given.read)
        classes = int(parts[0].labels.max()) + 1
        tune = partial(train, run, parts=parts[:2], given=given)
        torch.manual_seed(run.seed)
        options: Any = {"num_labels": classes, "ignore_mismatched_sizes": True}
        load: Any = ResNetForImageClassification.from_pretrained
        model = Classifier(load(folder, local_files_only=True, **options))
        scratch = make_model(model.body.config.to_dict(), classes)
        freeze_batch_norm(model.body)
        histories = {"from random weights": tune(scratch, "scratch", (3e-3, 3e-3))}
        histories["head alone"] = tune(model, "head", (0.0, 1e-2))
        frozen = copy.deepcopy(model)
        histories["then all of it"] = history = tune(model, "all", (1e-3, 1e-2))
        run.keep(model)

        # Nothing is chosen below this line: here, once, the test part may be seen.
        models = {"": model, "_frozen": frozen, "_scratch": scratch}
        images = prepare_images(parts[2].images, given)
        found = {name: predict(each, images) for name, each in models.items()}
        results = {
            f"test_accuracy{name}": float((p.argmax(1) == parts[2].labels).mean())
            for name, p in found.items()
        }
        results["val_loss"] = min(history["val_loss"])
        figures = draw(histories, parts[2], found[""], 0 if run.data else 5)
        return run.finish(results, history, figures)


if __name__ == "__main__":
    main()
