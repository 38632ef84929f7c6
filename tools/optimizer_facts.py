"""Read from the optimizers themselves what they keep, default to and decay.

`python -m tools.optimizer_facts` writes docs/evidence/optimizers_facts.json, which the
page shows and a test computes anew.
"""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np

from dlcookbook.sheet.optimizers import ROWS, Optimizer

FILE = Path(__file__).resolve().parent.parent / "docs/evidence/optimizers_facts.json"
WINGS = ("torch", "keras")
SIDE = 128
# How it is computed, and what every class of Keras has.
LEFT_OUT = {"params", "foreach", "fused", "capturable", "differentiable", "maximize"}
LEFT_OUT |= {"name", "kwargs", "clipnorm", "clipvalue", "global_clipnorm", "use_ema"}
LEFT_OUT |= {"ema_momentum", "ema_overwrite_frequency", "loss_scale_factor"}
LEFT_OUT |= {"gradient_accumulation_steps", "exclude_layers", "exclude_embeddings"}
DECAYS = {
    "none": "none",
    "same": "L2 and decoupled at once",
    "l2": "L2, in the gradient",
    "decoupled": "decoupled",
    "own": "its own way",
}


def scope(row: Optimizer, wing: str) -> dict[str, Any]:
    """Return what the call of a row may mention."""
    framework = importlib.import_module(wing)
    names: dict[str, Any] = {wing: framework}
    file = Path(__file__).parent.parent / f"dlcookbook/{wing}/{row.recipe}.py"
    if row.recipe and file.is_file():
        module = f"dlcookbook.{wing}.{row.recipe.replace('/', '.')}"
        names |= vars(importlib.import_module(module))
    return names


class Torch:
    """A weight and PyTorch's optimizer of it."""

    def __init__(self, make: Any, start: np.ndarray) -> None:
        import torch

        self.weight = torch.tensor(start, requires_grad=True)
        self.optimizer = make([self.weight])

    def step(self, slope: Any, loss: Any = None) -> None:
        """Take a step down a function with this slope, which L-BFGS needs itself."""
        import torch

        def closure() -> Any:
            w = self.weight.detach().numpy()
            self.optimizer.zero_grad()
            self.weight.grad = torch.as_tensor(slope(w))
            return torch.tensor(loss(w) if loss else 0.0)

        closure()
        self.optimizer.step(closure)

    def numbers(self) -> np.ndarray:
        """Return the weight."""
        return self.weight.detach().numpy().copy()

    def kept(self) -> int:
        """Count the bytes of its state."""
        return counted(list(self.optimizer.state.values()))


def counted(kept: Any) -> int:
    """Count the bytes of nested tensors."""
    if isinstance(kept, dict):
        kept = list(kept.values())
    if isinstance(kept, (list, tuple)):
        return sum(map(counted, kept))
    return kept.numel() * kept.element_size() if hasattr(kept, "numel") else 0


class Keras:
    """A variable and Keras' optimizer of it."""

    def __init__(self, make: Any, start: np.ndarray) -> None:
        import keras

        dtype = str(start.dtype)
        self.weight = keras.Variable(start, dtype=dtype, name="kernel")
        self.optimizer = make([self.weight])

    def step(self, slope: Any) -> None:
        """Take a step down a function with this slope."""
        import keras

        slopes = keras.ops.convert_to_tensor(slope(self.numbers()), self.weight.dtype)
        self.optimizer.apply([slopes], [self.weight])

    def numbers(self) -> np.ndarray:
        """Return the weight."""
        import keras

        return np.array(keras.ops.convert_to_numpy(self.weight))

    def kept(self) -> int:
        """Count the bytes of its state without its two counters."""
        import keras

        counters = {"iteration", "learning_rate"}
        state = [v for v in self.optimizer.variables if v.name not in counters]
        return sum(keras.ops.convert_to_numpy(v).nbytes for v in state)


HOMES: dict[str, Any] = {"torch": Torch, "keras": Keras}


def made(row: Optimizer, wing: str, start: np.ndarray) -> Any:
    """Return a weight and the optimizer that the row's call makes for it."""
    names = scope(row, wing)
    call = getattr(row, wing)
    return HOMES[wing](lambda p: eval(call, names | {"parameters": p}), start)


def is_optimizer(row: Optimizer, wing: str) -> bool:
    """Tell calls of a class from SciPy's function and from what wraps a model."""
    return not getattr(row, wing).startswith(("scipy", "SAM(model"))


def bytes_per_parameter(row: Optimizer, wing: str) -> float:
    """Return what an optimizer keeps beside weights and gradients, in float32."""
    start = np.ones((SIDE, SIDE), "float32")
    home = made(row, wing, start)
    # curved unevenly: L-BFGS fills its history before it arrives
    bend = np.linspace(1, 1000, SIDE * SIDE, dtype="float32").reshape(SIDE, SIDE)
    if wing == "keras":
        home.step(lambda w: bend * w)
    else:
        for _ in range(8):
            home.step(lambda w: bend * w, lambda w: float((bend * w**2).sum() / 2))
    return round(home.kept() / start.size, 1)


def defaults(row: Optimizer, wing: str) -> dict[str, Any]:
    """Return what a class takes when it is told nothing."""
    home = made(row, wing, np.ones((2, 2), "float32"))
    signature = inspect.signature(type(home.optimizer))
    return {
        name: one.default if one.default is not one.empty else "required"
        for name, one in signature.parameters.items()
        if name not in LEFT_OUT
    }


def home_of(row: Optimizer, wing: str) -> str:
    """Return the package that has the class which a row calls."""
    home = made(row, wing, np.ones((2, 2), "float32"))
    return type(home.optimizer).__module__.partition(".")[0]


def decay(row: Optimizer, wing: str) -> str:
    """Find out what `weight_decay` does: one of `DECAYS`."""
    home = made(row, wing, np.ones((2, 2), "float32"))
    kind = type(home.optimizer)
    names = inspect.signature(kind).parameters
    if "weight_decay" not in names:
        return "none"
    rate = "lr" if wing == "torch" else "learning_rate"
    options: dict[str, Any] = {rate: 0.1}
    if "momentum" in names:
        options["momentum"] = 0.9
    slopes = [np.array([[0.5, -2.0], [1.0, 3.0]]) * s for s in (1.0, -0.7, 0.4)]

    def path(strength: float, added: float, shrunk: float) -> np.ndarray:
        settings = options | {"weight_decay": strength}
        if wing == "keras" and strength == 0 and "adam_weight_decay" in names:
            settings["adam_weight_decay"] = 0.0

        def make(parameters: Any) -> Any:
            given = [parameters] if wing == "torch" else []
            return kind(*given, **settings)

        # float32: Keras' Muon knows nothing else
        home = HOMES[wing](make, np.array([[1.0, 2.0], [-3.0, 4.0]], "float32"))
        for slope in slopes:
            shrink(home, 1 - 0.1 * shrunk)
            home.step(lambda w, slope=slope: np.float32(slope + added * w))
        return home.numbers()

    told = path(0.2, 0.0, 0.0)
    l2, decoupled = path(0.0, 0.2, 0.0), path(0.0, 0.0, 0.2)
    fits = [bool(np.abs(told - other).max() < 1e-4) for other in (l2, decoupled)]
    return {
        (True, True): "same",
        (True, False): "l2",
        (False, True): "decoupled",
        (False, False): "own",
    }[fits[0], fits[1]]


def shrink(home: Any, share: float) -> None:
    """Multiply a weight by a number."""
    if isinstance(home, Keras):
        home.weight.assign(home.weight * share)
    else:
        home.weight.data.mul_(share)


def facts() -> dict[str, dict[str, dict[str, Any]]]:
    """Return everything that can be read from the optimizers of all rows."""
    return {
        row.slug: {
            wing: {
                "bytes": bytes_per_parameter(row, wing),
                "home": home_of(row, wing),
                "defaults": defaults(row, wing),
                "decay": decay(row, wing),
            }
            for wing in WINGS
            if is_optimizer(row, wing)
        }
        for row in ROWS
        if not row.section
    }


if __name__ == "__main__":
    importlib.import_module("torch")  # imported after TensorFlow it can crash
    text = json.dumps(facts(), indent=1)
    FILE.write_text(f"{text}\n", encoding="utf-8")
    print(f"wrote {FILE.name}")
