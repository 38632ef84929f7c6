"""The blocks of the page on repeating a run."""

from __future__ import annotations

from collections.abc import Callable

from dlcookbook.sheet import repeating
from dlcookbook.sheet.repeating import Repeating
from tools.blocks import Block, code, link, table, told


def task_table(block: Block) -> str:
    """Answer which line keeps what the same."""
    rows = [
        (
            row.repeating,
            f"[{row.name}](#{row.slug})",
            code(row.torch),
            code(row.keras),
        )
        for row in repeating.ROWS
    ]
    return table(("To repeat", "Line", "PyTorch", "Keras"), rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    kinds: dict[str, Callable[[Repeating], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Source": lambda row: link(row.source),
    }
    rows = [row for row in repeating.ROWS if row.slug == block.of]
    return told(block, "Line", rows, kinds)


FIGURES = None
FACTS = (repeating.ROWS,)
CALLS = sum(bool(call) for row in repeating.ROWS for call in (row.torch, row.keras))
BLOCKS: dict[str, Callable[[Block], str]] = {
    "repeating-tasks": task_table,
    "repeating": section_facts,
}
