"""The blocks of the page on deployment: which way to answer."""

from __future__ import annotations

from collections.abc import Callable

from dlcookbook.sheet import deployment
from dlcookbook.sheet.deployment import Way
from tools.blocks import Block, code, link, table, told


def way_table(block: Block) -> str:
    """Answer which way there is for what is needed."""
    rows = [
        (
            row.solving,
            f"[{row.name}]({row.page or '#' + (row.section or row.slug)})",
            code(row.torch),
            code(row.keras),
        )
        for row in deployment.ROWS
    ]
    return table(("You need", "Way", "PyTorch", "Keras"), rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    kinds: dict[str, Callable[[Way], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Source": lambda row: link(row.source),
    }
    rows = [row for row in deployment.ROWS if block.of == (row.section or row.slug)]
    return told(block, "Way", rows, kinds)


FIGURES = None
FACTS = (deployment.ROWS,)
CALLS = sum(bool(row.torch) + bool(row.keras) for row in deployment.ROWS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "deployment-ways": way_table,
    "deployment": section_facts,
}
