"""The blocks of the page on a project: its steps, and what ends each."""

from __future__ import annotations

import re
from collections.abc import Callable

from dlcookbook.sheet import workflow
from dlcookbook.sheet.workflow import Step
from tools.blocks import ROOT, Block, SyncError, link, table, told

TITLE = re.compile(r"^title: (.+)$", re.MULTILINE)


def page(address: str) -> str:
    """Link a page by its title, or a section by its heading."""
    file, _, anchor = address.partition("#")
    text = (ROOT / "docs" / file).read_text(encoding="utf-8")
    name = f"^#+ (.+) {{ #{anchor} }}$" if anchor else TITLE.pattern
    found = re.search(name, text, re.MULTILINE)
    if not found:
        raise SyncError(f"there is no {address}")
    return f"[{found[1]}]({address.removeprefix('workflow.md')})"


def step_table(block: Block) -> str:
    """Lead from step to step, each with the check that ends it."""
    rows = [
        (
            f"{number}. [{row.name}](#{row.section or row.slug})",
            row.doing,
            f"**{row.ends}**",
            ", ".join(map(page, row.pages.split(", "))),
        )
        for number, row in enumerate(workflow.ROWS, start=1)
    ]
    return table(("Step", "What is done", "It ends when", "Lines for it"), rows)


def section_facts(block: Block) -> str:
    """Return the facts of the steps of a section."""
    kinds: dict[str, Callable[[Step], str]] = {
        "Asked": lambda row: row.solving,
        "It ends when": lambda row: row.ends,
        "Go on": lambda row: row.when,
        "Go back": lambda row: row.when_not,
        "Source": lambda row: link(row.source),
    }
    rows = [row for row in workflow.ROWS if block.of == (row.section or row.slug)]
    return told(block, "Step", rows, kinds)


FIGURES = None
FACTS = (workflow.ROWS,)
CALLS = 0
BLOCKS: dict[str, Callable[[Block], str]] = {
    "workflow-steps": step_table,
    "workflow": section_facts,
}
