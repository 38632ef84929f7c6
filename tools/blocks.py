"""What the chapters' generated blocks are made of: tables, links, snippets that ran."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.fences import scan
from tools.snippets import output_of

ROOT = Path(__file__).resolve().parent.parent
# As many columns of sentences as can be read on a page.
SIDE_BY_SIDE = 4
# What a cell says that has nothing to say.
NONE = "\N{EN DASH}"


class SyncError(Exception):
    """A page asks for something that the sheet cannot give."""


@dataclass(frozen=True)
class Block:
    """What a page asks for: `<!-- sheet:NAME OF -->`, the text there, every page."""

    name: str
    of: str
    old: str
    texts: dict[Path, str]


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a Markdown table; a cell's `|` is escaped."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |"
        for line in lines
    )


def link(source: str) -> str:
    """Turn `Title address` into a link."""
    title, _, address = source.rpartition(" ")
    return f"[{title}]({address})"


def code(call: str) -> str:
    """Return a call as code, or a dash where there is none."""
    return f"`{call}`" if call else "\N{EN DASH}"


def pages_of(recipe: str) -> str:
    """Link the files of a recipe in every wing that has it."""
    wings = {"torch": "PyTorch", "keras": "Keras", "numpy": "NumPy"}
    wings["reference"] = "definition"
    found = [
        f"[{title}]({wing}/{recipe}.md)"
        for wing, title in wings.items()
        if (ROOT / "dlcookbook" / wing / f"{recipe}.py").is_file()
    ]
    return ", ".join(found)


def pictures(home: ModuleType) -> Callable[[Block], str]:
    """Return what shows the picture of a section, one of the figures of a module."""

    def picture(block: Block) -> str:
        drawn = home.figures()
        if block.of not in drawn:
            raise SyncError(f"there is no figure {block.of!r}")
        address = f"assets/figures/{home.FOLDER.name}/{block.of}.svg"
        return f"![{drawn[block.of].text}]({address}){{ .figure }}"

    return picture


def told(
    block: Block, kind: str, rows: list[Any], facts: dict[str, Callable[[Any], str]]
) -> str:
    """Return what rows share as a list, what they differ in as a table.

    A few rows with many facts stand side by side, their facts run down. What no row
    has is left out.
    """
    if not rows:
        raise SyncError(f"no row has the section {block.of!r}")
    found = {title: [fact(row) for row in rows] for title, fact in facts.items()}
    shared = {t: cells[0] for t, cells in found.items() if len(set(cells)) == 1}
    differ = {t: cells for t, cells in found.items() if t not in shared}
    said = [f"- **{title}**: {fact}" for title, fact in shared.items() if fact != NONE]
    parts = ["\n".join(said)]
    if differ:
        names = [
            row.name if row.slug == block.of else f'<a id="{row.slug}"></a>{row.name}'
            for row in rows
        ]
        if len(names) <= SIDE_BY_SIDE < len(differ):
            lines = [(title, *cells) for title, cells in differ.items()]
            parts.append(table((kind, *names), lines))
        else:
            lines = list(zip(names, *differ.values(), strict=True))
            parts.append(table((kind, *differ), lines))
    return "\n\n".join(filter(None, parts))


@cache
def formatted(code: str) -> str:
    """Format Python as a reader's own formatter would."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "-"],
        input=code,
        text=True,
        capture_output=True,
        check=True,
    )
    return done.stdout


def snippet(code: str, old: str) -> str:
    """Return a fence and what it prints; run it only if its code is new."""
    fences = scan(old)
    shown = next(
        (
            output_of(fences, at)
            for at, fence in enumerate(fences)
            if fence.is_python and fence.code == code
        ),
        None,
    )
    printed = shown.code if shown else run(code)
    return f"```python\n{code}```\n\n```text {{.output}}\n{printed}```"


def run(code: str) -> str:
    """Run a snippet as a script of its own and return what it prints."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # imported after TensorFlow, torch can crash the process
    importlib.import_module("torch")
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
    except Exception as error:
        raise SyncError(f"{error!r} in a snippet of the sheet:\n{code}") from error
    return printed.getvalue()
