"""The blocks of the layers page."""

from __future__ import annotations

from collections.abc import Callable

from dlcookbook.sheet import layers
from tools import layer_figures
from tools.blocks import (
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

# What the calls of differences and initialisers mention.
BUILT = """
import keras
import numpy as np
import torch
from keras import layers, ops
from torch import nn
from torch.nn import functional as F


def built(layer, shape):
    layer.build(shape)
    return layer
"""
HELPERS = (
    BUILT.replace(
        "functional as F\n",
        """functional as F

from dlcookbook.torch.layers.batch_norm import BatchNorm
from dlcookbook.torch.layers.resize import resize
from dlcookbook.torch.layers.same_conv import same_conv
from dlcookbook.torch.layers.same_conv_transpose import same_conv_transpose
from dlcookbook.torch.layers.same_pool import same_average_pool, same_max_pool
""",
    )
    + """

def trained(layer, x):
    layer(x) if isinstance(layer, nn.Module) else layer(x, training=True)
    return layer


def identity(attention, *x):
    # every weight 1, every bias 0
    if isinstance(attention, nn.Module):
        for weight in attention.parameters():
            nn.init.constant_(weight, float(weight.ndim > 1))
    else:
        attention(*x, *x)
        attention.set_weights(
            [np.full(w.shape, float("kernel" in w.path)) for w in attention.weights]
        )
    return attention
"""
)
UNUSED = "\nfrom torch.nn import functional as F"


def decision_table(block: Block) -> str:
    """Answer what is wanted with the default for it, one row per task."""
    found: dict[str, layers.Layer] = {}
    for row in layers.ROWS:
        if not row.recipe:
            found.setdefault(row.shaping, row)
    rows = [
        (
            row.shaping,
            f"[{row.name}](#{row.slug})",
            f"`{row.output}`",
            code(row.parameters),
            f"`{row.torch}`",
            f"`{row.keras}`",
        )
        for row in found.values()
    ]
    header = ("You have", "Layer", "Output", "Parameters", "PyTorch", "Keras")
    return table(header, rows)


def layer_facts(block: Block) -> str:
    """Return the facts of a section."""
    rows = [row for row in layers.ROWS if block.of == (row.section or row.slug)]
    facts: dict[str, Callable[[layers.Layer], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Shape": lambda row: f"`{row.inputs}` to `{row.output}`",
        "Parameters": counted,
        "Multiply-adds": lambda row: code(row.macs if row.macs != "0" else ""),
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Code": lambda row: pages_of(row.recipe or row.reference.partition(".")[0]),
        "Source": lambda row: link(row.source),
    }
    return told(block, "Layer", rows, facts)


def counted(row: layers.Layer) -> str:
    """Return the formula of the parameters, both where they differ."""
    if row.parameters == "0":
        return "none"
    if not row.keras_parameters:
        return code(row.parameters)
    return f"{code(row.parameters)}, in Keras {code(row.keras_parameters)}"


def initialiser_table(block: Block) -> str:
    """Return what the frameworks draw under one name, and the code behind."""
    lines = [
        BUILT.strip().replace("layers, ops", "layers").replace(UNUSED, ""),
        "",
        "",
        "def show(name, *weights):",
        "    said = []",
        "    for w in weights:",
        "        w = np.asarray(w.detach() if isinstance(w, torch.Tensor) else w)",
        '        said += [f"{w.std():.4f}", f"{abs(w).max():.4f}"]',
        '    print(" | ".join([name, *said]))',
        "",
        "",
        "torch.manual_seed(0)",
        "keras.utils.set_random_seed(0)",
    ]
    for row in layers.INITIALISERS:
        lines.append(f'show("{row.name}", {row.torch}, {row.keras})')
    ran = snippet(formatted("\n".join(lines) + "\n"), block.old)
    printed = ran.rpartition("```text {.output}\n")[2].removesuffix("```")
    rows = []
    for row, line in zip(layers.INITIALISERS, printed.splitlines(), strict=True):
        name, *cells = line.split(" | ")
        rows.append((name, *cells, row.note))
    titles = ("torch: std", "largest", "Keras: std", "largest")
    head = table(("Initialiser", *titles, "Same?"), rows)
    return "\n".join([head, "", "/// details | The code that ran", "", ran, "///"])


def difference_table(block: Block) -> str:
    """Return where the frameworks differ, both numbers, and the code that ran."""
    lines = [
        HELPERS.strip(),
        "",
        "",
        "def show(what, *numbers):",
        "    read = (n.detach() if hasattr(n, 'detach') else n for n in numbers)",
        '    print(" | ".join([what, *(f"{float(n):.4g}" for n in read)]))',
        "",
    ]
    for row in layers.DIFFERENCES:
        lines += ["", *row.inputs.split("\n"), f'show(\n    "{row.convention}",']
        lines += [f"    {call}," for call in (row.torch, row.keras, row.same)]
        lines.append(")")
    ran = snippet(formatted("\n".join(lines) + "\n"), block.old)
    printed = ran.rpartition("```text {.output}\n")[2].removesuffix("```")
    rows = []
    for row, line in zip(layers.DIFFERENCES, printed.splitlines(), strict=True):
        name, *numbers = line.split(" | ")
        other = "torch's" if "keras." in row.same else "Keras'"
        cells = (code(number) for number in numbers[:2])
        rows.append((name, *cells, f"{other} by `{row.same}`", row.note))
    head = table(
        ("They disagree about", "PyTorch", "Keras", "Same number", "Why"), rows
    )
    return "\n".join([head, "", "/// details | The code that ran", "", ran, "///"])


BLOCKS: dict[str, Callable[[Block], str]] = {
    "layers": decision_table,
    "layer": layer_facts,
    "layer-figure": pictures(layer_figures),
    "initialisers": initialiser_table,
    "layer-differences": difference_table,
}
FACTS = (layers.ROWS, layers.INITIALISERS, layers.DIFFERENCES)
CALLS = 2 * (len(layers.ROWS) + len(layers.INITIALISERS)) + 3 * len(layers.DIFFERENCES)
FIGURES = layer_figures
