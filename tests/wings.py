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
# Where metrics stand: some need no tensor.
METRIC_WINGS = ["numpy", *WINGS]
# What a metric of Keras is asked that the others are not: a model calls it.
KERAS_ONLY = {"name", "from_scores", "from_logits"}
DTYPES = ("float64", "float32", "float16", "bfloat16")


def files(wing: str, topic: str) -> set[str]:
    """Names of the recipe files of a wing's topic, read from the disk."""
    return {p.stem for p in (PACKAGE / wing / topic).glob("[!_]*.py")}


def module(wing: str, topic: str, file: str):
    """Import one recipe file."""
    return importlib.import_module(f"dlcookbook.{wing}.{topic}.{file}")


def names(wing: str, recipe: str) -> dict:
    """Return what a row's call may mention of its recipe, if this wing needs one."""
    topic, _, file = recipe.partition("/")
    return dict(vars(module(wing, topic, file))) if file in files(wing, topic) else {}


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


def tensor(wing: str, x, dtype: str | None = None):
    """Turn NumPy into what a wing computes with; `dtype` is for the floats alone."""
    if not isinstance(x, np.ndarray | np.generic):
        return x
    kind = dtype if x.dtype.kind == "f" else None
    if wing == "torch":
        import torch

        return torch.tensor(x, dtype=getattr(torch, kind) if kind else None)
    if wing == "keras":
        from keras import ops

        return ops.convert_to_tensor(x, dtype=kind)
    if kind == "bfloat16":
        import ml_dtypes

        return x.astype(ml_dtypes.bfloat16)
    return x.astype(kind) if kind else x


def numbers(result) -> list[np.ndarray]:
    """Return what a metric computed as arrays of float64, however it is wrapped."""
    if isinstance(result, dict):
        return [x for key in sorted(result) for x in numbers(result[key])]
    if isinstance(result, tuple | list):
        return [x for part in result for x in numbers(part)]
    if hasattr(result, "detach"):
        result = result.detach().cpu().double()
    elif not isinstance(result, np.ndarray) and hasattr(result, "numpy"):
        result = result.numpy()
    return [np.asarray(result, np.float64)]


def arranged(wing: str, inputs, last=()) -> list:
    """Order inputs `(y_true, y_pred, ...)` and lay out their axes as a wing wants."""
    inputs = list(inputs)
    if wing in ("torch", "reference"):
        inputs = [
            np.moveaxis(x, -1, 1) if i in last else x for i, x in enumerate(inputs)
        ]
        inputs[:2] = inputs[1::-1]
    return inputs


def measure(wing, name, inputs, *, last=(), dtype="float64", **kwargs):
    """Call the plain function of a metric."""
    f = function(wing, name)
    if wing == "reference":
        return numbers(f(*arranged(wing, inputs, last), **kwargs))
    parts = [tensor(wing, x, dtype) for x in arranged(wing, inputs, last)]
    return numbers(f(*parts, **{k: tensor(wing, v, dtype) for k, v in kwargs.items()}))


class Stream:
    """A metric's class in a wing, behind the names that torch and NumPy use."""

    def __init__(self, wing, name, *, last=(), dtype="float64", **kwargs):
        kwargs = {k: tensor(wing, v, dtype) for k, v in kwargs.items()}
        self.metric = function(wing, name)(**kwargs)
        self.wing, self.last, self.dtype = wing, last, dtype

    def update(self, *inputs, sample_weight=None):
        parts = [
            tensor(self.wing, x, self.dtype)
            for x in arranged(self.wing, inputs, self.last)
        ]
        weight = (
            {}
            if sample_weight is None
            else {"sample_weight": tensor(self.wing, sample_weight, self.dtype)}
        )
        update = "update_state" if self.wing == "keras" else "update"
        getattr(self.metric, update)(*parts, **weight)

    def compute(self):
        result = "result" if self.wing == "keras" else "compute"
        return numbers(getattr(self.metric, result)())

    def reset(self):
        (self.metric.reset_state if self.wing == "keras" else self.metric.reset)()

    def merge(self, other):
        if self.wing == "keras":
            self.metric.merge_state([other.metric])
        else:
            assert self.metric.merge(other.metric) is self.metric
