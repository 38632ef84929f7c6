"""Measure on small digits what each augmentation does to the accuracy.

`python -m tools.augmentation_evidence` writes docs/evidence/augmentation_effects.json.
Every variant sees the same images, starts, order and number of steps; what is told is
the difference to no augmentation of the same seed, with its interval of 95 %.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from torch import Tensor

from tools.places import ROOT

FILE = ROOT / "docs" / "evidence" / "augmentation_effects.json"
SIZES = (100, 1000)
SEEDS = tuple(range(6))
STEPS, BATCH = 250, 32
# Quantile of Student's t for 6 seeds.
T95 = 2.5706
Batch = tuple[Tensor, Tensor]


def moved(**ranges: Any) -> Callable[..., Batch]:
    """Return what moves the images of a batch, all ranges not given neutral."""
    from dlcookbook.torch.augmentation.random_affine import random_affine
    from dlcookbook.torch.augmentation.warp import warp_images

    still: dict[str, Any] = {"degrees": (0, 0), "scale": (1, 1), "shift": (0, 0)}

    def move(x: Tensor, y: Tensor, generator: Any) -> Batch:
        matrices = random_affine(len(x), (8, 8), generator, **still | ranges)
        return warp_images(x, matrices), y

    return move


@cache
def variants() -> dict[str, Callable[..., Batch]]:
    """Return what each variant does to a batch of images and soft labels."""
    from dlcookbook.torch.augmentation.cutmix import cutmix
    from dlcookbook.torch.augmentation.mixup import mixup
    from dlcookbook.torch.augmentation.random_erasing import random_erasing

    return {
        "none": lambda x, y, g: (x, y),
        "shift by up to a pixel": moved(shift=(-1 / 8, 1 / 8)),
        "rotate by up to 10 degrees": moved(degrees=(-10, 10)),
        "shift, rotate and scale": moved(
            shift=(-1 / 8, 1 / 8), degrees=(-10, 10), scale=(0.9, 1.1)
        ),
        "flip left to right": moved(flips=(0.5, 0.0)),
        "flip upside down": moved(flips=(0.0, 0.5)),
        "mixup, alpha 0.2": lambda x, y, g: mixup(x, y, g, alpha=0.2),
        "mixup, alpha 1": lambda x, y, g: mixup(x, y, g, alpha=1.0),
        "cutmix": lambda x, y, g: cutmix(x, y, g),
        "cutout (random erasing)": lambda x, y, g: (random_erasing(x, g), y),
    }


@cache
def data() -> Batch:
    """Return images in [0, 1] and labels."""
    import torch
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
    return x, torch.tensor(digits.target)


def accuracy(variant: str, count: int, seed: int) -> tuple[float, float]:
    """Train on `count` images; return the accuracy on the rest, and on it shifted."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    change = variants()[variant]
    x, y = data()
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    train, test = order[:count], order[count:]
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(512, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )
    optimizer = torch.optim.Adam(model.parameters(), 4e-3)
    batches = torch.Generator().manual_seed(seed)
    draws = torch.Generator().manual_seed(seed)
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = 4e-3 * (1 - step / STEPS)
        take = train[torch.randint(count, (BATCH,), generator=batches)]
        soft = nn.functional.one_hot(y[take], 10).float()
        images, soft = change(x[take], soft, draws)
        loss = nn.functional.cross_entropy(model(images), soft)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        found = []
        for images in (x[test], x[test].roll(1, dims=-1)):
            right = model(images).argmax(dim=1) == y[test]
            found.append(100 * right.double().mean().item())
    return found[0], found[1]


def measured() -> dict[str, Any]:
    """Return accuracies and differences of every variant and number of images."""
    told: dict[str, Any] = {"seeds": len(SEEDS), "steps": STEPS, "batch": BATCH}
    for count in SIZES:
        rows: dict[str, Any] = {}
        for variant in variants():
            found = np.array([accuracy(variant, count, seed) for seed in SEEDS])
            plain, shifted = found.T
            row: dict[str, Any] = {
                "accuracy": round(plain.mean(), 2),
                "shifted": round(shifted.mean(), 2),
                "seeds": plain.round(3).tolist(),
            }
            if variant != "none":
                apart = plain - np.array(rows["none"]["seeds"])
                half = T95 * apart.std(ddof=1) / len(apart) ** 0.5
                row["difference"] = round(apart.mean(), 2)
                row["interval"] = round(half, 2)
            rows[variant] = row
        told[str(count)] = rows
    return told


if __name__ == "__main__":
    FILE.write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")
