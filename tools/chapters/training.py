"""The blocks of the training page: what to call, fit's arguments, the crashes."""

from __future__ import annotations

import json
from collections.abc import Callable

from dlcookbook.sheet import training
from dlcookbook.sheet.training import Training
from tools.blocks import ROOT, Block, SyncError, code, link, pages_of, table, told

CRASHES = ROOT / "docs" / "evidence" / "training_crashes.json"


def task_table(block: Block) -> str:
    """Answer what to call for what a training should do."""
    rows = [
        (
            row.wanting,
            f"[{row.name}](#{row.section or row.slug})",
            code(row.torch),
            code(row.keras),
        )
        for row in training.ROWS
    ]
    return table(("The training should", "Section", "PyTorch", "Keras"), rows)


def recipe(row: Training) -> str:
    """Link the recipe of each wing; Keras has `fit`, and callbacks of ours in it."""
    if not row.recipe:
        return code("")
    found = pages_of(row.recipe)
    if row.slug == "loop":
        ours = (("EarlyStopping", "early_stopping"), ("Checkpoint", "checkpoint"))
        found += "; Keras' `fit` with " + " and ".join(
            f"[{name}](keras/training/{file}.md)" for name, file in ours
        )
    return found


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    rows = [row for row in training.ROWS if block.of == (row.section or row.slug)]
    kinds: dict[str, Callable[[Training], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Recipe": recipe,
        "Source": lambda row: link(row.source),
    }
    return told(block, "Training", rows, kinds)


def argument_table(block: Block) -> str:
    """Return the arguments of `compile` or `fit`, each beside its PyTorch line."""
    rows = [
        (code(row.keras), code(row.torch), row.note)
        for row in training.ARGUMENTS
        if row.method == block.of
    ]
    if not rows:
        raise SyncError(f"no argument is one of {block.of!r}")
    return table((f"`{block.of}(...)` in Keras", "PyTorch", "Mind"), rows)


def callback_table(block: Block) -> str:
    """Return what callbacks do and the lines that do it in a loop."""
    rows = [
        (row.name, code(row.keras), code(row.torch), row.note)
        for row in training.CALLBACKS
    ]
    return table(("What", "Keras", "PyTorch", "Mind"), rows)


def crash_table(block: Block) -> str:
    """Return how many trainings were killed and what became of them."""
    found = json.loads(CRASHES.read_text(encoding="utf-8"))
    header = ("In", "Killed", "in a write", "Runs", "Ended", "Same")
    names = ("kills", "while_writing", "runs", "survived", "identical")
    wings = (("PyTorch", found["torch"]), ("Keras, on PyTorch", found["keras"]))
    return table(
        header, [(wing, *(str(count[name]) for name in names)) for wing, count in wings]
    )


FIGURES = None
FACTS = (training.ROWS, training.ARGUMENTS, training.CALLBACKS)
# every call of a row, an argument and a callback, in both wings
CALLS = 2 * sum(map(len, FACTS))
BLOCKS: dict[str, Callable[[Block], str]] = {
    "training-tasks": task_table,
    "training": section_facts,
    "training-arguments": argument_table,
    "training-callbacks": callback_table,
    "training-crashes": crash_table,
}
