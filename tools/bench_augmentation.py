"""Measure mixup and CutMix against Kornia's and Keras' own.

`python -m tools.bench_augmentation` writes docs/evidence/augmentation_speed.json.
One process, one thread, methods take turns, the fastest of the rounds. What each gives
is checked first: the label must be what the pixels hold. A line beside them asks for
a new batch of memory and does next to nothing: no method without a buffer is faster.
Seconds mean nothing on another machine: the page shows ratios.
"""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np
import torch

from tools.places import ROOT

FILE = ROOT / "docs" / "evidence" / "augmentation_speed.json"
COUNT, SIDE, CLASSES = 64, 224, 10
ROUNDS = 12
FLOOR = "a new batch alone: x + 1"
Call = Callable[[Any, Any], tuple[Any, Any]]


def calls() -> dict[str, dict[str, Call]]:
    """Return every method by task: from images and labels to both mixed."""
    import kornia.augmentation as kornia
    import tensorflow as tf
    from keras import layers, random

    from dlcookbook.keras.augmentation.cutmix import cutmix as keras_cutmix
    from dlcookbook.keras.augmentation.mixup import mixup as keras_mixup
    from dlcookbook.torch.augmentation.cutmix import cutmix
    from dlcookbook.torch.augmentation.mixup import mixup

    keys: list[Any] = ["input", "class"]
    peers = {
        "mixup": (kornia.RandomMixUpV2(p=1.0, data_keys=keys), layers.MixUp(0.2)),
        "cutmix": (kornia.RandomCutMixV2(p=1.0, data_keys=keys), layers.CutMix()),
    }
    found: dict[str, dict[str, Call]] = {}
    for name, ours, ours_keras in (
        ("mixup", mixup, keras_mixup),
        ("cutmix", cutmix, keras_cutmix),
    ):
        out, seed = torch.empty(COUNT, 3, SIDE, SIDE), random.SeedGenerator(0)
        of_kornia, of_keras = peers[name]

        def with_layer(x: Any, y: Any, layer: Any = of_keras) -> tuple[Any, Any]:
            mixed = layer({"images": x, "labels": tf.one_hot(y, COUNT)}, training=True)
            return mixed["images"], mixed["labels"]

        def in_torch(x: Any, y: Any, f: Any = ours, out: Any = None) -> tuple[Any, Any]:
            return f(x, y, None, out, num_classes=COUNT)

        def with_ours(
            x: Any, y: Any, f: Any = ours_keras, seed: Any = seed
        ) -> tuple[Any, Any]:
            return f(x, y, seed, num_classes=COUNT)

        found[name] = {
            "PyTorch, ours": in_torch,
            "PyTorch, ours, buffer used again": partial(in_torch, out=out),
            "Kornia": of_kornia,
            "Keras, ours": tf.function(with_ours, autograph=False),
            "Keras, ours, compiled by XLA": tf.function(
                with_ours, jit_compile=True, autograph=False
            ),
            "Keras' layer": tf.function(with_layer, autograph=False),
        }
    return found


def check(name: str, call: Call, is_torch: bool) -> float:
    """Return how far the label is from what the pixels hold, at most."""
    # image i is i everywhere, label i is of class i
    x = np.arange(COUNT, dtype="float32") * np.ones((SIDE, SIDE, 3, 1), "float32")
    x, y = (
        x.transpose(3, 2, 0, 1) if is_torch else x.transpose(3, 0, 1, 2),
        range(COUNT),
    )
    given = torch.tensor if is_torch else np.asarray
    mixed, soft = call(given(np.ascontiguousarray(x)), given(list(y)))
    mixed, soft = np.asarray(mixed), np.asarray(soft)
    if soft.ndim != 2 or soft.shape[1] != COUNT:
        # Kornia tells (own, other, weight of the other) and leaves the mean to the loss
        own, other, share = soft.reshape(-1, 3).T
        soft = np.zeros((COUNT, COUNT))
        row = np.arange(COUNT)
        np.add.at(soft, (row, own.astype(int)), 1 - share)
        np.add.at(soft, (row, other.astype(int)), share)
    if name == "mixup":
        held = mixed.reshape(COUNT, -1).mean(axis=1, dtype=float)
        return float(np.abs(held - soft @ np.arange(COUNT)).max() / COUNT)
    held = (mixed.reshape(COUNT, -1, 1) == np.arange(COUNT)).mean(axis=1)
    return float(np.abs(held - soft).max())


def main() -> None:
    """Check, measure, write."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    told: dict[str, Any] = {
        "images": [COUNT, SIDE, SIDE, 3],
        "rounds": ROUNDS,
        "versions": {name: version(name) for name in ("torch", "keras", "kornia")},
    }
    rng = np.random.default_rng(0)
    x = rng.random((COUNT, 3, SIDE, SIDE), dtype="float32")
    y = rng.integers(0, CLASSES, COUNT)
    import tensorflow as tf

    given = {
        True: (torch.tensor(x), torch.tensor(y)),
        False: (tf.constant(np.moveaxis(x, 1, -1)), tf.constant(y)),
    }
    for name, methods in calls().items():
        of_torch = {m: "Keras" not in m for m in methods}
        off = {m: check(name, call, of_torch[m]) for m, call in methods.items()}
        methods[FLOOR] = tf.function(lambda x, y: (x + 1, y), autograph=False)
        of_torch[FLOOR] = False
        best = dict.fromkeys(methods, float("inf"))
        for _ in range(ROUNDS):
            for method, call in methods.items():
                start = time.perf_counter()
                call(*given[of_torch[method]])
                best[method] = min(best[method], time.perf_counter() - start)
        told[name] = {
            method: {
                "seconds": round(best[method], 5),
                "kornia": round(best["Kornia"] / best[method], 1),
                "keras": round(best["Keras' layer"] / best[method], 1),
            }
            | ({"label off by": float(f"{off[method]:.2g}")} if method in off else {})
            for method in methods
        }
    FILE.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
