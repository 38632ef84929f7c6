"""The rates that a schedule of any framework gives, step by step, as NumPy."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests import wings
from tools import schedule_agreement

# Past the end of every schedule of 40 steps.
STEPS = 60


@dataclass(frozen=True, kw_only=True)
class Case:
    """One setting of one schedule, as each framework writes it.

    Attributes
    ----------
    schedule : str
        The definition, such as `warmup_cosine.warmup_cosine`.
    kwargs : dict
        Its options, without the rate, which is 0.5.
    torch, keras, optax : str
        The calls that must do the same: `optimizer` has the rate.
    until : dict
        Up to which step a framework agrees, where it is not to the last.
    """

    schedule: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    torch: str = ""
    keras: str = ""
    optax: str = ""
    until: dict[str, int] = field(default_factory=dict)


LR = 0.5


def recipes(wing: str) -> dict[str, Any]:
    """Return every name of a wing's schedules."""
    found = {}
    for file in wings.files(wing, "schedules"):
        module = wings.module(wing, "schedules", file)
        found |= {name: getattr(module, name) for name in module.__all__}
    return found


def definition(name: str) -> Callable:
    """Return the definition called `warmup_cosine.warmup_cosine`."""
    return wings.function("reference", f"schedules/{name}")


def defined(case: Case, steps: int = STEPS) -> np.ndarray:
    """Return the rates of the definition."""
    return definition(case.schedule)(np.arange(steps), lr=LR, **case.kwargs)


def torch_optimizer(*rates: float, **options: Any):
    """Return an optimizer of a group for each rate, with gradients to step along."""
    import torch

    groups = []
    for rate in rates or (LR,):
        weight = torch.nn.Parameter(torch.zeros(1))
        weight.grad = torch.ones(1)
        groups.append({"params": [weight], "lr": rate})
    return torch.optim.SGD(groups, **options)


def walk_torch(code: str, steps: int = STEPS) -> list[float]:
    """Return the rates that an optimizer of PyTorch has at each step."""
    import torch

    return schedule_agreement.walk_torch(
        code, {"torch": torch, **recipes("torch")}, steps, LR
    )


def walk_keras(code: str, steps: int = STEPS) -> list[float]:
    """Return the rates that a schedule of Keras gives."""
    import keras

    return schedule_agreement.walk_keras(
        code, {"keras": keras, **recipes("keras")}, steps
    )


WALK = {
    "torch": walk_torch,
    "keras": walk_keras,
    "optax": schedule_agreement.walk_optax,
}
# Keras computes in float32.
TOLERANCE = {"torch": 1e-15, "keras": 2e-7, "optax": 1e-15}
