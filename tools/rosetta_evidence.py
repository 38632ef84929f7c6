"""Run every row of the Rosetta page with Keras on TensorFlow and on torch.

    python -m tools.rosetta_evidence

Writes docs/evidence/rosetta.json: how far PyTorch and Keras are apart with the first
calls of a row, and how far with the lines that make them agree. Each backend has a
process of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# imported after TensorFlow it can crash
import torch  # isort: skip

import keras
import numpy as np
from keras import layers, ops
from torch import nn, optim
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from dlcookbook.sheet import rosetta
from dlcookbook.sheet.rosetta import Difference
from tools.places import ROOT

__all__ = ["BACKENDS", "FILE", "measure", "near"]

FILE = ROOT / "docs" / "evidence" / "rosetta.json"
BACKENDS = ("tensorflow", "torch")
PACKAGES = ("torch", "keras", "tensorflow", "numpy")
# Arrays of these names are channels last in Keras and channels first in PyTorch.
MOVED = ("signal", "image", "volume")
STEPS = 20

Told = dict[str, Any]


def near(row: Difference) -> float:
    """Return how far two calls may be apart that are said to agree."""
    return rosetta.DRAWN.get(row.measured, rosetta.NEAR)


def setup(row: Difference) -> dict[str, Any]:
    """Return the arrays that both calls of a row are given."""
    names: dict[str, Any] = {"np": np, "rng": np.random.default_rng(0)}
    exec(row.setup, names)
    return {
        name: value.astype("float32")
        if isinstance(value, np.ndarray) and value.dtype == "float64"
        else value
        for name, value in names.items()
        if name not in ("np", "rng", "__builtins__")
    }


def as_tensor(name: str, value: Any) -> Any:
    """Return an array as PyTorch takes it."""
    if isinstance(value, list):
        return [as_tensor(name, one) for one in value]
    if not isinstance(value, np.ndarray):
        return value
    tensor = torch.tensor(value.astype("float32") if value.dtype == "f8" else value)
    return tensor.movedim(-1, 1) if name in MOVED else tensor


def deal(shape: tuple[int, ...], place: int) -> np.ndarray:
    """Return the weight of a place, in PyTorch's layout."""
    drawn = np.random.default_rng([place, *shape]).normal(size=shape)
    return (0.5 * drawn).astype("float32")


def deal_torch(module: nn.Module) -> nn.Module:
    """Fill a module with the dealt weights."""
    with torch.no_grad():
        for place, weight in enumerate(module.parameters()):
            weight.copy_(torch.tensor(deal(tuple(weight.shape), place)))
    return module


def deal_keras(layer: keras.Layer) -> keras.Layer:
    """Fill a built layer with the same weights, turned to its layout."""
    depthwise = isinstance(layer, layers.DepthwiseConv2D)
    for place, weight in enumerate(layer.trainable_weights):
        shape, rank = tuple(weight.shape), len(weight.shape)
        last = (rank - 2, rank - 1)
        if "embeddings" in weight.path:
            order = tuple(range(rank))
        elif "depthwise" in weight.name or (rank == 4 and depthwise):
            order = (*last, *range(rank - 2))
        else:
            order = (*last[::-1], *range(rank - 2)) if rank > 1 else (0,)
        array = deal(tuple(shape[axis] for axis in order), place)
        weight.assign(np.transpose(array, np.argsort(order)))
    return layer


def apply_torch(module: nn.Module, weights: list[Any], *given: Any, **more: Any) -> Any:
    """Return a module's output with these weights."""
    with torch.no_grad():
        for old, new in zip(module.parameters(), weights, strict=True):
            old.copy_(new)
    return module(*given, **more)


def apply_keras(
    layer: keras.Layer, weights: list[Any], *given: Any, **more: Any
) -> Any:
    """Return a layer's output with these weights; the first call makes its own."""
    layer(*given, **more)
    layer.set_weights(weights)
    return layer(*given, **more)


def slope_torch(loss: Callable[[Any], Any], at: Any) -> Any:
    """Return the gradient of a loss."""
    at = torch.tensor(np.asarray(at), dtype=torch.float32, requires_grad=True)
    loss(at).sum().backward()
    return at.grad


def slope_keras(loss: Callable[[Any], Any], at: Any) -> Any:
    """Return the gradient of a loss, in the way of the backend."""
    if keras.backend.backend() == "torch":
        return slope_torch(loss, at)
    import tensorflow as tf

    variable = tf.Variable(np.asarray(at, "float32"))
    with tf.GradientTape() as tape:
        value = loss(variable)
    return tape.gradient(value, variable)


def saved(save: Callable[[str], Any], load: Callable[[str], Any], name: str) -> Any:
    """Return what comes back from a file of this name."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / name)
        save(path)
        return load(path)


def numpy_repeats(seed: Callable[[], Any]) -> bool:
    """Return whether NumPy draws the same again behind a seed."""
    seed()
    # the old generator is the one that the frameworks seed
    first = np.random.random()  # noqa: NPY002
    seed()
    return bool(first == np.random.random())  # noqa: NPY002


def gradients(scope: dict[str, Any]) -> list[np.ndarray]:
    """Return the gradients that every optimizer is given."""
    drawn = np.random.default_rng(1).normal(size=(STEPS, 6))
    return list((scope.get("scale", 1.0) * drawn).astype("float32"))


def start() -> np.ndarray:
    """Return the weights that every optimizer begins with."""
    return np.linspace(-1, 1, 6, dtype="float32")


def walk_torch(optimizer: Any, scope: dict[str, Any], factor: float = 1.0) -> Any:
    """Return the weights after the steps, the rate multiplied after each."""
    [weights] = scope["params"]
    for gradient in gradients(scope):
        weights.grad = torch.tensor(gradient)
        optimizer.step()
        for group in optimizer.param_groups:
            group["lr"] *= factor
    return weights


def walk_keras(optimizer: Any, scope: dict[str, Any], factor: float = 1.0) -> Any:
    """Return the weights after the steps, the rate multiplied after each."""
    weights, rate = keras.Variable(start()), float(optimizer.learning_rate)
    for gradient in gradients(scope):
        optimizer.apply([ops.convert_to_tensor(gradient)], [weights])
        rate *= factor
        optimizer.learning_rate = rate
    return weights


def rates_torch(scheduler: Any, scope: dict[str, Any]) -> list[float]:
    """Return the rate of every step."""
    found = []
    for _ in range(scope.get("steps", STEPS)):
        found.append(scheduler.optimizer.param_groups[0]["lr"])
        scheduler.optimizer.step()
        scheduler.step()
    return found


def rates_keras(schedule: Any, scope: dict[str, Any]) -> list[float]:
    """Return the rate of every step."""
    count = scope.get("steps", STEPS)
    return [float(ops.convert_to_numpy(schedule(step))) for step in range(count)]


def watched_torch(scheduler: Any, scope: dict[str, Any]) -> list[float]:
    """Return the rate after every value of a watched metric."""
    found = []
    for value in scope["values"]:
        scheduler.step(float(value))
        found.append(scheduler.optimizer.param_groups[0]["lr"])
    return found


def watched_keras(callback: Any, scope: dict[str, Any]) -> list[float]:
    """Return the rate after every value of a watched metric."""
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    callback.set_model(model)
    callback.on_train_begin()
    found = []
    for epoch, value in enumerate(scope["values"]):
        callback.on_epoch_end(epoch, {"val_loss": float(value)})
        found.append(float(ops.convert_to_numpy(model.optimizer.learning_rate)))
    return found


def given(scope: dict[str, Any]) -> Any:
    """Return what a layer of the row is called with."""
    return next(scope[name] for name in (*MOVED, "x") if name in scope)


def built(layer: keras.Layer, scope: dict[str, Any]) -> keras.Layer:
    """Return a layer that has its weights."""
    layer(given(scope))
    return layer


def statistic(name: str) -> dict[str, Callable[[Any, dict[str, Any]], Any]]:
    """Return what reads a running statistic after one batch."""

    def of_torch(module: Any, scope: dict[str, Any]) -> Any:
        module(given(scope))
        return getattr(module, {"mean": "running_mean", "var": "running_var"}[name])

    def of_keras(layer: Any, scope: dict[str, Any]) -> Any:
        layer(given(scope), training=True)
        return getattr(layer, {"mean": "moving_mean", "var": "moving_variance"}[name])

    return {"torch": of_torch, "keras": of_keras}


def array_of(made: Any, scope: dict[str, Any], place: int = 0) -> np.ndarray:
    """Return numbers that were drawn; of a layer, those of one of its weights."""
    # on torch a layer of Keras is a module too
    if isinstance(made, keras.Layer):
        made = built(made, scope).trainable_weights[place]
    elif isinstance(made, nn.Module):
        made = list(made.parameters())[place]
    return numbers(made)


def forget_torch(module: Any, scope: dict[str, Any]) -> Any:
    """Return the mean bias of the forget gate, both biases together."""
    size = module.hidden_size
    return (module.bias_ih_l0 + module.bias_hh_l0)[size : 2 * size].mean()


def forget_keras(layer: Any, scope: dict[str, Any]) -> Any:
    """Return the mean bias of the forget gate."""
    bias = built(layer, scope).trainable_weights[2]
    return ops.mean(bias[layer.units : 2 * layer.units])


Probe = Callable[[Any, dict[str, Any]], Any]
BOTH: dict[str, Probe] = {
    "": lambda made, scope: made,
    "largest": lambda made, scope: np.abs(array_of(made, scope)).max(),
    "largest bias": lambda made, scope: np.abs(array_of(made, scope, 1)).max(),
    "tail": lambda made, scope: np.quantile(np.abs(array_of(made, scope)), 0.999),
    "spread": lambda made, scope: array_of(made, scope).std(),
    "shares": lambda made, scope: np.bincount(numbers(made).astype(int).ravel()) / 2e4,
}
PROBES: dict[str, dict[str, Probe]] = {
    **{name: {"torch": probe, "keras": probe} for name, probe in BOTH.items()},
    "output": {
        "torch": lambda made, scope: deal_torch(made)(given(scope)),
        "keras": lambda made, scope: deal_keras(built(made, scope))(given(scope)),
    },
    "training": {
        "torch": lambda made, scope: made(given(scope)),
        "keras": lambda made, scope: made(given(scope), training=True),
    },
    "running mean": statistic("mean"),
    "running variance": statistic("var"),
    "steps": {"torch": walk_torch, "keras": walk_keras},
    "scheduled steps": {
        "torch": lambda made, scope: walk_torch(made, scope, 0.9),
        "keras": lambda made, scope: walk_keras(made, scope, 0.9),
    },
    "rates": {"torch": rates_torch, "keras": rates_keras},
    "watched": {"torch": watched_torch, "keras": watched_keras},
    "forget": {"torch": forget_torch, "keras": forget_keras},
}


def scope_of(row: Difference, wing: str) -> dict[str, Any]:
    """Return all that a call of a row can name."""
    arrays = setup(row)
    if wing == "keras":
        mine = {"apply": apply_keras, "slope": slope_keras, "layers": layers}
        return {"np": np, "keras": keras, "ops": ops, "saved": saved, **mine, **arrays}
    params = [nn.Parameter(torch.tensor(start()))]
    return {
        "np": np,
        "torch": torch,
        "nn": nn,
        "F": nn.functional,
        "optim": optim,
        "DataLoader": DataLoader,
        "RandomSampler": RandomSampler,
        "TensorDataset": TensorDataset,
        "apply": apply_torch,
        "slope": slope_torch,
        "saved": saved,
        "numpy_repeats": numpy_repeats,
        "params": params,
        "optimizer": optim.SGD(params, lr=0.1),
        **{name: as_tensor(name, value) for name, value in arrays.items()},
    }


def evaluated(row: Difference, call: str, wing: str) -> Any:
    """Return what is measured of a call."""
    scope = scope_of(row, wing) | {"numpy_repeats": numpy_repeats}
    torch.manual_seed(0)
    keras.utils.set_random_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = PROBES[row.measured][wing](eval(call, scope), scope)
    if isinstance(told := words(found), str):
        return told
    array = numbers(found)
    moved = [name for name in MOVED if name in scope]
    if wing == "torch" and any(array.ndim == scope[name].ndim for name in moved):
        array = np.moveaxis(array, 1, -1)
    return array


def words(found: Any) -> Any:
    """Return names, types, shapes, counts and truth values as words."""
    if isinstance(found, (torch.dtype, bool, np.bool_, int)):
        return str(found).removeprefix("torch.")
    # TensorFlow's own types, which are not imported for the other backend
    if type(found).__name__ == "DType":
        return str(found.name)
    if type(found).__name__ == "TensorShape":
        found = tuple(found)
    if isinstance(found, tuple) and all(isinstance(one, int) for one in found):
        return str(tuple(found))
    return found


def numbers(found: Any) -> np.ndarray:
    """Return tensors, lists of them and plain numbers as one array of float64."""
    if isinstance(found, (list, tuple)):
        parts = [numbers(part) for part in found]
        if len({part.shape for part in parts}) == 1:
            return np.stack(parts)
        return np.concatenate([part.ravel() for part in parts])
    if isinstance(found, torch.Tensor):
        found = found.detach().to(torch.float64).cpu()
    elif keras.ops.is_tensor(found) or isinstance(found, keras.Variable):
        found = ops.convert_to_numpy(found)
    return np.asarray(found).astype("float64")


def tried(row: Difference, call: str, wing: str) -> tuple[Any, str]:
    """Return what a call gives, or the name of the error that it raises."""
    try:
        return evaluated(row, call, wing), ""
    except (NameError, SyntaxError):
        # the row is wrong, not the framework
        raise
    except Exception as error:
        return None, type(error).__name__


def apart(row: Difference, in_torch: str, in_keras: str) -> Told:
    """Tell how far two calls are apart."""
    one, torch_error = tried(row, in_torch, "torch")
    two, keras_error = tried(row, in_keras, "keras")
    if torch_error or keras_error:
        return {"kind": "refused", "torch": torch_error, "keras": keras_error}
    if isinstance(one, str) and isinstance(two, str):
        if one == two:
            return {"kind": "number", "apart": 0.0}
        return {"kind": "words", "torch": one, "keras": two}
    if isinstance(one, str) or isinstance(two, str):
        raise TypeError(f"{row.name}: words on one side, numbers on the other")
    if one.shape != two.shape:
        shapes = (str(array.shape) for array in (one, two))
        return {"kind": "shape"} | dict(zip(("torch", "keras"), shapes, strict=True))
    finite = [bool(np.isfinite(array).all()) for array in (one, two)]
    if not all(finite):
        said = ("finite" if fine else "not finite" for fine in finite)
        return {"kind": "finite"} | dict(zip(("torch", "keras"), said, strict=True))
    return {"kind": "number", "apart": float(np.abs(one - two).max(initial=0))}


def measure(row: Difference) -> dict[str, Told]:
    """Tell how far the calls of a row are apart, first and with its lines."""
    found = {"first": apart(row, row.torch, row.keras)}
    if row.agree_torch or row.agree_keras:
        lines = row.agree_torch or row.torch, row.agree_keras or row.keras
        found["then"] = apart(row, *lines)
    return found


def main() -> None:
    """Measure on this process's backend, or start one process for each of them."""
    if "--here" in sys.argv:
        found = {row.slug: measure(row) for row in rosetta.ROWS}
        Path(sys.argv[-1]).write_text(json.dumps(found), encoding="utf-8")
        return
    rows: dict[str, dict[str, Any]] = {row.slug: {} for row in rosetta.ROWS}
    for backend in BACKENDS:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "found.json"
            command = (sys.executable, "-m", "tools.rosetta_evidence", "--here", file)
            chosen = os.environ | {"KERAS_BACKEND": backend}
            subprocess.run(command, env=chosen, check=True)
            for slug, told in json.loads(file.read_text(encoding="utf-8")).items():
                rows[slug][backend] = told
    record = {
        "versions": {name: metadata.version(name) for name in PACKAGES},
        "rows": rows,
    }
    FILE.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
