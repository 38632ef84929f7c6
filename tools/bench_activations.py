"""Measure what the activations cost; write docs/evidence/activations_cost.json.

    python -m tools.bench_activations

A million numbers in float32, forward and backward: PyTorch as it is called, Keras in a
function that TensorFlow has compiled to a graph. One process, one thread, all taking
turns, the fastest of the rounds. Seconds mean nothing on another machine: the page
shows ratios to ReLU.
"""

import datetime
import importlib
import json
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import torch

from dlcookbook.sheet import activations
from tools.places import ROOT

FILE = ROOT / "docs" / "evidence" / "activations_cost.json"
SHAPE = (1000, 1000)
ROUNDS = 80
# What Keras offers where the sheet shows a recipe in its place.
OWN = {
    "sparse-sigmoid": "keras.activations.sparse_sigmoid(x)",
    "elu": "keras.activations.elu(x)",
    "celu": "keras.activations.celu(x, 2.0)",
    "selu": "keras.activations.selu(x)",
    "gelu": "keras.activations.gelu(x)",
    "gelu-tanh": "keras.ops.gelu(x)",
    "mish": "keras.activations.mish(x)",
    "softplus": "keras.activations.softplus(x)",
    "log-sigmoid": "keras.activations.log_sigmoid(x)",
    "squareplus": "keras.activations.squareplus(x)",
    "sparse-plus": "keras.activations.sparse_plus(x)",
    "sparsemax": "keras.activations.sparsemax(x)",
}


def scope(wing: str, recipe: str) -> dict[str, Any]:
    """Return what a row's call may mention."""
    names: dict[str, Any] = {"torch": torch, "F": torch.nn.functional}
    if wing == "keras":
        names = {"keras": keras, "ops": keras.ops}
    if (ROOT / "dlcookbook" / wing / f"{recipe}.py").is_file():
        path = f"dlcookbook.{wing}.{recipe.replace('/', '.')}"
        names |= vars(importlib.import_module(path))
    for kind in ("PReLU", "RReLU"):
        if kind in names:
            names["layer"] = names[kind]()
    return names


def lambda_of(call: str) -> str:
    """Return a call as a function whose layer is made before any graph."""
    return "lambda x: " + re.sub("[PR]ReLU\\(\\)", "layer", call)


def in_torch(row: activations.Activation) -> Callable[[], object]:
    """Return a forward and backward pass of PyTorch."""
    f = eval(lambda_of(row.torch), scope("torch", row.recipe))
    x = torch.randn(SHAPE, requires_grad=True)
    ones = torch.ones(f(x).shape)

    def both() -> object:
        return torch.autograd.grad(f(x), x, ones) if row.slope != "0" else f(x)

    return both


def in_keras(call: str, recipe: str = "") -> Callable[[], object]:
    """Return a forward and backward pass of Keras on TensorFlow."""
    f = eval(lambda_of(call), scope("keras", recipe))
    x = tf.random.normal(SHAPE)

    @tf.function
    def both() -> object:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return y, tape.gradient(y, x)

    return both


def seconds(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the fastest run of each call, the calls taking turns."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def main() -> int:
    """Measure every row and write what came out."""
    torch.set_num_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    rows = [row for row in activations.ROWS if row.slug != "linear"]
    found = {"torch": seconds({row.slug: in_torch(row) for row in rows})}
    by_keras = {row.slug: in_keras(row.keras, row.recipe) for row in rows}
    own = {f"own {slug}": in_keras(call) for slug, call in OWN.items()}
    times = seconds(by_keras | own)
    found["keras"] = {row.slug: times[row.slug] for row in rows}
    found["own"] = {slug: times[f"own {slug}"] for slug in OWN}
    result: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "numbers": int(np.prod(SHAPE)),
        "rounds": ROUNDS,
        "seconds": {
            row.slug: {who: t[row.slug] for who, t in found.items() if row.slug in t}
            for row in rows
        },
    }
    FILE.write_text(json.dumps(result, indent=1) + "\n")
    for slug, measured in result["seconds"].items():
        base = {"torch": found["torch"]["relu"]}
        ratios = (
            f"{t / base.get(who, found['keras']['relu']):8.2f}"
            for who, t in measured.items()
        )
        print(f"{slug:16}", *ratios)
    print(f"wrote {FILE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
