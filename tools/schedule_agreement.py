"""Measure how far the frameworks' schedules are apart, and what they do after the end.

`python -m tools.schedule_agreement` writes docs/evidence/schedules_agreement.json.
"""

from __future__ import annotations

import importlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dlcookbook.sheet.schedules import ROWS, Schedule

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs/evidence/schedules_agreement.json"
WINGS = ("torch", "keras")
LR, STEPS = 0.1, 160
TORCH, KERAS = "torch.optim.lr_scheduler.", "keras.optimizers.schedules."
# What optax calls it; what one writes where the same numbers are given to PyTorch and
# to Keras; why those differ.
NOTES = {
    "warmup-cosine": (
        "optax.warmup_cosine_decay_schedule(0.1 / 11, 0.1, 10, 100)",
        f"{TORCH}SequentialLR(optimizer, [{TORCH}LinearLR(optimizer, total_iters=10), "
        f"{TORCH}CosineAnnealingLR(optimizer, 90)], [10])",
        f"{KERAS}CosineDecay(0.0, 100, warmup_target=0.1, warmup_steps=10)",
        "PyTorch's warm-up starts at a third, its cosine rises again; Keras' steps do "
        "not count the warm-up.",
    ),
    "cosine": (
        "optax.cosine_decay_schedule(0.1, 100)",
        f"{TORCH}CosineAnnealingLR(optimizer, 100)",
        f"{KERAS}CosineDecay(0.1, 100)",
        "After step 100 PyTorch's rises again.",
    ),
    "warmup-stable-decay": (
        "optax.join_schedules([optax.linear_schedule(0.1 / 11, 0.1, 10), "
        "optax.linear_schedule(0.1, 0.0, 20)], [80])",
        "",
        "",
        "Neither framework has it: one recipe each.",
    ),
    "one-cycle": (
        "optax.cosine_onecycle_schedule(100, 0.1)",
        "",
        "",
        "Keras has none: a recipe. The summit of optax is a step later, and its end "
        "another.",
    ),
    "linear": (
        "optax.linear_schedule(0.1, 0.0, 100)",
        f"{TORCH}LinearLR(optimizer, total_iters=100)",
        f"{KERAS}PolynomialDecay(0.1, 100)",
        "PyTorch's goes up, from a third, where no factors are given; Keras' ends at "
        "1e-4.",
    ),
    "polynomial": (
        "optax.polynomial_schedule(0.1, 0.0, 0.9, 100)",
        f"{TORCH}PolynomialLR(optimizer, 100, power=0.9)",
        f"{KERAS}PolynomialDecay(0.1, 100, power=0.9)",
        "Keras' ends at 1e-4. Within `jax.jit` optax' can be NaN from the end on.",
    ),
    "multi-step": (
        "optax.piecewise_constant_schedule(0.1, {50: 0.1, 75: 0.1})",
        f"{TORCH}MultiStepLR(optimizer, [50, 75])",
        f"{KERAS}PiecewiseConstantDecay([50, 75], [0.1, 0.01, 0.001])",
        "Keras' boundary is the last step of the old rate.",
    ),
    "step": (
        "optax.exponential_decay(0.1, 30, 0.1, staircase=True)",
        f"{TORCH}StepLR(optimizer, 30)",
        f"{KERAS}ExponentialDecay(0.1, 30, 0.1, staircase=True)",
        "None.",
    ),
    "exponential": (
        "optax.exponential_decay(0.1, 100, 0.01)",
        "",
        "",
        "PyTorch's factor is for one step, that of Keras and optax for 100.",
    ),
    "inverse-sqrt": (
        "",
        "",
        "",
        "Neither framework has it: one recipe each.",
    ),
    "cosine-restarts": (
        "optax.sgdr_schedule([{'init_value': 0.1, 'peak_value': 0.1, "
        "'warmup_steps': 0, 'decay_steps': 20, 'end_value': 0.0} for _ in range(9)])",
        f"{TORCH}CosineAnnealingWarmRestarts(optimizer, 20)",
        f"{KERAS}CosineDecayRestarts(0.1, 20)",
        "Keras doubles the period.",
    ),
    "warmup-constant": (
        "optax.warmup_constant_schedule(0.1 / 11, 0.1, 10)",
        f"{TORCH}LinearLR(optimizer, total_iters=10)",
        f"{KERAS}CosineDecay(0.0, 1, alpha=1.0, warmup_target=0.1, warmup_steps=10)",
        "PyTorch's warm-up starts at a third.",
    ),
}


def scope(recipe: str, wing: str) -> dict[str, Any]:
    """Return what a row's call may mention."""
    names: dict[str, Any] = {wing: importlib.import_module(wing)}
    if not (ROOT / "dlcookbook" / wing / f"{recipe}.py").is_file():
        return names
    file = importlib.import_module(f"dlcookbook.{wing}.{recipe.replace('/', '.')}")
    return names | vars(file)


def walk_torch(
    call: str, names: dict[str, Any], steps: int = STEPS, lr: float = LR
) -> list[float]:
    """Return the rates of every step, as many as there are before it raises."""
    import torch

    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.ones(1)
    optimizer = torch.optim.SGD([weight], lr=lr)
    schedule, rates = eval(call, names | {"optimizer": optimizer}), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        try:
            schedule.step()
        except ValueError:
            break
    return rates


def walk_keras(call: str, names: dict[str, Any], steps: int = STEPS) -> list[float]:
    """Return the rates of every step, compiled as `fit` has them."""
    import keras

    rate = eval(call, names)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        rate = tf.function(rate.__call__)
    return [float(rate(keras.ops.convert_to_tensor(step))) for step in range(steps)]


def walk_optax(call: str, steps: int = STEPS) -> list[float]:
    """Return the rates of every step."""
    import jax
    import optax

    schedule = eval(call, {"optax": optax})
    return jax.vmap(schedule)(jax.numpy.arange(steps)).tolist()


@cache
def walked(call: str, recipe: str, wing: str) -> list[float]:
    """Return the rates of a call."""
    walk = {"torch": walk_torch, "keras": walk_keras}[wing]
    return walk(call, scope(recipe, wing))


def defined(row: Schedule, steps: int = STEPS) -> np.ndarray:
    """Return the rates of a row's definition."""
    file, _, name = row.reference.partition(".")
    module = importlib.import_module(f"dlcookbook.reference.{file.replace('/', '.')}")
    options = eval(f"dict({row.arguments})")
    return getattr(module, name)(np.arange(steps), lr=LR, **options)


def apart(ours: Any, theirs: Any, until: int = STEPS) -> float:
    """Return the largest difference up to a step, in two digits."""
    until = min(until, len(ours), len(theirs))
    ours, theirs = (np.array(rates[:until]) for rates in (ours, theirs))
    return float(f"{np.abs(ours - theirs).max():.1e}")


def afterwards(rates: list[float]) -> str:
    """Tell what 100 steps are followed by."""
    if len(rates) < STEPS:
        return f"an error at step {len(rates)}"
    moves = np.diff(rates[100:])
    rises, falls = (moves > 1e-9).any(), (moves < -1e-9).any()
    if rises and falls:
        return "goes on"
    return "rises again" if rises else "falls on" if falls else "stays"


def measure() -> dict[str, Any]:
    """Return, by schedule, distances and what comes after the end."""
    found = {}
    for row in ROWS:
        if row.slug not in NOTES:
            continue
        other, *naive, cause = NOTES[row.slug]
        rates = {w: walked(getattr(row, w), row.recipe, w) for w in WINGS}
        want = defined(row)
        after = {w: afterwards(rates[w]) for w in WINGS}
        same = ("stays", "falls on", "goes on")
        until = {w: STEPS if after[w] in same else 100 for w in WINGS}
        told: dict[str, Any] = {
            f"{w}_apart": apart(rates[w], want, until[w]) for w in WINGS
        }
        told["optax"] = other
        told["optax_apart"] = apart(walk_optax(other), want) if other else None
        told["naive_apart"] = None
        if all(naive):
            pair = [
                walked(call, row.recipe, w)
                for w, call in zip(WINGS, naive, strict=True)
            ]
            told["naive_apart"] = apart(pair[0], pair[1])
        told |= {"naive_torch": naive[0], "naive_keras": naive[1], "cause": cause}
        found[row.slug] = {**told, "after": after}
    return found


if __name__ == "__main__":
    # read when optax imports JAX
    os.environ["JAX_ENABLE_X64"] = "1"
    text = json.dumps(measure(), indent=1)
    FILE.write_text(f"{text}\n", encoding="utf-8")
    print(text)
