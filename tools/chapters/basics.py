"""The blocks of the page on how a network learns: what capacity was worth."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tools.blocks import ROOT, Block, SyncError, table

FILE = ROOT / "docs" / "evidence" / "capacity.json"


def interval(row: dict[str, Any], part: str) -> str:
    """Return an accuracy with the half of its interval."""
    return f"{row[part]:.1f} ± {row[f'{part}_half']:.1f} %"


def capacity(block: Block) -> str:
    """Return what widths, depths or examples were worth."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    if block.of == "widths":
        kinds = [[r for r in found["widths"] if (r["wrong"] > 0) == w] for w in (0, 1)]
        rows = [
            (
                f"{clean['width']}",
                f"{clean['parameters']:,}",
                interval(clean, "train"),
                interval(clean, "test"),
                interval(noisy, "train"),
                interval(noisy, "test"),
            )
            for clean, noisy in zip(*kinds, strict=True)
        ]
        share = f"{100 * found['wrong']:.0f} % of the labels wrong"
        header = ("Units", "Parameters", "Training", "Test")
        return table((*header, f"Training, {share}", f"Test, {share}"), rows)
    names = {"depths": ("depth", "Hidden layers"), "examples": ("count", "Examples")}
    if block.of not in names:
        raise SyncError(f"capacity was not measured by {block.of!r}")
    key, title = names[block.of]
    lines = [
        (f"{row[key]:,}", interval(row, "train"), interval(row, "test"))
        for row in found[block.of]
    ]
    return table((title, "Training", "Test"), lines)


FIGURES = None
FACTS = ()
CALLS = 0
BLOCKS: dict[str, Callable[[Block], str]] = {"capacity": capacity}
