"""The blocks of the page on converting weights: layers, differences, by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from dlcookbook.sheet import converting
from dlcookbook.sheet.converting import Converting
from tools.blocks import ROOT, Block, code, link, table, told

FILE = ROOT / "docs" / "evidence" / "convert.json"


@cache
def facts() -> dict[str, dict[str, dict[str, float]]]:
    """Return what was measured."""
    found: dict[str, dict[str, dict[str, float]]]
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def apart(row: Converting, target: str) -> str:
    """Return how far the outputs are apart after a conversion."""
    found = facts()[row.slug][target]["after"]
    return f"{found:.0e}" if found else "0"


def overview(block: Block) -> str:
    """Return what is left of the difference, both ways."""
    rows = [
        (
            f"[{row.name}](#{row.slug})",
            apart(row, "keras"),
            apart(row, "torch"),
            row.when,
        )
        for row in converting.ROWS
    ]
    return table(("Layer", "Into Keras", "Into PyTorch", "Set by hand"), rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    kinds: dict[str, Callable[[Converting], str]] = {
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Source": lambda row: link(row.source),
    }
    rows = [row for row in converting.ROWS if block.of == (row.section or row.slug)]
    return told(block, "Layer", rows, kinds)


FIGURES = None
FACTS = (converting.ROWS,)
# each is converted both ways
CALLS = 2 * len(converting.ROWS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "convertings": overview,
    "converting": section_facts,
}
