"""The blocks of the losses page, and the table of the home page."""

from __future__ import annotations

import re
from collections.abc import Callable

from dlcookbook.sheet import losses
from tools import figures
from tools.blocks import Block, formatted, link, pictures, snippet, table, told

# The row of the chapter's table that the home page shows, by what it predicts.
HOME_TASKS = (
    "binary",
    "multiclass",
    "multilabel",
    "imbalanced",
    "regression",
    "robust-regression",
    "quantiles",
    "segmentation",
    "boxes",
    "retrieval",
)


def defaults() -> dict[str, losses.Loss]:
    """Map each task to the first row that names it."""
    found: dict[str, losses.Loss] = {}
    for row in losses.ROWS:
        for task in row.tasks:
            found.setdefault(task, row)
    return found


def short(call: str) -> str:
    """Leave out what the legend above the table says once."""
    return re.sub(r"keras\.(losses|metrics)\.", "", call).removesuffix(
        "(targets, outputs)"
    )


def decision_table(block: Block) -> str:
    """Answer what is predicted with the default for it, one row per task."""
    rows = [
        (
            row.predicting,
            f"[{row.name}](#{row.slug})",
            row.last_layer,
            f"`{row.targets}`",
            f"`{row.torch}`",
            f"`{short(row.keras)}`",
        )
        for row in dict.fromkeys(defaults().values())
    ]
    header = ("You predict", "Loss", "Last layer", "Targets", "PyTorch", "Keras")
    return table(header, rows)


def home_table(block: Block) -> str:
    """Return the chapter's table in short, for the home page."""
    found = defaults()
    rows = [
        (
            found[task].predicting,
            f"[{found[task].name}](losses.md#{found[task].slug})",
            found[task].last_layer,
            f"`{found[task].torch}`",
            f"`{short(found[task].keras)}`",
        )
        for task in HOME_TASKS
    ]
    return table(("You predict", "Loss", "Last layer", "PyTorch", "Keras"), rows)


def definition(row: losses.Loss) -> str:
    """Link the files that hold a row's definition and recipes."""
    path = row.reference.partition(".")[0]
    pages = {"NumPy": f"reference/{path}.md"}
    if row.recipe:
        pages |= {"PyTorch": f"torch/{path}.md", "Keras": f"keras/{path}.md"}
    return ", ".join(f"[{name}]({page})" for name, page in pages.items())


def section_facts(block: Block) -> str:
    """Return the facts of a section of losses."""
    rows = [row for row in losses.ROWS if block.of == (row.section or row.slug)]
    facts: dict[str, Callable[[losses.Loss], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Last layer": lambda row: f"{row.last_layer}; outputs `{row.outputs}`",
        "Targets": lambda row: f"`{row.targets}`",
        "Recipe" if any(row.recipe for row in rows) else "Definition": definition,
        "Source": lambda row: link(row.source),
    }
    return told(block, "Loss", rows, facts)


def task_table(block: Block) -> str:
    """Return the real-world table."""
    slugs = {row.name: row.slug for row in losses.ROWS}
    rows = [
        (
            task.name,
            " + ".join(f"[{name}](#{slugs[name]})" for name in task.loss),
            task.last_layer,
            f"`{task.optimizer}`",
            "<br>".join(
                f"`{code}`" for code in (task.keras_metric, task.metric) if code
            )
            or "none in core",
            task.note,
        )
        for task in losses.TASKS
    ]
    header = ("Task", "Loss", "Last layer", "Optimizer", "Metric", "Note")
    return table(header, rows)


def difference_table(block: Block) -> str:
    """Return where the frameworks differ, and the code that makes them agree."""
    rows = [
        (
            row.convention,
            *(f"`{short(code)}`" for code in (row.torch, row.keras, row.same)),
            row.note,
        )
        for row in losses.DIFFERENCES
    ]
    header = ("They disagree about", "PyTorch", "Keras", "Same number", "Why")
    return table(header, rows)


def measured_differences(block: Block) -> str:
    """Return a snippet that prints both numbers of every difference."""
    lines = [
        "import warnings",
        "",
        "import keras",
        "import torch",
        "from keras import ops",
        "from torch.nn import functional as F",
        "",
        'warnings.simplefilter("ignore")  # torch warns about two of them',
        "",
        "",
        "def show(what, *numbers):",
        '    print(f"{what:32}", *(f"{float(number):9.4f}" for number in numbers))',
        "",
        "",
        "print(f\"{'':32} {'torch':>9} {'keras':>9} {'mapped':>9}\")",
    ]
    for row in losses.DIFFERENCES:
        lines += ["", *row.inputs.split("\n")]
        lines.append(f'show(\n    "{row.convention}",')
        lines += [f"    {code}," for code in (row.torch, row.keras, row.same)]
        lines.append(")")
    return snippet(formatted("\n".join(lines) + "\n"), block.old)


FIGURES = figures
FACTS = (losses.ROWS, losses.TASKS, losses.DIFFERENCES)
CALLS = 2 * len(losses.ROWS) + 3 * len(losses.DIFFERENCES)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "losses": decision_table,
    "figure": pictures(figures),
    "loss": section_facts,
    "tasks": task_table,
    "differences": difference_table,
    "measured": measured_differences,
    "home": home_table,
}
