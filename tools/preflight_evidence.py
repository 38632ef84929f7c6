"""Count planted faults that preflight finds, and false alarms on healthy trainings.

`python -m tools.preflight_evidence` writes docs/evidence/preflight.json.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

FILE = Path(__file__).resolve().parent.parent / "docs/evidence/preflight.json"
SEEDS = {"torch": 3, "keras": 1}
BATCH = 64

# Planted by changing the batch of a healthy MLP: fault, check, change of (x, y).
DATA: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "pictures from 0 to 255": ("inputs", lambda x, y: (255 * x, y)),
    "a NaN in the inputs": ("inputs", lambda x, y: (spoilt(x), y)),
    "a feature 1000 times the others": ("inputs", lambda x, y: (x * scales(x), y)),
    "classes from 1 to 10": ("targets", lambda x, y: (x, y + 1)),
    "a batch of one class": ("targets", lambda x, y: (x, 0 * y)),
    "labels of the next input": ("labels", lambda x, y: (x, np.roll(y, 1))),
    "the same input for all": ("inputs", lambda x, y: (0 * x + x[0], y)),
}


def spoilt(x: np.ndarray) -> np.ndarray:
    """Return the inputs with one NaN."""
    x = x.copy()
    x.flat[0] = np.nan
    return x


def scales(x: np.ndarray) -> np.ndarray:
    """Return a factor per feature, one of them large."""
    return np.where(np.arange(x.shape[1]) == 20, 1000, 1).astype(x.dtype)


def batch(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return 64 digits of 8 x 8 grey values in [0, 1], and their classes."""
    x, y = load_digits(return_X_y=True)
    at = np.random.default_rng(seed).permutation(len(x))[:BATCH]
    return (x[at] / 16).astype(np.float32), y[at].astype(np.int64)


def bits(y: np.ndarray, count: int = 4) -> np.ndarray:
    """Return the binary digits of the classes, for one or many questions."""
    return np.stack([(y >> k) & 1 for k in range(count)], 1).astype(np.float32)


def number(y: np.ndarray) -> np.ndarray:
    """Return the classes as numbers to predict."""
    return ((y - 4.5) / 2.9).astype(np.float32)[:, None]


def healthy(wing: str) -> dict[str, Callable[[int], tuple[Any, ...]]]:
    """Return trainings in which nothing is wrong."""
    return importlib.import_module(f"tools.preflight_{wing}").HEALTHY


def faults(wing: str) -> dict[str, tuple[str, Callable[[int], tuple[Any, ...]]]]:
    """Return the check that should find each fault, and the training with it."""
    home = importlib.import_module(f"tools.preflight_{wing}")
    plain = home.HEALTHY["MLP, 10 classes"]

    def spoil(change: Callable[[Any, Any], Any]) -> Callable[[int], tuple[Any, ...]]:
        def build(seed: int) -> tuple[Any, ...]:
            model, loss, _, _, task, options = plain(seed)
            return model, loss, *home.tensors(*change(*batch(seed))), task, options

        return build

    data = {name: (check, spoil(change)) for name, (check, change) in DATA.items()}
    return {**data, **home.FAULTS}


def examine(wing: str, case: tuple[Any, ...], **more: Any) -> Any:
    """Return the report on a case."""
    recipe = importlib.import_module(f"dlcookbook.{wing}.training.preflight")
    *arguments, task, options = case
    return recipe.preflight(*arguments, task=task, **options | more)


def count(wing: str) -> dict[str, Any]:
    """Return what was found and what was not, by name."""
    seeds = range(SEEDS[wing])
    found: dict[str, Any] = {"healthy": {}, "faults": {}, "seeds": len(seeds)}
    for name, build in healthy(wing).items():
        failed = [examine(wing, build(seed)).failed for seed in seeds]
        found["healthy"][name] = sorted({check for one in failed for check in one})
        found["alarms"] = found.get("alarms", 0) + sum(map(bool, failed))
    for name, (check, build) in faults(wing).items():
        failed = [examine(wing, build(seed)).failed for seed in seeds]
        by_name = sum(check in one for one in failed)
        any_check = sum(map(bool, failed))
        row = {"check": check, "named": by_name, "alarmed": any_check}
        found["faults"][name] = row
        print(wing, name, row, failed[0], flush=True)
    return found


def main() -> None:
    """Measure and write."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    wings = sys.argv[1:] or list(SEEDS)
    told = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
    told |= {wing: count(wing) for wing in wings}
    FILE.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
