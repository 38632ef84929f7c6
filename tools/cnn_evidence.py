"""Train small CNNs on the digits, one guideline changed at a time; write what came out.

    python -m tools.cnn_evidence

Every number goes to docs/evidence/cnn_guidelines.json, with the versions, the seeds and
a hash of each source that it depends on: a test fails when one has changed since.
"""

from __future__ import annotations

import datetime
import json
import os
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from dlcookbook.data.digits import load_digits_split
from tools.evidence import difference, summary, versions
from tools.places import ROOT
from tools.project_evidence import code_hash

SEEDS = range(6)
FILE = ROOT / "docs" / "evidence" / "cnn_guidelines.json"
SOURCES = ("dlcookbook/data/digits.py", "tools/cnn_evidence.py", "tools/evidence.py")
# Gradients of the central output are averaged over so many random networks.
NETWORKS = 40


@dataclass(frozen=True)
class Net:
    """A small CNN and its training; the defaults are what the others are compared to.

    Attributes
    ----------
    widths : tuple of int
        Channels of each stage; the map halves between stages.
    convs, kernel : int
        Convolutions of a stage, and their size.
    padding : bool
        Keep the size of the map.
    order : str
        What follows a convolution: N is normalisation, A the activation, D dropout.
    activation : type
        Of the hidden layers.
    down : str
        What halves the map: max, average or stride.
    head : str
        average or flatten.
    dropout : float
        Before the classifier; within blocks where `order` has a D.
    scale : str
        What is done to pixels of 0 to 1.
    augment : str
        What is done to training images: shift, flip.
    lr, epochs, batch : float, int, int
        Peak of AdamW's learning rate; passes; images per step.
    images : int
        Training images, of 1,079; 0 for all.
    """

    widths: tuple[int, ...] = (16, 32)
    convs: int = 2
    kernel: int = 3
    padding: bool = True
    order: str = "NA"
    activation: type[nn.Module] = nn.ReLU
    down: str = "max"
    head: str = "average"
    dropout: float = 0.0
    scale: str = "unit"
    augment: str = ""
    lr: float = 3e-3
    epochs: int = 10
    batch: int = 64
    images: int = 0

    def build(self, size: int = 8) -> nn.Sequential:
        """Return the network for images of `size` by `size`."""
        parts: list[nn.Module] = []
        channels = 1
        for stage, width in enumerate(self.widths):
            for i in range(self.convs):
                step = 2 if self.down == "stride" and stage and not i else 1
                pad = self.kernel // 2 if self.padding else 0
                has_norm = "N" in self.order
                parts.append(
                    nn.Conv2d(
                        channels, width, self.kernel, step, pad, bias=not has_norm
                    )
                )
                follow = {
                    "N": nn.BatchNorm2d(width),
                    "A": self.activation(),
                    "D": nn.Dropout(self.dropout),
                }
                parts += [follow[letter] for letter in self.order]
                channels = width
            if self.down != "stride" and stage + 1 < len(self.widths):
                pools = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}
                parts.append(pools[self.down](2))
        if self.head == "average":
            parts.append(nn.AdaptiveAvgPool2d(1))
        parts.append(nn.Flatten())
        if self.dropout and "D" not in self.order:
            parts.append(nn.Dropout(self.dropout))
        body = nn.Sequential(*parts).eval()
        with torch.no_grad():
            features = body(torch.zeros(1, 1, size, size)).shape[1]
        return nn.Sequential(*parts, nn.Linear(features, 10))

    def prepared(self, images: np.ndarray) -> Tensor:
        """Return pixels as the network gets them."""
        x = torch.from_numpy(images)[:, None]
        if self.scale == "raw":
            return 16 * x
        if self.scale == "bytes":
            return 255 * x
        if self.scale == "standard":
            # mean and deviation of all digits, rounded
            return (x - 0.305) / 0.376
        return x

    def augmented(self, x: Tensor) -> Tensor:
        """Return a batch as training sees it."""
        if self.augment == "shift":
            return torch.stack([moved(image, *step()) for image in x])
        if self.augment == "flip":
            return torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(-1), x)
        return x


def step() -> tuple[int, int]:
    """Return a random shift of at most a pixel."""
    down, right = torch.randint(-1, 2, (2,)).tolist()
    return down, right


def moved(x: Tensor, down: int, right: int) -> Tensor:
    """Shift images; what comes in is paper."""
    rows, columns = x.shape[-2:]
    padded = nn.functional.pad(x, (2, 2, 2, 2), value=float(x.min()))
    return padded[..., 2 - down : 2 - down + rows, 2 - right : 2 - right + columns]


BASE = Net()
# What each guideline is tested with. Names are shown on the page.
VARIANTS: dict[str, dict[str, Net]] = {
    "order": {
        "conv, norm, ReLU": BASE,
        "conv, ReLU, norm": replace(BASE, order="AN"),
        "no norm": replace(BASE, order="A"),
        "no norm, lr 0.01": replace(BASE, order="A", lr=1e-2),
    },
    "dropout": {
        "none": BASE,
        "0.3 before the classifier": replace(BASE, dropout=0.3),
        "0.3 in every block, after the norm": replace(BASE, order="NAD", dropout=0.3),
        "0.3 in every block, before the norm": replace(BASE, order="DNA", dropout=0.3),
    },
    "head": {
        "global average": BASE,
        "flatten": replace(BASE, head="flatten"),
    },
    "kernel": {
        "3x3 twice": BASE,
        "5x5 once": replace(BASE, kernel=5, convs=1),
        "3x3 once": replace(BASE, convs=1),
        "1x1 twice": replace(BASE, kernel=1),
    },
    "downsampling": {
        "max pooling": BASE,
        "average pooling": replace(BASE, down="average"),
        "stride 2": replace(BASE, down="stride"),
    },
    "width": {
        "16, 32 (doubles)": BASE,
        "25, 25 (stays)": replace(BASE, widths=(25, 25)),
        "32, 16 (halves)": replace(BASE, widths=(32, 16)),
        "8, 16": replace(BASE, widths=(8, 16)),
        "32, 64": replace(BASE, widths=(32, 64)),
    },
    "depth": {
        "2 per stage": BASE,
        "1 per stage": replace(BASE, convs=1),
        "4 per stage": replace(BASE, convs=4),
        "8 per stage": replace(BASE, convs=8),
        "8 per stage, no norm": replace(BASE, convs=8, order="A"),
    },
    "padding": {
        "padded": BASE,
        "not padded": replace(BASE, convs=1, padding=False),
        "padded, as deep": replace(BASE, convs=1),
    },
    "activation": {
        "ReLU": BASE,
        "SiLU": replace(BASE, activation=nn.SiLU),
        "GELU": replace(BASE, activation=nn.GELU),
        "sigmoid": replace(BASE, activation=nn.Sigmoid),
    },
    "scale": {
        "0 to 1": BASE,
        "standardised": replace(BASE, scale="standard"),
        "0 to 255": replace(BASE, scale="bytes"),
        "0 to 1, no norm": replace(BASE, order="A"),
        "0 to 255, no norm": replace(BASE, order="A", scale="bytes"),
    },
    "augmentation": {
        "none": BASE,
        "shift by a pixel": replace(BASE, augment="shift"),
        "mirror": replace(BASE, augment="flip"),
        "none, 100 images": replace(BASE, images=100, epochs=85),
        "shift by a pixel, 100 images": replace(
            BASE, images=100, epochs=85, augment="shift"
        ),
    },
    "batch": {
        "64": BASE,
        "16": replace(BASE, batch=16),
        "512": replace(BASE, batch=512),
        "512, lr 0.01": replace(BASE, batch=512, lr=1e-2),
        "512, as many steps": replace(BASE, batch=512, epochs=57),
    },
    "learning-rate": {
        "0.003": BASE,
        "0.0001": replace(BASE, lr=1e-4),
        "0.001": replace(BASE, lr=1e-3),
        "0.01": replace(BASE, lr=1e-2),
        "0.1": replace(BASE, lr=1e-1),
    },
    "epochs": {
        "10": BASE,
        "2": replace(BASE, epochs=2),
        "5": replace(BASE, epochs=5),
        "40": replace(BASE, epochs=40),
    },
}

Run = dict[str, Any]


def sources() -> dict[str, str]:
    """Return a hash of each file that the numbers depend on, by its path."""
    return {path: code_hash((ROOT / path).read_text("utf-8")) for path in SOURCES}


def accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    """Return the share of images that are read right."""
    model.eval()
    with torch.inference_mode():
        return float((model(x).argmax(1) == y).double().mean())


def train(net: Net, seed: int) -> Run:
    """Train a network once and return what it gets right.

    Nothing is chosen by a score here, so the validation part tests as well.

    Parameters
    ----------
    net : Net
        What to train, and how.
    seed : int
        Of the split, the weights and the order of the images.

    Returns
    -------
    dict
        Shares of test images read right as they are, and moved by a pixel in each of
        four directions; of training images; wrong test images.
    """
    learn, check, test = load_digits_split(seed)
    size = net.images or len(learn.labels)
    x, y = net.prepared(learn.images[:size]), torch.from_numpy(learn.labels[:size])
    x_test = torch.cat([net.prepared(part.images) for part in (check, test)])
    y_test = torch.from_numpy(np.concatenate([check.labels, test.labels]))
    torch.manual_seed(seed)
    model = net.build()
    optimizer = torch.optim.AdamW(model.parameters(), net.lr, weight_decay=1e-2)
    steps = net.epochs * -(-len(x) // net.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(net.epochs):
        model.train()
        for i in torch.randperm(len(x)).split(net.batch):
            loss = nn.functional.cross_entropy(model(net.augmented(x[i])), y[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    directions = ((1, 0), (-1, 0), (0, 1), (0, -1))
    scores = [accuracy(model, moved(x_test, *d), y_test) for d in directions]
    right = accuracy(model, x_test, y_test)
    return {
        "seed": seed,
        "test_accuracy": right,
        "test_errors": round((1 - right) * len(y_test)),
        "shifted_accuracy": float(np.mean(scores)),
        "train_accuracy": accuracy(model, x, y),
    }


def shifted(runs: list[Run]) -> list[Run]:
    """Return the runs with the score of the moved images for that of the others."""
    return [run | {"test_accuracy": run["shifted_accuracy"]} for run in runs]


def size_of(net: Net) -> dict[str, int]:
    """Return parameters, and multiply-adds for one image, as PyTorch counts them."""
    model = net.build().eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(1, 1, 8, 8))
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "multiply_adds": counter.get_total_flops() // 2,
    }


@dataclass(frozen=True)
class Stack:
    """Convolutions whose field is measured.

    Attributes
    ----------
    convs : int
        How many, 3x3.
    residual : bool
        Each one adds its input to its output.
    relu : bool
        Each is followed by a ReLU.
    pool_after : tuple of int
        Maximum pooling 2x2 after these convolutions.
    """

    convs: int
    residual: bool = False
    relu: bool = True
    pool_after: tuple[int, ...] = ()

    def run(self, x: Tensor, weights: list[Tensor]) -> Tensor:
        """Return the last map."""
        for i, weight in enumerate(weights, 1):
            y = nn.functional.conv2d(x, weight, padding=1)
            y = nn.functional.relu(y) if self.relu else y
            x = x + y if self.residual and x.shape == y.shape else y
            if i in self.pool_after:
                x = nn.functional.max_pool2d(x, 2)
        return x


STACKS = {
    "linear": Stack(10, relu=False),
    "relu": Stack(10),
    "residual": Stack(10, residual=True),
    "pooled": Stack(6, pool_after=(2, 4)),
}


def field_of(stack: Stack, size: int = 33, channels: int = 16) -> Run:
    """Return how strongly the central output hangs on each column of the input.

    Parameters
    ----------
    stack : Stack
        The convolutions, with random weights of He's variance.
    size, channels : int
        Of the image; of every map but the image.

    Returns
    -------
    dict
        `profile`, shape (size,): root mean square of the gradient over rows, networks
        and random images, its largest 1. `within`: share of the squared gradient in
        the middle half of the columns that have any.
    """
    torch.manual_seed(0)
    total = torch.zeros(size, dtype=torch.float64)
    for _ in range(NETWORKS):
        sizes = [1] + [channels] * stack.convs
        weights = [
            torch.randn(b, a, 3, 3, dtype=torch.float64) * (2 / (9 * a)) ** 0.5
            for a, b in pairwise(sizes)
        ]
        x = torch.randn(4, 1, size, size, dtype=torch.float64, requires_grad=True)
        y = stack.run(x, weights)
        centre = y[..., y.shape[-2] // 2, y.shape[-1] // 2]
        signs = torch.randn(centre.shape, dtype=torch.float64)
        (gradient,) = torch.autograd.grad((centre * signs).sum(), x)
        total += gradient.square().sum((0, 1, 2))
    seen = total.nonzero().flatten()
    first, last = int(seen[0]), int(seen[-1])
    width = last - first + 1
    quarter = width // 4
    middle = total[first + quarter : last + 1 - quarter]
    profile = (total / total.max()).sqrt()
    return {
        "width": width,
        "middle": len(middle),
        "within": float(middle.sum() / total.sum()),
        "profile": [round(float(p), 4) for p in profile],
    }


def main() -> None:
    """Run everything and write the file."""
    torch.set_num_threads(1)
    before, start = sources(), time.process_time()
    nets = {net for variants in VARIANTS.values() for net in variants.values()}
    runs: dict[Net, list[Run]] = {}
    for net in sorted(nets, key=repr):
        runs[net] = [train(net, seed) for seed in SEEDS]
        print(f"{summary(runs[net])['mean']:.2f} %", net, flush=True)
    if sources() != before:
        raise SystemExit("a source changed while it ran; run it again")
    learn, *rest = load_digits_split(0)
    tested = sum(len(part.labels) for part in rest)
    guidelines: dict[str, list[Run]] = {}
    for name, variants in VARIANTS.items():
        first = runs[next(iter(variants.values()))]
        for title, net in variants.items():
            found, held_out = runs[net], tested / (net.images or len(learn.labels))
            moved_runs, moved_first = shifted(found), shifted(first)
            guidelines.setdefault(name, []).append(
                {
                    "variant": title,
                    **size_of(net),
                    "accuracy": summary(found),
                    "shifted": summary(moved_runs)["mean"],
                    "train": 100
                    * float(np.mean([r["train_accuracy"] for r in runs[net]])),
                    "gain": difference(found, first, held_out),
                    "gain_shifted": difference(moved_runs, moved_first, held_out),
                }
            )
    results = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "cpu_seconds": round(time.process_time() - start),
        "versions": versions(),
        "sources": before,
        "seeds": list(SEEDS),
        "images": [len(learn.labels), tested],
        "guidelines": guidelines,
        "fields": {name: field_of(stack) for name, stack in STACKS.items()},
    }
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(results, indent=1) + "\n")
    print(f"wrote {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
