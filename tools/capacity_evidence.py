"""Measure what width, depth and examples are worth, on digits, with intervals.

`python -m tools.capacity_evidence` writes docs/evidence/capacity.json in some minutes
of one core.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).resolve().parent.parent / "docs/evidence/capacity.json"
SEEDS = range(8)
UNSEEN, FEW = 500, 200
WIDTHS = (1, 2, 4, 8, 16, 64, 256, 1024)
DEPTHS = (0, 1, 2, 4, 8)
COUNTS = (25, 50, 100, 200, 400, 800, 1200)
# Share of the training labels that are replaced by another class.
WRONG = 0.2
STEPS, RATE = 600, 3e-3
# Student's t at 97.5 %, seven degrees of freedom.
T = 2.365


def digits(seed: int, count: int, wrong: float) -> tuple[Any, Any, Any, Any]:
    """Return training and test data; some labels of the first may be wrong."""
    import torch
    from sklearn.datasets import load_digits

    data = load_digits()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(data.target))
    test, train = order[:UNSEEN], order[UNSEEN : UNSEEN + count]
    labels = data.target[train].copy()
    changed = rng.random(count) < wrong
    labels[changed] = (labels[changed] + rng.integers(1, 10, changed.sum())) % 10
    parts = data.data[train] / 16, labels, data.data[test] / 16, data.target[test]
    x, y, x_test, y_test = map(torch.tensor, parts)
    return x.float(), y, x_test.float(), y_test


def run(seed: int, *, width: int, depth: int, count: int, wrong: float) -> Any:
    """Train a network with all examples at each step; return its two accuracies."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    x, y, x_test, y_test = digits(seed, count, wrong)
    torch.manual_seed(seed)
    sizes = [64, *[width] * depth]
    hidden = [
        layer
        for given, made in pairwise(sizes)
        for layer in (nn.Linear(given, made), nn.ReLU())
    ]
    model = nn.Sequential(*hidden, nn.Linear(sizes[-1], 10))
    optimizer = torch.optim.Adam(model.parameters(), RATE)
    for _ in range(STEPS):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        right = [model(a).argmax(1) == b for a, b in ((x, y), (x_test, y_test))]
    size = sum(weight.numel() for weight in model.parameters())
    return [100 * r.double().mean().item() for r in right], size


def row(**options: Any) -> dict[str, Any]:
    """Return mean and interval of both accuracies over the seeds."""
    runs = [run(seed, **options) for seed in SEEDS]
    scores = np.array([scores for scores, _ in runs])
    half = T * scores.std(axis=0, ddof=1) / len(scores) ** 0.5
    (train, test), (train_half, test_half) = scores.mean(0), half
    found = {"train": train, "train_half": train_half, "test": test}
    rounded = {k: round(float(v), 2) for k, v in found.items()}
    each = [round(float(score), 1) for score in scores[:, 1]]
    size = runs[0][1]
    return (
        options
        | rounded
        | {
            "test_half": round(float(test_half), 2),
            "parameters": size,
            "seeds": each,
        }
    )


def main() -> None:
    """Measure and write."""
    import torch

    torch.set_num_threads(1)
    found: dict[str, Any] = {"unseen": UNSEEN, "steps": STEPS, "wrong": WRONG}
    found["widths"] = [
        row(width=width, depth=1, count=FEW, wrong=wrong)
        for wrong in (0.0, WRONG)
        for width in WIDTHS
    ]
    found["depths"] = [row(width=64, depth=d, count=FEW, wrong=0.0) for d in DEPTHS]
    found["examples"] = [row(width=64, depth=1, count=c, wrong=0.0) for c in COUNTS]
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
