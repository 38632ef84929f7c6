"""The blocks of the activations page; what it says of a function is computed here."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from dlcookbook.sheet import activations
from dlcookbook.sheet.activations import Activation
from tools import activation_figures
from tools.blocks import (
    ROOT,
    Block,
    code,
    formatted,
    link,
    pages_of,
    pictures,
    snippet,
    table,
    told,
)

COST = ROOT / "docs" / "evidence" / "activations_cost.json"
NEAR = np.linspace(-15, 15, 30_001)
MEASURED = """
import keras
import tensorflow as tf
import torch
from keras import ops
from torch import nn, tensor
from torch.nn import functional as F

from dlcookbook.keras.activations import elu as ours
from dlcookbook.keras.activations.gelu import gelu as ours_gelu
from dlcookbook.keras.activations.sparsemax import sparsemax as ours_sparsemax
from dlcookbook.keras.activations.squareplus import squareplus as ours_squareplus
from dlcookbook.torch.activations.sparsemax import sparsemax
from dlcookbook.torch.activations.squareplus import squareplus

low = ops.convert_to_tensor(-0.001, dtype="bfloat16")


def slope(f, x, dtype=torch.float32):
    x = tensor(x, dtype=dtype, requires_grad=True)
    return torch.autograd.grad(f(x), x)[0]


def slope_keras(f, x, dtype="float32"):
    x = tf.constant(x, dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x)


def count(layer, x):
    layer(x)
    if isinstance(layer, nn.Module):
        return sum(weight.numel() for weight in layer.parameters())
    return layer.count_params()


def show(what, *numbers):
    print(f"{what:40}", *(f"{float(number):9.4f}" for number in numbers))


"""


@dataclass(frozen=True)
class Facts:
    """What the definition of a function says about it.

    Attributes
    ----------
    low, high : float
        Ends of its range.
    range : str
        The same, with a round bracket where an end is never reached.
    left, right : float
        Slope directly left and right of 0.
    steepest : float
        Largest slope, without its sign.
    saturates : str
        Where it ends in a constant, and in which.
    mean : float
        Mean of its values for normal numbers.
    gain : float
        1 over the root of their mean square: what keeps a layer's spread.
    """

    low: float
    high: float
    range: str
    left: float
    right: float
    steepest: float
    saturates: str
    mean: float
    gain: float


def definitions(row: Activation) -> tuple[Callable[..., Any], dict[str, Any] | None]:
    """Return a row's definition and its slope's, the options of the row given."""
    path, _, name = row.reference.partition(".")
    module = importlib.import_module(f"dlcookbook.reference.{path.replace('/', '.')}")
    return getattr(module, name), getattr(module, f"{name}_slope", None)


def is_single(row: Activation) -> bool:
    """Tell functions of single numbers from those of rows."""
    return "axis" not in inspect.signature(definitions(row)[0]).parameters


def number(x: float) -> str:
    """Return a number with three digits."""
    return f"{x:.3g}".replace("-0", "0") if abs(x) < 5e-6 else f"{x:.3g}"


def interval(near: np.ndarray, far: np.ndarray) -> str:
    """Return a range in brackets, square where the end is reached not far from 0."""
    low, high = min(near.min(), far.min()), max(near.max(), far.max())
    start = "(-∞" if low < -1e4 else ("[" if near.min() <= low else "(") + end(low)
    stop = "∞)" if high > 1e4 else end(high) + ("]" if near.max() >= high else ")")
    return f"{start}, {stop}"


def end(x: float) -> str:
    """Return an end of a range."""
    return f"{round(x, 5) + 0.0:.3g}"


@cache
def facts(row: Activation) -> Facts:
    """Compute what a row's definition says."""
    arguments = f"call(x, {row.arguments})"
    value, derivative = (
        lambda x, f=f: eval(arguments, {"call": f, "x": x}) for f in definitions(row)
    )
    near, far = value(NEAR), value(np.array([-1e8, 1e8]))
    slopes = derivative(np.array([-1e6, -1e-9, 1e-9, 1e6]))
    parts = [
        f"{end(limit)} {side}"
        for limit, slope, side in zip(
            far, slopes[[0, 3]], ("left", "right"), strict=True
        )
        if abs(slope) < 1e-5
    ]
    z = np.linspace(-12, 12, 240_001)
    weight = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    at = value(z)
    return Facts(
        low=float(min(near.min(), far.min())),
        high=float(max(near.max(), far.max())),
        range=interval(near, far),
        left=float(slopes[1]),
        right=float(slopes[2]),
        steepest=float(np.abs([*derivative(NEAR), *slopes]).max()),
        saturates=", ".join(parts) or "no",
        mean=float((weight * at).sum()),
        gain=float((weight * at**2).sum() ** -0.5),
    )


@cache
def row_range(row: Activation) -> str:
    """Return the range of a function of rows, from scores near to and far from 0."""
    x = np.random.default_rng(0).normal(size=(4000, 4))
    value = definitions(row)[0]
    # a lead of 40 is all that float64 tells from 1
    far = np.array([[1e8, 0, 0, 0], [0, 1e8, 1e8, 1e8], [-1e8, 1e8, 1e8, 1e8]])
    return interval(value(3 * x), value(far))


def range_of(row: Activation) -> str:
    """Return the range of any row."""
    return facts(row).range if is_single(row) else row_range(row)


def slope_at_zero(row: Activation) -> str:
    """Return the slope at 0, or both where it jumps."""
    if not is_single(row):
        return code("")
    found = facts(row)
    both = [number(found.left), number(found.right)]
    return " to ".join(dict.fromkeys(both))


def of_single(fact: Callable[[Facts], str]) -> Callable[[Activation], str]:
    """Return a fact of functions of single numbers, a dash for the others."""
    return lambda row: fact(facts(row)) if is_single(row) else code("")


def centred(found: Facts) -> str:
    """Tell the mean of the values, and whether it is 0."""
    return "yes" if abs(found.mean) < 5e-3 else f"no, {found.mean:.2f}"


def times(ratio: float) -> str:
    """Return a ratio with two digits."""
    return f"{ratio:.2g} x" if ratio < 100 else f"{round(ratio, -1):.0f} x"


def cost(wing: str) -> Callable[[Activation], str]:
    """Return what a row cost in a framework, as a ratio to ReLU."""

    def of(row: Activation) -> str:
        seconds = json.loads(COST.read_text(encoding="utf-8"))["seconds"]
        if row.slug not in seconds:
            return "0"
        measured, relu = seconds[row.slug], seconds["relu"][wing]
        ratio = times(measured[wing] / relu)
        if wing == "keras" and "own" in measured:
            return f"{ratio} (Keras' own {times(measured['own'] / relu)})"
        return ratio

    return of


def initialiser(name: str) -> str:
    """Return both calls of an initialiser."""
    [found] = [i for i in activations.INITIALISERS if i.name == name]
    return f"{name}: `{found.torch}`, `kernel_initializer={found.keras}`"


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    rows = [row for row in activations.ROWS if block.of == (row.section or row.slug)]
    kinds: dict[str, Callable[[Activation], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Function": lambda row: code(row.formula),
        "Derivative": lambda row: code(row.slope),
        "Range": range_of,
    }
    if all(map(is_single, rows)):
        kinds |= {
            "Slope at 0": slope_at_zero,
            "Steepest": of_single(lambda found: number(found.steepest)),
            "Saturates": of_single(lambda found: found.saturates),
            "Zero-centred": of_single(centred),
            "Gain": of_single(lambda found: number(found.gain)),
        }
    kinds |= {
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Cost, ReLU is 1 x": lambda row: (
            f"PyTorch {cost('torch')(row)}, Keras {cost('keras')(row)}"
        ),
        "Initialiser": lambda row: initialiser(row.init) if row.init else code(""),
    }
    if any(row.defaults for row in rows):
        kinds["Without arguments"] = lambda row: (
            "<br>".join(f"`{call}`: `{given}`" for call, given in row.defaults)
            or code("")
        )
    kinds |= {
        "Recipe" if any(row.recipe for row in rows) else "Definition": lambda row: (
            pages_of(row.recipe or row.reference.partition(".")[0])
        ),
        "Source": lambda row: link(row.source),
    }
    return told(block, "Activation", rows, kinds)


def place_table(block: Block) -> str:
    """Answer which activation belongs where."""
    found = {row.slug: row for row in activations.ROWS}
    starts = {i.name: i for i in activations.INITIALISERS}
    rows = []
    for place in activations.PLACES:
        row = found[place.activation]
        start = starts.get(place.init)
        rows.append(
            (
                place.place,
                f"[{row.name}](#{row.slug})",
                code(row.torch),
                code(row.keras),
                f"[{start.name}](#initialisers)" if start else code(""),
                place.note,
            )
        )
    header = ("Where", "Activation", "PyTorch", "Keras", "Initialiser", "Why, and else")
    return table(header, rows)


def start_table(block: Block) -> str:
    """Return the initialisers."""
    rows = [
        (i.name, code(i.torch), code(f"kernel_initializer={i.keras}"), code(i.std))
        for i in activations.INITIALISERS
    ]
    return table(("Initialiser", "PyTorch", "Keras", "Spread of a weight"), rows)


def overview(block: Block) -> str:
    """Return all functions of single numbers and what they do."""
    rows = [
        (
            f"[{row.name}](#{row.slug})",
            code(row.formula),
            facts(row).range,
            slope_at_zero(row),
            number(facts(row).steepest),
            facts(row).saturates,
            centred(facts(row)),
            number(facts(row).gain),
            cost("torch")(row),
            cost("keras")(row),
        )
        for row in activations.ROWS
        if is_single(row)
    ]
    header = (
        "Activation",
        "Function",
        "Range",
        "Slope at 0",
        "Steepest",
        "Saturates",
        "Zero-centred",
        "Gain",
        "Cost, PyTorch",
        "Cost, Keras",
    )
    return table(header, rows)


def gate_table(block: Block) -> str:
    """Return the functions of rows."""
    rows = [
        (
            f"[{row.name}](#{row.slug})",
            code(row.formula),
            row_range(row),
            code(row.torch),
            code(row.keras),
            cost("torch")(row),
            cost("keras")(row),
        )
        for row in activations.ROWS
        if not is_single(row)
    ]
    header = (
        "Activation",
        "Function",
        "Range",
        "PyTorch",
        "Keras",
        "Cost, PyTorch",
        "Cost, Keras",
    )
    return table(header, rows)


def difference_table(block: Block) -> str:
    """Return where the frameworks differ, and the code that makes them agree."""
    rows = [
        (row.convention, *map(code, (row.torch, row.keras, row.same)), row.note)
        for row in activations.DIFFERENCES
    ]
    header = ("They disagree about", "PyTorch", "Keras", "Same number", "Why")
    return table(header, rows)


def measured_differences(block: Block) -> str:
    """Return a snippet that prints both numbers of every difference."""
    head = "print(f\"{'':40} {'torch':>9} {'keras':>9} {'same':>9}\")"
    lines = [MEASURED.strip("\n"), head]
    for row in activations.DIFFERENCES:
        calls = ", ".join((row.torch, row.keras, row.same))
        lines.append(f'show("{row.convention}", {calls})')
    return snippet(formatted("\n".join(lines) + "\n"), block.old)


FIGURES = activation_figures
FACTS = (
    activations.ROWS,
    activations.PLACES,
    activations.INITIALISERS,
    activations.DIFFERENCES,
)
CALLS = (
    2 * len(activations.ROWS)
    + sum(len(row.defaults) for row in activations.ROWS)
    + 2 * len(activations.INITIALISERS)
    + 3 * len(activations.DIFFERENCES)
)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "activation-places": place_table,
    "activation-starts": start_table,
    "activations": overview,
    "activation-rows": gate_table,
    "activation": section_facts,
    "activation-figure": pictures(activation_figures),
    "activation-differences": difference_table,
    "activation-measured": measured_differences,
}
