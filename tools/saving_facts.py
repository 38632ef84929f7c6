"""Write every kind of file, read it in another process, and note what came back.

`python -m tools.saving_facts` writes `docs/evidence/saving_facts.json`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dlcookbook.sheet.saving import ROWS, Saving
from tools.places import ROOT

FILE = ROOT / "docs" / "evidence" / "saving_facts.json"
WINGS = ("torch", "keras")
# Largest difference of outputs that is rounding.
NEAR = 1e-5
CODE_LIES_IN = "code"
# The reader's own code: what a file may need to be read.
CODE = '''"""A small network for images of 8 x 8."""

from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8)
        self.head = nn.Linear(8 * 6 * 6, 10)

    def forward(self, x):
        return self.head(self.norm(self.conv(x).relu()).flatten(1))
'''


def torch_names(seed: int) -> dict[str, Any]:
    """Return the model and its optimizer."""
    import torch
    from net import Net

    torch.manual_seed(seed)
    model = Net().eval()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    return {"model": model, "optimizer": optimizer}


def keras_names(seed: int) -> dict[str, Any]:
    """Return the model, compiled."""
    import keras

    keras.utils.set_random_seed(seed)
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(8, 3, activation="relu", name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.Dense(10, name="head")(keras.layers.Flatten()(x))
    model = keras.Model(inputs, x)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss)
    return {"model": model}


def modules(wing: str) -> dict[str, Any]:
    """Return what the calls of the rows mention."""
    import onnxruntime
    import safetensors.numpy
    import torch

    named = {"torch": torch, "onnxruntime": onnxruntime, "safetensors": safetensors}
    if wing == "torch":
        import safetensors.torch

        return named
    import keras
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    return named | {"keras": keras, "tf": tf, "Interpreter": Interpreter}


def batch(wing: str) -> tuple[np.ndarray, np.ndarray]:
    """Return eight images and their classes."""
    rng = np.random.default_rng(0)
    x = rng.random((8, 1, 8, 8), np.float32)
    y = rng.integers(0, 10, 8)
    return (x if wing == "torch" else x.transpose(0, 2, 3, 1)), y


def answer(loaded: Any, x: np.ndarray) -> np.ndarray:
    """Return the outputs of whatever a file became."""
    kind = type(loaded).__name__
    if kind == "InferenceSession":
        [given] = loaded.get_inputs()
        return loaded.run(None, {given.name: x})[0]
    if kind == "Interpreter":
        [given], [out] = loaded.get_input_details(), loaded.get_output_details()
        loaded.resize_tensor_input(given["index"], x.shape)
        loaded.allocate_tensors()
        loaded.set_tensor(given["index"], x)
        loaded.invoke()
        return loaded.get_tensor(out["index"])
    if is_torch(loaded):
        import torch

        with torch.no_grad():
            return loaded(torch.from_numpy(x)).numpy()
    return np.asarray(loaded(x))


def is_torch(loaded: Any) -> bool:
    """Tell whether it is a module of PyTorch."""
    return any(one.__module__.startswith("torch.nn") for one in type(loaded).__mro__)


def step(loaded: Any, optimizer: Any, x: np.ndarray, y: np.ndarray) -> bool:
    """Take a step of training; tell whether any weight moved."""
    if is_torch(loaded):
        import torch

        weights = [*loaded.parameters()]
        before = [w.detach().clone() for w in weights]
        optimizer = optimizer or torch.optim.Adam(weights, lr=1e-3)
        optimizer.zero_grad()
        outputs = loaded(torch.from_numpy(x))
        torch.nn.functional.cross_entropy(outputs, torch.from_numpy(y)).backward()
        optimizer.step()
        return any(not torch.equal(a, b) for a, b in zip(before, weights, strict=True))
    if hasattr(loaded, "train_on_batch"):
        before = loaded.get_weights()
        loaded.train_on_batch(x, y)
        after = loaded.get_weights()
        return any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    return False


def place(folder: Path, row: Saving, wing: str) -> Path:
    """Return where a row's file lies."""
    return folder / row.slug / getattr(row, f"{wing}_file")


@contextlib.contextmanager
def quiet():
    """Keep what exporters print and warn about off the screen."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


NAMES = {"torch": torch_names, "keras": keras_names}


def write(wing: str, folder: Path) -> dict[str, int]:
    """Train a little, write every file, train one step more; return the sizes."""
    sys.path.insert(0, str(folder / CODE_LIES_IN))
    x, y = batch(wing)
    names = NAMES[wing](0)
    for _ in range(3):
        step(names["model"], names.get("optimizer"), x, y)
    named = modules(wing)
    given = named["torch"].from_numpy(x) if wing == "torch" else x
    want = answer(names["model"], x)
    for row in ROWS:
        if call := getattr(row, wing):
            path = place(folder, row, wing)
            path.parent.mkdir(parents=True)
            with quiet():
                exec(call, named | names | {"x": given, "path": str(path)})
    step(names["model"], names.get("optimizer"), x, y)
    after = answer(names["model"], x)
    np.savez(folder / "want.npz", outputs=want, after=after)
    return {
        row.slug: sum(file.stat().st_size for file in files)
        for row in ROWS
        if (files := [f for f in (folder / row.slug).rglob("*") if f.is_file()])
    }


def read(wing: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Read every file in another process, first without the code, then with it."""
    x, y = batch(wing)
    want = np.load(folder / "want.npz")
    named = modules(wing)
    rows = [row for row in ROWS if getattr(row, wing)]

    def each(names: Callable[[], dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for row in rows:
            scope = named | names() | {"path": str(place(folder, row, wing))}
            with quiet():
                yield came_back(getattr(row, f"{wing}_load"), scope, x, y, want)

    unknown = [*each(dict)]
    sys.path.insert(0, str(folder / CODE_LIES_IN))
    known = each(partial(NAMES[wing], 1))
    return {
        row.slug: fact | {"without_code": "error" not in strange}
        for row, fact, strange in zip(rows, known, unknown, strict=True)
    }


def came_back(
    call: str, scope: dict[str, Any], x: np.ndarray, y: np.ndarray, want: Any
) -> dict[str, Any]:
    """Read one file; compare its outputs, now and after one step more."""
    try:
        exec(call, scope)
        loaded = scope.get("loaded", scope.get("model"))
        fact: dict[str, Any] = {
            "difference": float(np.abs(answer(loaded, x) - want["outputs"]).max())
        }
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}".partition("\n")[0]}
    half = np.abs(answer(loaded, x[:3]) - want["outputs"][:3]).max()
    fact["any_batch"] = bool(half < NEAR)
    own = loaded is scope.get("model")
    try:
        fact["trains"] = step(loaded, scope.get("optimizer") if own else None, x, y)
    except ValueError as error:
        fact |= {"trains": False, "refuses": str(error).partition(".")[0]}
    after = np.abs(answer(loaded, x) - want["after"]).max()
    fact["optimizer"] = fact["trains"] and bool(after < NEAR)
    return fact


def elsewhere(action: str, wing: str, folder: Path) -> dict[str, Any]:
    """Do one half in a process of its own and return what it found."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.saving_facts", action, wing, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def facts(wing: str) -> dict[str, dict[str, Any]]:
    """Write and read every file of a wing.

    Parameters
    ----------
    wing : str
        "torch" or "keras".

    Returns
    -------
    dict
        For each row's slug: bytes, and whether it answers without the code, at any
        size of batch, trains on, and remembers what the optimizer knew.

    Raises
    ------
    RuntimeError
        If a file cannot be written, or not be read with the code at hand.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        code = folder / CODE_LIES_IN
        code.mkdir()
        (code / "net.py").write_text(CODE, encoding="utf-8")
        sizes = elsewhere("write", wing, folder)
        found = elsewhere("read", wing, folder)
    for slug, fact in found.items():
        if "error" in fact:
            raise RuntimeError(f"{wing} {slug}: {fact['error']}")
        fact["bytes"] = sizes[slug]
    return found


def main(arguments: list[str] | None = None) -> None:
    """Measure everything, or do one half in this process."""
    parser = argparse.ArgumentParser(prog="python -m tools.saving_facts")
    parser.add_argument("action", nargs="?", choices=("write", "read"))
    parser.add_argument("wing", nargs="?")
    parser.add_argument("folder", nargs="?", type=Path)
    given = parser.parse_args(arguments)
    if given.action:
        half = write if given.action == "write" else read
        print("\n" + json.dumps(half(given.wing, given.folder)))
    else:
        text = json.dumps({wing: facts(wing) for wing in WINGS}, indent=1)
        FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
