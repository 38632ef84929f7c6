"""The blocks of the metrics page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from dlcookbook.catalog import recipes
from dlcookbook.sheet import metrics
from tools import metric_figures
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

SPEED = ROOT / "docs" / "evidence" / "metrics_speed.json"
LIBRARIES = ("ours", "sklearn", "torchmetrics", "torcheval", "keras")
ASKED = """
import warnings

warnings.simplefilter("ignore")  # some libraries warn when they are imported

import keras
import numpy as np
import sklearn.metrics as sk
import torch
import torcheval.metrics.functional as te
import torchmetrics.functional as tm
from torch import tensor

{recipes}


def show(question, *calls):
    said = ["-" if call is None else f"{{float(call()):.4g}}" for call in calls]
    print(" | ".join([question, *said]))


def streamed(metric, *batch):
    metric.update_state(*batch)
    return metric.result()

"""


def metric_facts(block: Block) -> str:
    """Return the facts of a section of metrics."""
    rows = [row for row in metrics.ROWS if block.of == (row.section or row.slug)]
    facts: dict[str, Callable[[metrics.Metric], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "From": lambda row: f"outputs `{row.outputs}`; targets `{row.targets}`",
        "Range": lambda row: row.best,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "NumPy": lambda row: code(row.numpy),
        "scikit-learn": lambda row: code(row.sklearn),
        "Recipe": lambda row: pages_of(row.recipe),
        "Source": lambda row: link(row.source),
    }
    return told(block, "Metric", rows, facts)


def metric_table(block: Block) -> str:
    """Answer what is asked with the default for it, one row per question."""
    found: dict[str, metrics.Metric] = {}
    for row in metrics.ROWS:
        found.setdefault(row.asking, row)
    rows = [
        (
            row.asking,
            f"[{row.name}](#{row.slug})",
            f"`{row.outputs}`",
            *(code(call) for call in (row.torch, row.keras, row.sklearn)),
        )
        for row in found.values()
    ]
    header = (
        "You want to know",
        "Metric",
        "Outputs",
        "PyTorch",
        "Keras",
        "scikit-learn",
    )
    return table(header, rows)


def answers(block: Block) -> str:
    """Return what five libraries say of the same predictions, and the code behind."""
    calls = "\n".join(row.ours for row in metrics.ANSWERS)
    lines = []
    for row in metrics.ANSWERS:
        said = [getattr(row, library) for library in LIBRARIES]
        asked = ", ".join(f"lambda: {call}" if call else "None" for call in said)
        lines += [row.inputs, f"show({row.question!r}, {asked})"]
    imports = {
        name: recipe.name.replace("/", ".")
        for recipe in recipes()
        if recipe.wing == "numpy"
        for name in recipe.functions
        if re.search(rf"\b{name}\(", calls)
    }
    imported = [
        f"from dlcookbook.{module} import "
        + ", ".join(sorted(name for name in imports if imports[name] == module))
        for module in sorted(set(imports.values()))
    ]
    source = ASKED.format(recipes="\n".join(imported)) + "\n".join(lines) + "\n"
    ran = snippet(formatted(source.lstrip()), block.old)
    printed = ran.rpartition("```text {.output}\n")[2].removesuffix("```")
    rows = []
    for row, line in zip(metrics.ANSWERS, printed.splitlines(), strict=True):
        question, *cells = line.split(" | ")
        found = (code(cell if cell != "-" else "") for cell in cells)
        rows.append((question, *found, row.note))
    titles = ("dlcookbook", "scikit-learn", "torchmetrics", "torcheval", "Keras")
    head = table(("The same predictions", *titles, "Why"), rows)
    return "\n".join([head, "", "/// details | The code that ran", "", ran, "///"])


def speed_table(block: Block) -> str:
    """Return how much faster than their peers the metrics were measured."""
    rows, memory = [], []
    for race in json.loads(SPEED.read_text(encoding="utf-8"))["races"]:
        for wing, ours in race["ours"].items():
            faster = {
                peer: f"{theirs / ours:.3g} x" for peer, theirs in race["peers"].items()
            }
            wanted = {
                peer: f" (aimed at {ratio:g} x)"
                for peer, ratio in race["wanted"].items()
                if race["peers"][peer] / ours < ratio
            }
            cells = (faster[peer] + wanted.get(peer, "") for peer in faster)
            said = ", ".join(map(" ".join, zip(faster, cells, strict=True)))
            rows.append((race["task"], wing, f"{ours / race['floor']:,.3g} x", said))
        if taken := race.get("memory"):
            said = ", ".join(
                f"{name} {taken[name] / 1e6:.0f} MB"
                for name in sorted(taken, key=taken.get)
            )
            memory.append(f"Peak memory beyond the inputs, {race['task']}: {said}.")
    header = ("Task", "Recipe in", "Time over one read of the data", "Faster than")
    return "\n\n".join([table(header, rows), *memory])


FIGURES = metric_figures
FACTS = (metrics.ROWS, metrics.ANSWERS)
CALLS = sum(
    bool(call)
    for row in metrics.ROWS
    for call in (row.torch, row.keras, row.numpy, row.sklearn)
)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "metrics": metric_table,
    "metric": metric_facts,
    "metric-figure": pictures(metric_figures),
    "answers": answers,
    "speed": speed_table,
}
