"""Measure how much an optimizer forgives a wrong learning rate, on small digits.

`python -m tools.optimizer_rates` writes docs/evidence/optimizers_rates.json.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).resolve().parent.parent / "docs/evidence/optimizers_rates.json"
STEP = 10**0.5
# An optimizer and the middle of its nine rates, a factor of about 3 apart.
MIDDLES = {
    "sgd": 1.0,
    "momentum": 0.1,
    "nesterov": 0.1,
    "adagrad": 0.1,
    "rmsprop": 0.003,
    "adadelta": 3.0,
    "adam": 0.01,
    "adamw": 0.01,
    "nadam": 0.01,
    "radam": 0.03,
    "adamax": 0.01,
    "adabelief": 0.01,
    "lamb": 0.01,
    "lion": 0.001,
    "schedule-free": 0.01,
}
SIDE = 4
EPOCHS, BATCH = 10, 64
SEEDS = (0, 1, 2)


def makers() -> dict[str, Callable[..., Any]]:
    """Return what makes each optimizer from weights and a rate."""
    from torch import optim

    from dlcookbook.torch.optimizers.adabelief import AdaBelief
    from dlcookbook.torch.optimizers.lamb import Lamb
    from dlcookbook.torch.optimizers.lion import Lion
    from dlcookbook.torch.optimizers.schedule_free import ScheduleFreeAdamW

    return {
        "sgd": optim.SGD,
        "momentum": lambda p, lr: optim.SGD(p, lr, momentum=0.9),
        "nesterov": lambda p, lr: optim.SGD(p, lr, momentum=0.9, nesterov=True),
        "adagrad": optim.Adagrad,
        "rmsprop": optim.RMSprop,
        "adadelta": optim.Adadelta,
        "adam": optim.Adam,
        "adamw": optim.AdamW,
        "nadam": optim.NAdam,
        "radam": optim.RAdam,
        "adamax": optim.Adamax,
        "adabelief": AdaBelief,
        "lamb": Lamb,
        "lion": Lion,
        "schedule-free": ScheduleFreeAdamW,
    }


@cache
def data() -> tuple[Any, Any, Any]:
    """Return images, labels and an order of them."""
    import torch
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = torch.tensor(digits.data, dtype=torch.float32) / 16
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    return x, torch.tensor(digits.target), order


def accuracy(make: Callable[..., Any], rate: float, seed: int) -> float:
    """Train once and return the share of unseen digits that are told."""
    import torch
    from torch import nn

    x, y, order = data()
    train, test = order[:1400], order[1400:]
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = make(model.parameters(), lr=rate)
    for _ in range(EPOCHS):
        for batch in train[torch.randperm(len(train))].split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
    if hasattr(optimizer, "eval"):
        optimizer.eval()
    with torch.no_grad():
        return (model(x[test]).argmax(1) == y[test]).double().mean().item()


def measure() -> dict[str, Any]:
    """Return every optimizer's rates and their mean accuracies."""
    found: dict[str, Any] = {}
    for slug, make in makers().items():
        rates = [MIDDLES[slug] * STEP**i for i in range(-SIDE, SIDE + 1)]
        means = [np.mean([accuracy(make, r, s) for s in SEEDS]) for r in rates]
        found[slug] = {
            "rates": [float(f"{rate:.2g}") for rate in rates],
            "accuracy": [round(float(mean), 4) for mean in means],
        }
        print(slug, found[slug], flush=True)
    return found


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    text = json.dumps(measure(), indent=1)
    FILE.write_text(f"{text}\n", encoding="utf-8")
    print(f"wrote {FILE.name}")
