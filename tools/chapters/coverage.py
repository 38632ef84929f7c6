"""The blocks of the page on what is covered: each item of the sources and its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dlcookbook.sheet import corrections
from tools.blocks import ROOT, Block, SyncError, table

FILE = ROOT / "tools" / "inventory.toml"
HEADING = re.compile(r"(#+) (.+?)(?: \{ #(\S+) \})?$")


@dataclass(frozen=True)
class Item:
    """What the sources teach or promise, and where it stands here.

    Attributes
    ----------
    key : str
        Its number in the list.
    kind, name : str
        What it is.
    place : str
        The page and the anchor of the section that has it.
    word : str
        What must stand there.
    otherwise : str
        The place of the correction, where it is deliberately taught in another way.
    """

    key: str
    kind: str
    name: str
    place: str
    word: str
    otherwise: str = ""


def items() -> list[Item]:
    """Return the list."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [
        Item(key=key, kind=kind, **fields)
        for kind, rows in found.items()
        for key, fields in rows.items()
    ]


@cache
def sections(page: Path) -> dict[str, str]:
    """Return the text below each heading of a page, by its anchor."""
    found: dict[str, list[str]] = {"": []}
    above: list[tuple[int, str]] = []
    fenced = False
    for line in page.read_text(encoding="utf-8").split("\n"):
        fenced ^= line.startswith("```")
        heading = None if fenced else HEADING.match(line)
        if heading:
            level, title, anchor = len(heading[1]), heading[2], heading[3]
            anchor = anchor or re.sub(r"\W+", "-", title.lower()).strip("-")
            above = [(at, name) for at, name in above if at < level]
            above.append((level, anchor))
        for name in ("", *(name for _, name in above)):
            found.setdefault(name, []).append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def section(place: str) -> str | None:
    """Return the text of a section, or None if there is no such place."""
    name, _, anchor = place.partition("#")
    page = ROOT / "docs" / f"{name}.md"
    return sections(page).get(anchor) if page.is_file() else None


def missing(item: Item) -> str:
    """Say why an item does not stand where the list says, or nothing."""
    text = section(item.place)
    if text is None:
        return f"{item.key}: there is no {item.place}"
    if item.word.lower() not in text.lower():
        return f"{item.key}: {item.place} does not say {item.word!r}"
    if item.otherwise and section(item.otherwise) is None:
        return f"{item.key}: there is no {item.otherwise}"
    return ""


def link(place: str) -> str:
    """Link a place as a page writes it."""
    name, _, anchor = place.partition("#")
    address = f"{name}.md#{anchor}" if anchor else f"{name}.md"
    return f"[{place.rstrip('#')}]({address})"


def kind_table(block: Block) -> str:
    """List the items of a kind with their places."""
    found = [item for item in items() if item.kind == block.of]
    if not found:
        raise SyncError(f"nothing of the kind {block.of!r} is in the list")
    if wrong := [*filter(None, map(missing, found))]:
        raise SyncError("; ".join(wrong))
    rows = [
        (
            f"{item.key}",
            item.name,
            link(item.place)
            + (f", taught otherwise: {link(item.otherwise)}" * bool(item.otherwise)),
        )
        for item in found
    ]
    return table(("Number", "Item", "Stands in"), rows)


def count(block: Block) -> str:
    """Count the items and those that stand where the list says."""
    found = items()
    there = [item for item in found if not missing(item)]
    otherwise = sum(bool(item.otherwise) for item in found)
    claims = {claim for row in corrections.ROWS for claim in row.items}
    return (
        f"**{len(there)} of {len(found)}** items have their place; {otherwise} of them "
        f"are taught otherwise than in the notes. {len(claims)} of their claims that "
        "are wrong or out of date are corrected [entry by entry](corrections.md)."
    )


FIGURES = None
FACTS = ()
CALLS = 0
BLOCKS: dict[str, Callable[[Block], str]] = {
    "coverage-count": count,
    "coverage": kind_table,
}
