"""The blocks of the augmentation page; effects and speed are as they were measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dlcookbook.sheet import augmentation
from dlcookbook.sheet.augmentation import Augmentation
from tools import augmentation_figures
from tools.blocks import ROOT, Block, code, link, pages_of, pictures, table, told

EVIDENCE = ROOT / "docs" / "evidence"
EFFECTS = EVIDENCE / "augmentation_effects.json"
SPEED = EVIDENCE / "augmentation_speed.json"


def named(row: Augmentation) -> str:
    """Link a row's place on the page."""
    return f"[{row.name}](#{row.slug})"


def task_table(block: Block) -> str:
    """Answer what to take for what is trained on, and what not to."""
    rows = [
        (row.augmenting, named(row), row.unsafe, code(row.torch), code(row.keras))
        for row in augmentation.ROWS
        if row.augmenting
    ]
    return table(("You train on", "Take", "Never on", "PyTorch", "Keras"), rows)


def label_table(block: Block) -> str:
    """Return what becomes of the label, and where it would be wrong."""
    rows = [
        (
            named(row),
            row.label,
            row.unsafe,
            pages_of(row.recipe) if row.recipe else code(""),
        )
        for row in augmentation.ROWS
    ]
    return table(("Augmentation", "Label", "Never on", "Recipe"), rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    rows = [r for r in augmentation.ROWS if block.of == (r.section or r.slug)]
    kinds: dict[str, Callable[[Augmentation], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Never on": lambda row: row.unsafe,
        "Label": lambda row: row.label,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Recipe": lambda row: pages_of(row.recipe) if row.recipe else code(""),
        "Source": lambda row: link(row.source),
    }
    return told(block, "Augmentation", rows, kinds)


def verdict(row: dict[str, Any]) -> str:
    """Say what an interval says."""
    if abs(row["difference"]) <= row["interval"]:
        return "undecided"
    return "helps" if row["difference"] > 0 else "hurts"


def effect_table(block: Block) -> str:
    """Return what each augmentation did to the accuracy."""
    measured = json.loads(EFFECTS.read_text(encoding="utf-8"))
    found = measured[block.of]
    rows = [
        (
            name,
            f"{row['accuracy']:.1f}",
            f"{row['difference']:+.1f} ± {row['interval']:.1f}"
            if "difference" in row
            else code(""),
            verdict(row) if "difference" in row else code(""),
            f"{row['shifted']:.1f}",
        )
        for name, row in found.items()
    ]
    header = ("In training", "Test, %", "Difference", "Says", "Test, moved, %")
    return table(header, rows)


def speed_table(block: Block) -> str:
    """Return the ratios of the bench."""
    measured = json.loads(SPEED.read_text(encoding="utf-8"))
    rows = []
    for method in measured["mixup"]:
        cells = [method]
        for name in ("mixup", "cutmix"):
            found = measured[name][method]
            cells += [f"{found[peer]:g}" for peer in ("kornia", "keras")]
        off = measured["cutmix"][method].get("label off by")
        cells.append(code("") if off is None else f"{100 * off:.2g}")
        rows.append(tuple(cells))
    header = (
        "Method",
        "mixup, times as fast as Kornia",
        "as Keras' layer",
        "CutMix, times as fast as Kornia",
        "as Keras' layer",
        "CutMix, label off by, points",
    )
    return table(header, rows)


FIGURES = augmentation_figures
FACTS = (augmentation.ROWS,)
CALLS = 2 * len(augmentation.ROWS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "augmentation-tasks": task_table,
    "augmentation-labels": label_table,
    "augmentation": section_facts,
    "augmentation-figure": pictures(augmentation_figures),
    "augmentation-effects": effect_table,
    "augmentation-speed": speed_table,
}
