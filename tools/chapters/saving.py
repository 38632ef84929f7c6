"""The blocks of the saving page; facts come from files that were written and read."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from dlcookbook.sheet import saving
from dlcookbook.sheet.saving import Saving
from tools.blocks import Block, code, link, table, told
from tools.saving_facts import FILE, NEAR, WINGS


@cache
def facts() -> dict[str, Any]:
    """Return what was measured."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def fact(row: Saving, wing: str, name: str) -> Any:
    """Return one of them, or nothing where a wing has no such file."""
    return facts()[wing].get(row.slug, {}).get(name)


def yes(answer: bool | None) -> str:
    """Say it in words."""
    return code("") if answer is None else "yes" if answer else "no"


def kilobytes(row: Saving, wing: str) -> str:
    """Return the size of a file."""
    found = fact(row, wing, "bytes")
    return code("") if found is None else f"{found / 1000:.0f} kB"


def apart(row: Saving, wing: str) -> str:
    """Return how far the outputs are from those of the model."""
    found = fact(row, wing, "difference")
    if found is None:
        return code("")
    assert found < NEAR, row.slug
    return f"{found:.0e}" if found else "0"


def both(row: Saving, cell: Callable[[Saving, str], str]) -> str:
    """Return what holds in PyTorch and in Keras, once where it is the same."""
    cells = [cell(row, wing) for wing in WINGS]
    if cells[0] == cells[1]:
        return cells[0]
    return f"PyTorch {cells[0]}, Keras {cells[1]}"


def asked(name: str) -> Callable[[Saving], str]:
    """Return what answers one yes or no question."""
    return lambda row: both(row, lambda row, wing: yes(fact(row, wing, name)))


def task_table(block: Block) -> str:
    """Answer which file to write."""
    rows = [
        (row.handing, f"[{row.name}](#{row.slug})", code(row.torch), code(row.keras))
        for row in saving.ROWS
        if row.handing
    ]
    return table(("It is for", "File", "PyTorch", "Keras"), rows)


def overview(block: Block) -> str:
    """Return what each kind of file holds and leaves out."""
    rows = [
        (
            f"[{row.name}](#{row.slug})",
            *(
                asked(name)(row)
                for name in ("without_code", "optimizer", "trains", "any_batch")
            ),
            both(row, apart),
            both(row, kilobytes),
        )
        for row in saving.ROWS
    ]
    header = (
        "File",
        "Answers without your code",
        "Brings the optimizer",
        "Can be trained on",
        "Any size of batch",
        "Outputs differ by",
        "Size",
    )
    return table(header, rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    kinds: dict[str, Callable[[Saving], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Runs in": lambda row: row.runs_in,
        "PyTorch writes": lambda row: code(row.torch),
        "PyTorch reads": lambda row: code(row.torch_load),
        "Keras writes": lambda row: code(row.keras),
        "Keras reads": lambda row: code(row.keras_load),
        "Source": lambda row: link(row.source),
    }
    rows = [row for row in saving.ROWS if row.slug == block.of]
    return told(block, "File", rows, kinds)


FIGURES = None
FACTS = (saving.ROWS,)
# each is written and read
CALLS = 2 * sum(bool(call) for row in saving.ROWS for call in (row.torch, row.keras))
BLOCKS: dict[str, Callable[[Block], str]] = {
    "saving-tasks": task_table,
    "savings": overview,
    "saving": section_facts,
}
