"""The blocks of the page about the training step."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dlcookbook.sheet import steps
from dlcookbook.sheet.steps import Step
from tools import step_figures
from tools.bench_steps import FILE as SPEED
from tools.blocks import Block, code, link, pages_of, pictures, table, told
from tools.step_effects import FILE as EFFECTS


def named(row: Step) -> str:
    """Link a row's section."""
    return f"[{row.name}](#{row.slug})"


def task_table(block: Block) -> str:
    """Answer what to put into the step."""
    rows = [
        (row.needing, named(row), row.place, code(row.torch), code(row.keras))
        for row in steps.ROWS
        if row.needing
    ]
    return table(("You need", "Take", "Where", "PyTorch", "Keras"), rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    rows = [row for row in steps.ROWS if block.of == (row.section or row.slug)]
    kinds: dict[str, Callable[[Step], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Where": lambda row: row.place,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Recipe" if any(row.recipe for row in rows) else "Definition": lambda row: (
            pages_of(row.recipe or row.reference.partition(".")[0]) or code("")
        ),
        "Source": lambda row: link(row.source),
    }
    return told(block, "Step", rows, kinds)


def effect_table(block: Block) -> str:
    """Return what was believed, what was measured, and whether it held."""
    found: list[dict[str, Any]] = json.loads(EFFECTS.read_text(encoding="utf-8"))
    rows = [
        (
            row["belief"],
            f"{row['without']:.1f}",
            f"{row['with']:.1f}",
            f"{row['gain']:+.2f}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{row['half']:.2f}",
            f"{row['wins']} : {row['losses']}",
            row["verdict"],
        )
        for row in found
    ]
    header = ("Belief", "Without", "With", "Difference", "Won : lost", "Measured")
    return table(header, rows)


def speed_table(block: Block) -> str:
    """Return how near each call is to the cost of moving its numbers."""
    rows = [
        (code(row["call"]), f"{row['floor']:.1f}")
        for row in json.loads(SPEED.read_text(encoding="utf-8"))["rows"]
    ]
    return table(("Call", "Time, in moves of its numbers"), rows)


FIGURES = step_figures
FACTS = (steps.ROWS,)
CALLS = 2 * len(steps.ROWS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "step-tasks": task_table,
    "step": section_facts,
    "step-figure": pictures(step_figures),
    "step-effects": effect_table,
    "step-speed": speed_table,
}
