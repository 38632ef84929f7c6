"""How each wing spells a call: NumPy in, NumPy out, for every wing alike.

Nothing else in the tests knows that Keras swaps the arguments and puts channels last.
"""

import functools
import importlib
import importlib.util
import inspect
from pathlib import Path

import numpy as np

PACKAGE = Path(__file__).parent.parent / "dlcookbook"
WINGS = [w for w in ("torch", "keras") if importlib.util.find_spec(w)]
DTYPES = ("float64", "float32", "float16", "bfloat16")


def files(wing: str, topic: str) -> set[str]:
    """Names of the recipe files of a wing's topic, read from the disk."""
    return {p.stem for p in (PACKAGE / wing / topic).glob("[!_]*.py")}


def module(wing: str, topic: str, file: str):
    """Import one recipe file."""
    return importlib.import_module(f"dlcookbook.{wing}.{topic}.{file}")


def function(wing: str, name: str):
    """Return the function called `losses/focal.sigmoid_focal_loss` in a wing."""
    path, _, attribute = name.partition(".")
    return getattr(module(wing, *path.split("/")), attribute)


def options(wing: str, name: str) -> dict:
    """Return the keyword-only parameters of a recipe, with their defaults."""
    parameters = inspect.signature(function(wing, name)).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def unit(dtype: str) -> float:
    """Relative spacing of the numbers of a dtype (its machine epsilon)."""
    return {
        "float64": 2.0**-52,
        "float32": 2.0**-23,
        "float16": 2.0**-10,
        "bfloat16": 2.0**-7,
    }[dtype]


def rounded(x: np.ndarray, dtype: str) -> np.ndarray:
    """Round floats to a dtype and return them as float64; leave integers alone."""
    x = np.asarray(x)
    if x.dtype.kind != "f" or dtype == "float64":
        return x
    if dtype == "bfloat16":
        import ml_dtypes

        return x.astype(ml_dtypes.bfloat16).astype(np.float64)
    return x.astype(dtype).astype(np.float64)


def reference(name: str, outputs, targets, **kwargs) -> np.ndarray:
    """Call the definition."""
    return np.asarray(function("reference", name)(outputs, targets, **kwargs))


def slope(name: str, outputs, targets, *, step: float = 1e-6, **kwargs) -> np.ndarray:
    """Gradient of the definition's sum, by central differences in float64."""
    outputs = np.asarray(outputs, np.float64)
    gradient = np.zeros_like(outputs)
    for index in np.ndindex(outputs.shape):
        ends = []
        for sign in (1, -1):
            moved = outputs.copy()
            moved[index] += sign * step
            ends.append(reference(name, moved, targets, **kwargs).sum())
        gradient[index] = (ends[0] - ends[1]) / (2 * step)
    return gradient


def call(wing, name, outputs, targets, *, dtype="float32", last=(), **kwargs):
    """Loss and gradient of its sum, as NumPy arrays of the recipe's own dtype name.

    `last` names what Keras wants with channels last: "outputs", "targets" or both.
    Returns (loss, gradient, name of the loss's dtype), both float64, torch's layout.
    """
    f = function(wing, name)
    if wing == "torch":
        return _call_torch(f, outputs, targets, dtype, kwargs)
    move = {
        "outputs": (lambda x: np.moveaxis(x, 1, -1)) if "outputs" in last else None,
        "targets": (lambda x: np.moveaxis(x, 1, -1)) if "targets" in last else None,
    }
    outputs, targets = np.asarray(outputs), np.asarray(targets)
    outputs = move["outputs"](outputs) if move["outputs"] else outputs
    targets = move["targets"](targets) if move["targets"] else targets
    loss, gradient, kind = _call_keras(f, outputs, targets, dtype, kwargs)
    if "outputs" in last:
        gradient = np.moveaxis(gradient, -1, 1)
    return loss, gradient, kind


def _call_torch(f, outputs, targets, dtype, kwargs):
    import torch

    kind = getattr(torch, dtype)
    outputs = torch.tensor(np.asarray(outputs), dtype=kind, requires_grad=True)
    targets = torch.tensor(np.asarray(targets))
    if targets.is_floating_point():
        targets = targets.to(kind)
    kwargs = {
        k: torch.tensor(v, dtype=kind) if isinstance(v, np.ndarray) else v
        for k, v in kwargs.items()
    }
    loss = f(outputs, targets, **kwargs)
    (gradient,) = torch.autograd.grad(loss.double().sum(), outputs)
    return (
        loss.detach().double().numpy(),
        gradient.double().numpy(),
        str(loss.dtype).removeprefix("torch."),
    )


def _call_keras(f, outputs, targets, dtype, kwargs):
    import keras
    from keras import ops

    outputs = ops.convert_to_tensor(outputs, dtype=dtype)
    targets = np.asarray(targets)
    is_float = targets.dtype.kind == "f"
    targets = ops.convert_to_tensor(targets, dtype=dtype if is_float else None)
    kwargs = {
        k: ops.convert_to_tensor(v, dtype=dtype) if isinstance(v, np.ndarray) else v
        for k, v in kwargs.items()
    }

    def total(x):
        return ops.sum(ops.cast(f(targets, x, **kwargs), "float64"))

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(outputs)
            value = total(outputs)
        gradient = tape.gradient(value, outputs)
    elif backend == "torch":
        import torch

        outputs = outputs.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(total(outputs), outputs)
        outputs = outputs.detach()
    else:
        import jax

        # One compilation instead of one for every operation.
        gradient = jax.jit(jax.grad(total))(outputs)
        f = jax.jit(functools.partial(f, **kwargs))
        kwargs = {}
    loss = f(targets, outputs, **kwargs)
    return (
        ops.convert_to_numpy(ops.cast(loss, "float64")),
        ops.convert_to_numpy(ops.cast(gradient, "float64")),
        keras.backend.standardize_dtype(loss.dtype),
    )
