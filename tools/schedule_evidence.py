"""Measure what a schedule is worth on small digits, with seeds and intervals.

`python -m tools.schedule_evidence` writes docs/evidence/schedules_rates.json.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dlcookbook.reference.schedules.exponential import exponential
from dlcookbook.reference.schedules.inverse_sqrt import inverse_sqrt
from dlcookbook.reference.schedules.one_cycle import one_cycle
from dlcookbook.reference.schedules.polynomial import polynomial
from dlcookbook.reference.schedules.step_decay import multi_step_decay
from dlcookbook.reference.schedules.warmup_constant import warmup_constant
from dlcookbook.reference.schedules.warmup_cosine import warmup_cosine
from dlcookbook.reference.schedules.warmup_stable_decay import warmup_stable_decay

FILE = Path(__file__).resolve().parent.parent / "docs/evidence/schedules_rates.json"
BATCH, TRAIN, HIDDEN = 64, 1400, 64
SEEDS = 16
EPOCHS = (3, 15)
STEP = 10**0.5
# The middle of five rates, a factor of about 3 apart.
MIDDLES = {"momentum": 0.1, "adamw": 0.01}
SIDE = 2
# Two-sided 95 % of Student's t with 15 degrees of freedom.
STUDENT = 2.131


def plans(steps: int) -> dict[str, Callable[..., np.ndarray]]:
    """Return every schedule for a training of that many steps, a tenth of it climb."""
    tenth, t = steps // 10, np.arange(steps)
    return {
        "constant": lambda lr: np.full(steps, lr),
        "warmup-constant": lambda lr: warmup_constant(t, lr=lr, warmup_steps=tenth),
        "cosine": lambda lr: warmup_cosine(t, lr=lr, steps=steps),
        "warmup-cosine": lambda lr: warmup_cosine(
            t, lr=lr, steps=steps, warmup_steps=tenth
        ),
        "warmup-stable-decay": lambda lr: warmup_stable_decay(
            t, lr=lr, steps=steps, warmup_steps=tenth, decay_steps=2 * tenth
        ),
        "one-cycle": lambda lr: one_cycle(t, lr=lr, steps=steps),
        "multi-step": lambda lr: multi_step_decay(
            t, lr=lr, milestones=[steps // 2, 3 * steps // 4]
        ),
        "exponential": lambda lr: exponential(t, lr=lr, factor=0.01, every=steps),
        "linear": lambda lr: polynomial(t, lr=lr, steps=steps),
        "inverse-sqrt": lambda lr: inverse_sqrt(t, lr=lr, warmup_steps=tenth),
    }


@cache
def data() -> tuple[Any, Any]:
    """Return images and labels, in an order of their own."""
    import torch
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.data))
    x = torch.tensor(digits.data[order], dtype=torch.float32) / 16
    return x, torch.tensor(digits.target[order])


def accuracy(name: str, rates: np.ndarray, seeds: int = SEEDS) -> np.ndarray:
    """Train one network for each seed, all at once, and return what each can tell.

    The networks share nothing but the rates: their losses are added, and both
    optimizers treat every weight alone.
    """
    import torch
    from torch.nn import functional as F

    x, y = data()
    generator = torch.Generator().manual_seed(0)

    def uniform(fan_in: int, *shape: int) -> Any:
        drawn = torch.rand(seeds, *shape, generator=generator)
        return ((2 * drawn - 1) / fan_in**0.5).requires_grad_()

    weights = [
        uniform(64, 64, HIDDEN),
        uniform(64, 1, HIDDEN),
        uniform(HIDDEN, HIDDEN, 10),
        uniform(HIDDEN, 1, 10),
    ]

    def outputs(images: Any) -> Any:
        hidden = torch.relu(images @ weights[0] + weights[1])
        return hidden @ weights[2] + weights[3]

    optimizer: Any = (
        torch.optim.SGD(weights, lr=1.0, momentum=0.9)
        if name == "momentum"
        else torch.optim.AdamW(weights, lr=1.0)
    )
    per_epoch = TRAIN // BATCH
    for t, rate in enumerate(rates):
        if t % per_epoch == 0:
            orders = torch.stack(
                [torch.randperm(TRAIN, generator=generator) for _ in range(seeds)]
            )
        at = t % per_epoch * BATCH
        batch = orders[:, at : at + BATCH]
        optimizer.param_groups[0]["lr"] = float(rate)
        optimizer.zero_grad()
        loss = F.cross_entropy(
            outputs(x[batch]).flatten(0, 1), y[batch].flatten(), reduction="sum"
        )
        (loss / BATCH).backward()
        optimizer.step()
    with torch.no_grad():
        told = outputs(x[TRAIN:]).argmax(-1)
    return (told == y[TRAIN:]).double().mean(1).numpy()


def rates_of(name: str) -> list[float]:
    """Return the rates that an optimizer is tried at."""
    return [MIDDLES[name] * STEP**i for i in range(-SIDE, SIDE + 1)]


def interval(differences: np.ndarray) -> list[float]:
    """Return a mean and the half width of its 95 % interval."""
    width = STUDENT * differences.std(ddof=1) / len(differences) ** 0.5
    return [round(float(number), 4) for number in (differences.mean(), width)]


def schedules() -> list[dict[str, Any]]:
    """Return what each schedule ends at, for each optimizer, length and rate."""
    found = []
    for name in MIDDLES:
        for epochs in EPOCHS:
            steps = epochs * (TRAIN // BATCH)
            made = {
                plan: [accuracy(name, rates(lr)) for lr in rates_of(name)]
                for plan, rates in plans(steps).items()
            }
            means = {plan: [a.mean() for a in told] for plan, told in made.items()}
            base = made["constant"][int(np.argmax(means["constant"]))]
            for plan, told in made.items():
                at = int(np.argmax(means[plan]))
                without = {"warmup-constant": "constant", "warmup-cosine": "cosine"}
                row = {
                    "optimizer": name,
                    "epochs": epochs,
                    "schedule": plan,
                    "accuracy": [round(float(mean), 4) for mean in means[plan]],
                    "best": at,
                    "gain": interval(told[at] - base),
                }
                if plan in without:
                    row["warmup"] = [
                        interval(a - b)
                        for a, b in zip(told, made[without[plan]], strict=True)
                    ]
                found.append(row)
                print(name, epochs, plan, row["accuracy"], row["gain"], flush=True)
    return found


def range_tests() -> list[dict[str, Any]]:
    """Return what the range test suggests to each optimizer, and how that ends."""
    import torch
    from torch import nn

    from dlcookbook.torch.schedules.range_test import range_test
    from tools import optimizer_rates

    x, y, order = optimizer_rates.data()
    measured = json.loads(optimizer_rates.FILE.read_text(encoding="utf-8"))
    found = []
    for slug, make in optimizer_rates.makers().items():
        suggestions, ends = [], []
        for seed in optimizer_rates.SEEDS:
            torch.manual_seed(seed)
            model = nn.Sequential(nn.Linear(64, HIDDEN), nn.ReLU(), nn.Linear(64, 10))
            batches = order[:TRAIN][torch.randperm(TRAIN)].split(BATCH)
            told = range_test(
                model,
                make(model.parameters(), lr=1.0),
                batches,
                lambda model, b: nn.functional.cross_entropy(model(x[b]), y[b]),
                lr=1e-5,
                end_lr=100.0,
            )
            suggestions.append(told["suggestion"])
            ends.append(optimizer_rates.accuracy(make, told["suggestion"], seed))
        at = int(np.argmax(measured[slug]["accuracy"]))
        row = {
            "optimizer": slug,
            "suggestion": float(f"{np.median(suggestions):.2g}"),
            "accuracy": round(float(np.mean(ends)), 4),
            "best_rate": measured[slug]["rates"][at],
            "best_accuracy": measured[slug]["accuracy"][at],
        }
        found.append(row)
        print(row, flush=True)
    return found


def sweep_curve() -> dict[str, list[float]]:
    """Return the curve that the page shows: SGD with momentum, from one start."""
    import torch
    from torch import nn

    from dlcookbook.torch.schedules.range_test import range_test

    x, y = data()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, HIDDEN), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9)
    told = range_test(
        model,
        optimizer,
        torch.randperm(TRAIN).split(BATCH),
        lambda model, b: nn.functional.cross_entropy(model(x[b]), y[b]),
        lr=1e-5,
    )
    names = ("rates", "losses", "smooth")
    return {n: [float(f"{v:.4g}") for v in told[n]] for n in names}


def measure() -> dict[str, Any]:
    """Return all of it."""
    return {
        "seeds": SEEDS,
        "rates": {n: [float(f"{r:.2g}") for r in rates_of(n)] for n in MIDDLES},
        "schedules": schedules(),
        "range_test": range_tests(),
        "curve": sweep_curve(),
    }


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    text = json.dumps(measure(), indent=1)
    FILE.write_text(f"{text}\n", encoding="utf-8")
    print(f"wrote {FILE.name}")
