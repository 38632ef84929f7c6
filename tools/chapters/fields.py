"""The blocks of the pages on fields: what to start each task with."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from dlcookbook import choose
from dlcookbook.sheet import fields
from dlcookbook.sheet.fields import Field, Setup
from tools.blocks import NONE, ROOT, Block, SyncError, code, link, pages_of, table, told
from tools.project_evidence import projects

SETUPS: dict[str, tuple[Setup, ...]] = {
    module.__name__.rpartition(".")[2]: module.ROWS
    for module in choose.topics().values()
    if module.ROWS and isinstance(module.ROWS[0], Setup)
}


def rows_of(topic: str) -> tuple[Any, ...]:
    """Return the rows of a sheet."""
    rows: tuple[Any, ...] = import_module(f"dlcookbook.sheet.{topic}").ROWS
    return rows


def links(topic: str, slugs: Iterable[str]) -> str:
    """Link rows of another sheet by their names."""
    names = {row.slug: row for row in rows_of(topic)}
    found = []
    for slug in slugs:
        if "/" in slug:
            found.append(recipe_link(slug))
        elif slug in names:
            found.append(f"[{names[slug].name}]({topic}.md#{slug})")
        else:
            raise SyncError(f"the sheet of {topic} has no {slug!r}")
    return ", ".join(found) or NONE


def recipe_link(recipe: str) -> str:
    """Link a recipe by what its file says it is."""
    for wing in ("numpy", "torch"):
        path = ROOT / "dlcookbook" / wing / f"{recipe}.py"
        if path.is_file():
            said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            return f"[{re.split('[:,.]', said)[0]}]({wing}/{recipe}.md)"
    raise SyncError(f"there is no recipe {recipe!r}")


def task_table(block: Block) -> str:
    """Answer what to start with, task by task."""
    rows = [
        (
            f"[{row.solving}](#{row.section or row.slug})",
            f"{code(row.torch)}<br>{code(row.keras)}",
            links("losses", row.loss),
            links("metrics", row.metric),
            links("optimizers", (row.optimizer,)),
            row.start,
        )
        for row in SETUPS[block.of]
    ]
    header = ("You have, you want", "Head: PyTorch, Keras", "Loss", "Metric")
    parts = [table((*header, "Optimizer", "Start from"), rows)]
    whole = [
        f"[{project.title}](projects/{project.name}.md)"
        for project in projects()
        if block.of in project.fields
    ]
    if whole:
        parts.append(f"Whole trainings on real data: {', '.join(whole)}.")
    return "\n\n".join(parts)


def section_facts(block: Block) -> str:
    """Return the facts of a section, asked for as `detection/boxes`."""
    topic, _, slug = block.of.partition("/")
    kinds: dict[str, Callable[[Setup], str]] = {
        "Head in PyTorch": lambda row: code(row.torch),
        "Head in Keras": lambda row: code(row.keras),
        "It is given": lambda row: code(row.features),
        "Loss": lambda row: links("losses", row.loss),
        "Metric": lambda row: links("metrics", row.metric),
        "Optimizer": lambda row: links("optimizers", (row.optimizer,)),
        "Augmentation": lambda row: links("augmentation", row.augmentation),
        "Start from": lambda row: row.start,
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Recipe": lambda row: pages_of(row.recipe) if row.recipe else NONE,
        "Source": lambda row: link(row.source),
    }
    rows = [row for row in SETUPS[topic] if slug == (row.section or row.slug)]
    return told(Block(block.name, slug, block.old, block.texts), "Task", rows, kinds)


def field_table(block: Block) -> str:
    """Lead from what is to be solved to the page of its field."""
    rows: list[tuple[str, ...]] = []
    field: Field
    for field in fields.ROWS:
        tasks = [row for row in SETUPS.get(field.slug, ()) if not row.section]
        inside = [f"[{row.name}]({field.slug}.md#{row.slug})" for row in tasks]
        title = f"[{field.name}]({field.slug}.md)"
        rows.append((field.solving, title, ", ".join(inside) or NONE))
    return table(("You have, you want", "Page", "Tasks"), rows)


FIGURES = None
FACTS = (fields.ROWS, *SETUPS.values())
CALLS = 2 * sum(map(len, SETUPS.values()))
BLOCKS: dict[str, Callable[[Block], str]] = {
    "fields": field_table,
    "field-tasks": task_table,
    "field": section_facts,
}
