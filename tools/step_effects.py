"""Measure on small digits whether averaging, clipping and sparing biases help.

`python -m tools.step_effects` writes docs/evidence/steps_effects.json: each claim is a
difference of test accuracy between pairs of trainings that share their seed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).resolve().parent.parent / "docs/evidence/steps_effects.json"
SEEDS = range(10)
EPOCHS, BATCH, TRAIN = 12, 32, 600
# Student's t for 9 degrees of freedom, both tails of 5 %.
T = 2.262
# A difference below this, in points of accuracy, is not worth a line of code.
WORTH = 0.3


@cache
def data() -> tuple[Any, Any, Any]:
    """Return images, labels and an order of them."""
    import torch
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = torch.tensor(digits.data, dtype=torch.float32) / 16
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    return x, torch.tensor(digits.target), order


def mlp(norm: str = "") -> Any:
    """Return a network of one hidden layer, with a normalisation or without."""
    from torch import nn

    norms: dict[str, list[Any]] = {
        "layer": [nn.LayerNorm(64)],
        "batch": [nn.BatchNorm1d(64)],
        "": [],
    }
    return nn.Sequential(nn.Linear(64, 64), *norms[norm], nn.ReLU(), nn.Linear(64, 10))


def rnn() -> Any:
    """Return a network that reads an image row by row, from large weights."""
    import torch
    from torch import nn

    class Reader(nn.Module):
        cell: Any
        head: Any

        def __init__(self) -> None:
            super().__init__()
            self.cell, self.head = nn.RNN(8, 64, batch_first=True), nn.Linear(64, 10)
            with torch.no_grad():
                self.cell.weight_hh_l0.mul_(3)

        def forward(self, x: Any) -> Any:
            return self.head(self.cell(x.view(-1, 8, 8))[0][:, -1])

    return Reader()


def right(model: Any) -> float:
    """Return the share of unseen digits that are told, in percent."""
    import torch

    x, y, order = data()
    test = order[TRAIN:]
    model.eval()
    with torch.no_grad():
        found = model(x[test]).argmax(1) == y[test]
    model.train()
    return 100 * found.double().mean().item()


def train(
    seed: int,
    make: Callable[[], Any],
    optimizer: Callable[[Any], Any],
    *,
    before_step: Callable[[Any], Any] = lambda model: None,
    after_step: Callable[[Any], Any] = lambda model: None,
    is_cosine: bool = False,
    setup: Callable[[Any], Any] = lambda model: None,
) -> Any:
    """Train once and return the model."""
    import torch
    from torch import nn

    x, y, order = data()
    torch.manual_seed(seed)
    model = make()
    setup(model)
    steps = optimizer(model)
    total = EPOCHS * -(-TRAIN // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(steps, total)
    for _ in range(EPOCHS):
        for batch in order[:TRAIN][torch.randperm(TRAIN)].split(BATCH):
            steps.zero_grad()
            nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
            before_step(model)
            steps.step()
            after_step(model)
            if is_cosine:
                schedule.step()
    return model


def sgd(rate: float) -> Callable[[Any], Any]:
    """Return what makes SGD with momentum for a model."""
    import torch

    return lambda model: torch.optim.SGD(model.parameters(), rate, momentum=0.9)


def averaged(
    seed: int, rate: float, *, is_cosine: bool = False, norm: str = ""
) -> list[float]:
    """Return the accuracy of the weights and of averages of them, from one training."""
    import torch
    from torch.optim.swa_utils import AveragedModel, update_bn

    from dlcookbook.torch.steps.ema import EMA

    decay, kept = 0.99, dict[str, Any](steps=0)
    start = EPOCHS * -(-TRAIN // BATCH) * 3 // 4

    def setup(model: Any) -> None:
        kept["ema"] = EMA(model, decay)
        kept["all"] = EMA(model, decay, average_buffers=True)
        kept["swa"] = AveragedModel(model)

    def after(model: Any) -> None:
        kept["ema"].update()
        kept["all"].update()
        kept["steps"] += 1
        if kept["steps"] > start:
            kept["swa"].update_parameters(model)

    model = train(
        seed,
        lambda: mlp(norm),
        sgd(rate),
        after_step=after,
        is_cosine=is_cosine,
        setup=setup,
    )
    x, _, order = data()
    with kept["ema"].swapped():
        ema = right(model)
    with kept["all"].swapped():
        buffers = right(model)
    stale = right(kept["swa"])
    update_bn(torch.utils.data.DataLoader(x[order[:TRAIN]], BATCH), kept["swa"])
    return [right(model), ema, buffers, stale, right(kept["swa"])]


def clipped(seed: int, rate: float, is_rnn: bool, how: str) -> float:
    """Return the accuracy after a training with gradients that are clipped, or not."""
    import torch

    from dlcookbook.torch.steps.adaptive_clip import adaptive_clip

    clips: dict[str, Callable[[Any], Any]] = {
        "": lambda model: None,
        "norm": lambda m: torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0),
        "adaptive": lambda m: adaptive_clip(m.parameters(), clipping=0.02),
    }
    make = rnn if is_rnn else mlp
    return right(train(seed, make, sgd(rate), before_step=clips[how]))


def decayed(seed: int, decay: float, spared: bool) -> float:
    """Return the accuracy after a training that decays all weights, or matrices."""
    import torch

    from dlcookbook.torch.steps.param_groups import param_groups

    def optimizer(model: Any) -> Any:
        if spared:
            return torch.optim.AdamW(param_groups(model, lr=3e-3, weight_decay=decay))
        return torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=decay)

    return right(train(seed, lambda: mlp("layer"), optimizer))


def claim(belief: str, without: list[float], with_it: list[float]) -> dict[str, Any]:
    """Return a difference with its interval, and whether the belief held."""
    gain = np.array(with_it) - np.array(without)
    middle = float(gain.mean())
    half = float(T * gain.std(ddof=1) / len(gain) ** 0.5)
    verdict = "undecided"
    if middle - half > WORTH:
        verdict = "holds"
    elif middle + half < -WORTH:
        verdict = "the opposite"
    elif max(abs(middle - half), abs(middle + half)) < 1:
        verdict = "no difference of a point"
    return {
        "belief": belief,
        "without": round(float(np.mean(without)), 2),
        "with": round(float(np.mean(with_it)), 2),
        "gain": round(middle, 2),
        "half": round(half, 2),
        "wins": int((gain > 0).sum()),
        "losses": int((gain < 0).sum()),
        "verdict": verdict,
    }


def measure() -> list[dict[str, Any]]:
    """Return every claim."""
    found: list[dict[str, Any]] = []

    def tell(belief: str, without: list[float], with_it: list[float]) -> None:
        found.append(claim(belief, without, with_it))
        print(found[-1], flush=True)

    def all_seeds(*args: Any, **kwargs: Any) -> list[list[float]]:
        return np.array([averaged(s, *args, **kwargs) for s in SEEDS]).T.tolist()

    flat, bent = all_seeds(0.1), all_seeds(0.1, is_cosine=True)
    wild, norm = all_seeds(0.5), all_seeds(0.1, norm="batch")
    tell("EMA helps, constant rate of 0.1", flat[0], flat[1])
    tell("EMA helps, constant rate of 0.5", wild[0], wild[1])
    tell("EMA helps, cosine from 0.1 to 0", bent[0], bent[1])
    tell("SWA helps, constant rate of 0.1", flat[0], flat[4])
    tell("SWA helps, constant rate of 0.5", wild[0], wild[4])
    tell("EMA helps with BatchNorm", norm[0], norm[1])
    tell("EMA is to average BatchNorm's buffers too", norm[1], norm[2])
    tell("SWA needs update_bn", norm[3], norm[4])
    for rate, is_rnn in ((0.1, True), (0.5, True), (0.1, False)):
        kind = "RNN from large weights" if is_rnn else "MLP"
        plain = [clipped(s, rate, is_rnn, "") for s in SEEDS]
        for how, name in (("norm", "to norm 1"), ("adaptive", "adaptively")):
            with_it = [clipped(s, rate, is_rnn, how) for s in SEEDS]
            tell(f"clipping {name} helps, {kind}, rate of {rate:g}", plain, with_it)
    for decay in (0.1, 1.0):
        tell(
            f"sparing biases and norms helps, decay of {decay:g}",
            [decayed(s, decay, False) for s in SEEDS],
            [decayed(s, decay, True) for s in SEEDS],
        )
    return found


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    text = json.dumps(measure(), indent=1)
    FILE.write_text(f"{text}\n", encoding="utf-8")
    print(f"wrote {FILE.name}")
