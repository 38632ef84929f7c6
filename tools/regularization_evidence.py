"""Measure what each regularizer changes, on few digits, with seeds and intervals.

`python -m tools.regularization_evidence` writes
docs/evidence/regularization_effects.json in some minutes of one core.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FILE = (
    Path(__file__).resolve().parent.parent / "docs/evidence/regularization_effects.json"
)
SEEDS = range(10)
EXAMPLES, UNSEEN = 200, 1000
EPOCHS, BATCH, RATE = 40, 32, 3e-3
PATIENCE = 10
# Share of the training labels that are replaced by another class.
WRONG = 0.2
# Deviation of what is added to the pixels (0 to 1) of the third test.
BLUR = 0.3
# Of two classes one is rare: the digit 8, in so large a share.
RARE, SHARE, SEEN = 8, 0.02, 1000
STEPS = 400
# Student's t at 97.5 %, nine degrees of freedom.
T = 2.262

# What is given to `train`, by the name on the page.
METHODS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "weight decay 1": {"decay": 1.0},
    "weight decay 3": {"decay": 3.0},
    "L2 of 1e-3 in the loss": {"l2": 1e-3},
    "dropout 0.2": {"dropout": 0.2},
    "dropout 0.5": {"dropout": 0.5},
    "noise 0.3 on the inputs": {"noise": 0.3},
    "max-norm 1": {"norm": 1.0},
    "label smoothing 0.1": {"smoothing": 0.1},
    "early stopping": {"stops": True},
}
MEASURES = ("accuracy", "loss", "sureness", "blurred")


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return images, pixels from 0 to 1, and labels."""
    from sklearn.datasets import load_digits

    data = load_digits()
    return (data.data / 16).astype(np.float32), data.target.astype(np.int64)


def split(seed: int, wrong: float) -> dict[str, Any]:
    """Return training and test data; some labels of the first may be wrong."""
    import torch

    x, y = digits()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    train, test = order[:EXAMPLES], order[EXAMPLES : EXAMPLES + UNSEEN]
    labels = y[train].copy()
    changed = rng.random(EXAMPLES) < wrong
    labels[changed] = (labels[changed] + rng.integers(1, 10, changed.sum())) % 10
    blurred = x[test] + BLUR * rng.standard_normal(x[test].shape, np.float32)
    parts = (x[train], labels, x[test], y[test], blurred.astype(np.float32))
    names = ("x", "y", "x_test", "y_test", "x_blurred")
    return dict(zip(names, map(torch.tensor, parts), strict=True))


def network(dropout: float, noise: float) -> Any:
    """Return a network of two hidden layers."""
    from torch import nn

    from dlcookbook.torch.regularization.gaussian_noise import GaussianNoise

    return nn.Sequential(
        GaussianNoise(noise),
        *(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(dropout)),
        *(nn.Linear(128, 128), nn.ReLU(), nn.Dropout(dropout)),
        nn.Linear(128, 10),
    )


def evaluate(model: Any, x: Any, y: Any) -> tuple[float, float, float]:
    """Return accuracy, loss, and how much surer than right the model is."""
    import torch
    from torch.nn import functional as F

    model.eval()
    with torch.no_grad():
        logits = model(x)
    right = (logits.argmax(1) == y).double().mean().item()
    sure = logits.softmax(1).max(1).values.double().mean().item()
    return right, F.cross_entropy(logits, y).item(), sure - right


def train(
    data: dict[str, Any],
    seed: int,
    *,
    decay: float = 0.0,
    l2: float = 0.0,
    dropout: float = 0.0,
    noise: float = 0.0,
    norm: float = math.inf,
    smoothing: float = 0.0,
    stops: bool = False,
    watch: Callable[[tuple[float, float]], None] | None = None,
) -> dict[str, float]:
    """Train once and return what the model is worth on unseen digits."""
    import torch
    from torch.nn import functional as F

    from dlcookbook.torch.regularization.penalty import penalty

    torch.manual_seed(seed)
    model = network(dropout, noise)
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=decay)
    x, y = data["x"], data["y"]
    # what early stopping watches is taken from its own training data
    held = len(x) // 4 if stops else 0
    x_held, y_held, x, y = x[:held], y[:held], x[held:], y[held:]
    best, kept, since = math.inf, model.state_dict(), 0
    for _ in range(EPOCHS):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(x)).split(BATCH):
            loss = F.cross_entropy(model(x[batch]), y[batch], label_smoothing=smoothing)
            total += loss.item() * len(batch) / len(x)
            if l2:
                loss = loss + penalty(model, l2=l2)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if norm < math.inf:
                for weight in (p for p in model.parameters() if p.ndim > 1):
                    weight.data.renorm_(p=2, dim=0, maxnorm=norm)
        if watch:
            watch((total, evaluate(model, data["x_test"], data["y_test"])[1]))
        if stops:
            now = evaluate(model, x_held, y_held)[1]
            if now < best:
                best, since = now, 0
                kept = {k: v.clone() for k, v in model.state_dict().items()}
            else:
                since += 1
            if since == PATIENCE:
                break
    if stops:
        model.load_state_dict(kept)
    found = (
        *evaluate(model, data["x_test"], data["y_test"]),
        evaluate(model, data["x_blurred"], data["y_test"])[0],
    )
    return dict(zip(MEASURES, found, strict=True))


def interval(numbers: list[float]) -> list[float]:
    """Return a mean and half the width of its 95 % interval."""
    half = T * np.std(numbers, ddof=1) / math.sqrt(len(numbers))
    return [round(float(np.mean(numbers)), 4), round(float(half), 4)]


def effects(wrong: float) -> list[dict[str, Any]]:
    """Return each method's results, and what they differ from nothing by."""
    rows: list[dict[str, Any]] = []
    for name, options in METHODS.items():
        runs = [train(split(seed, wrong), seed, **options) for seed in SEEDS]
        base = runs if not rows else rows[0]["runs"]
        row: dict[str, Any] = {"method": name, "runs": runs}
        for measure in MEASURES:
            numbers = [run[measure] for run in runs]
            pairs = [
                run[measure] - b[measure] for run, b in zip(runs, base, strict=True)
            ]
            row[measure] = interval(numbers)[0]
            row[f"{measure}_change"] = interval(pairs)
        rows.append(row)
        print(wrong, {k: v for k, v in row.items() if k != "runs"}, flush=True)
    return [{k: v for k, v in row.items() if k != "runs"} for row in rows]


def curves() -> dict[str, Any]:
    """Return the losses after every epoch, wrong labels among the training ones."""
    seen: list[list[tuple[float, float]]] = []
    for seed in SEEDS:
        losses: list[tuple[float, float]] = []
        train(split(seed, WRONG), seed, watch=losses.append)
        seen.append(losses)
    mean = np.mean(seen, axis=0).round(4)
    return {"train": mean[:, 0].tolist(), "unseen": mean[:, 1].tolist()}


def rare(seed: int) -> dict[str, Any]:
    """Return data in which one class is rare."""
    import torch

    x, y = digits()
    rng = np.random.default_rng(seed)
    yes, no = (rng.permutation(np.flatnonzero((y == RARE) == flag)) for flag in (1, 0))
    count = round(SHARE * SEEN)
    train = np.concatenate([yes[:count], no[: SEEN - count]])
    test = np.concatenate([yes[count:], no[SEEN - count :]])
    label = (y == RARE).astype(np.int64)
    # the test has more of the rare class, which then weigh less
    weight = np.where(label[test], SHARE, 1 - SHARE) / np.where(
        label[test], label[test].mean(), 1 - label[test].mean()
    )
    return {
        "x": torch.tensor(x[train]),
        "y": torch.tensor(label[train]),
        "x_test": torch.tensor(x[test]),
        "y_test": label[test],
        "weight": weight,
    }


def train_rare(seed: int, method: str) -> dict[str, float]:
    """Train once, always for as many steps, and return what it is worth."""
    import torch
    from sklearn.metrics import average_precision_score, f1_score
    from torch import nn
    from torch.nn import functional as F

    from dlcookbook.torch.losses.focal import sigmoid_focal_loss
    from dlcookbook.torch.regularization.balanced_sampling import BalancedSampler

    data = rare(seed)
    x, y = data["x"], data["y"]
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.AdamW(model.parameters(), RATE)
    sampler: Any = None
    if method.startswith("sampling"):
        sampler = BalancedSampler(y, mode=method.removeprefix("sampling: "), seed=seed)
    ratio = torch.tensor((1 - SHARE) / SHARE)
    order: list[int] = []
    for _ in range(STEPS):
        if len(order) < BATCH:
            order += list(sampler) if sampler else torch.randperm(len(x)).tolist()
        batch, order = order[:BATCH], order[BATCH:]
        logits, labels = model(x[batch])[:, 0], y[batch].float()
        if method == "focal loss":
            loss = sigmoid_focal_loss(logits, labels, gamma=2.0).mean()
        else:
            weight = ratio if method == "class weights" else None
            loss = F.binary_cross_entropy_with_logits(logits, labels, pos_weight=weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        logits = model(data["x_test"])[:, 0].double()
    # all but the plain one were trained as if both classes were as frequent
    moved = logits - torch.log(ratio) * (method not in ("nothing", "focal loss"))
    truth, weight = data["y_test"], data["weight"]

    def log_loss(z: Any) -> float:
        each = F.binary_cross_entropy_with_logits(
            z, torch.tensor(truth).double(), reduction="none"
        )
        return float(np.average(each.numpy(), weights=weight))

    said = logits.sigmoid().numpy()
    return {
        "average_precision": average_precision_score(truth, said, sample_weight=weight),
        "f1": f1_score(truth, said > 0.5, sample_weight=weight, zero_division=0),
        "f1_moved": f1_score(
            truth, moved.numpy() > 0, sample_weight=weight, zero_division=0
        ),
        "said": float(np.average(said, weights=weight)),
        "said_corrected": float(np.average(moved.sigmoid().numpy(), weights=weight)),
        "loss": log_loss(logits),
        "loss_corrected": log_loss(moved),
    }


RARE_METHODS = (
    "nothing",
    "class weights",
    "focal loss",
    "sampling: over",
    "sampling: under",
    "sampling: same",
)


def rare_effects() -> list[dict[str, Any]]:
    """Return what helps where one class is rare."""
    rows: list[dict[str, Any]] = []
    for method in RARE_METHODS:
        runs = [train_rare(seed, method) for seed in SEEDS]
        base = rows[0]["runs"] if rows else runs
        row: dict[str, Any] = {"method": method, "runs": runs}
        for measure in runs[0]:
            row[measure] = interval([run[measure] for run in runs])
        row["average_precision_change"] = interval(
            [
                run["average_precision"] - b["average_precision"]
                for run, b in zip(runs, base, strict=True)
            ]
        )
        rows.append(row)
        print({k: v for k, v in row.items() if k != "runs"}, flush=True)
    return [{k: v for k, v in row.items() if k != "runs"} for row in rows]


def measure() -> dict[str, Any]:
    """Return everything that the page tells."""
    return {
        "examples": EXAMPLES,
        "unseen": UNSEEN,
        "seeds": len(SEEDS),
        "clean": effects(0.0),
        "wrong_labels": effects(WRONG),
        "curves": curves(),
        "rare": rare_effects(),
    }


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    text = json.dumps(measure(), indent=1)
    FILE.write_text(f"{text}\n", encoding="utf-8")
    print(f"wrote {FILE.name}")
