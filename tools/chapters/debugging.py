"""The blocks of the page on debugging: the tree, the checks, what they found."""

from __future__ import annotations

import json
from collections.abc import Callable

from dlcookbook.sheet import debugging
from dlcookbook.sheet.debugging import Symptom
from tools.blocks import ROOT, Block, link, table, told

FOUND = ROOT / "docs" / "evidence" / "preflight.json"


def check_links(names: str) -> str:
    """Return the names of checks as links to what each of them does."""
    if not names:
        return "none, look at the loop"
    return ", ".join(
        f"[{name}](#check-{name.replace(' ', '-')})" for name in names.split(", ")
    )


def tree(block: Block) -> str:
    """Lead from what is seen to the check, the cause and the cure."""
    rows = [
        (f"[{row.name}](#{row.slug})", check_links(row.check), row.cause, row.when)
        for row in debugging.ROWS
    ]
    return table(("You see", "Failed check", "Cause", "Cure"), rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    kinds: dict[str, Callable[[Symptom], str]] = {
        "Check": lambda row: check_links(row.check),
        "Cause": lambda row: row.cause,
        "Cure": lambda row: row.when,
        "Source": lambda row: link(row.source),
    }
    rows = [row for row in debugging.ROWS if row.slug == block.of]
    return told(block, "Symptom", rows, kinds)


def check_table(block: Block) -> str:
    """Tell what each check finds and what it cannot find."""
    rows = [
        (
            f'<a id="check-{row.name.replace(" ", "-")}"></a>`{row.name}`',
            row.finds,
            row.misses,
        )
        for row in debugging.CHECKS
    ]
    return table(("Check", "Finds", "Cannot find"), rows)


def evidence_table(block: Block) -> str:
    """Count planted faults that were found, and false alarms."""
    found = json.loads(FOUND.read_text("utf-8"))
    rows = []
    for wing, title in (("torch", "PyTorch"), ("keras", "Keras")):
        faults, seeds = found[wing]["faults"], found[wing]["seeds"]
        runs = len(faults) * seeds
        healthy = len(found[wing]["healthy"]) * seeds
        rows.append(
            (
                title,
                f"{sum(row['alarmed'] for row in faults.values())} of {runs}",
                f"{sum(row['named'] for row in faults.values())} of {runs}",
                f"{found[wing]['alarms']} of {healthy}",
            )
        )
    header = ("Wing", "Faults noticed", "By the check that is about it", "False alarms")
    return table(header, rows)


FIGURES = None
FACTS = (debugging.ROWS, debugging.CHECKS)
CALLS = 0
BLOCKS: dict[str, Callable[[Block], str]] = {
    "debugging-tree": tree,
    "debugging": section_facts,
    "debugging-checks": check_table,
    "debugging-evidence": evidence_table,
}
