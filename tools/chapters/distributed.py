"""The blocks of the page on several processes: ways out, what was measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from dlcookbook.sheet import distributed
from dlcookbook.sheet.distributed import Distributed
from tools.blocks import ROOT, Block, code, link, table, told

FILE = ROOT / "docs" / "evidence" / "distributed.json"


@cache
def facts() -> dict[str, Any]:
    """Return what was measured."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def address(row: Distributed) -> str:
    """Return where a row is explained."""
    place = row.section or row.slug
    return f"[{row.name}]({place if '#' in place else f'#{place}'})"


def task_table(block: Block) -> str:
    """Answer which way there is for what is lacking."""
    rows = [
        (row.lacking, address(row), code(row.torch), code(row.keras))
        for row in distributed.ROWS
    ]
    return table(("Too little", "Way", "PyTorch", "Keras"), rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    kinds: dict[str, Callable[[Distributed], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Source": lambda row: link(row.source),
    }
    rows = [row for row in distributed.ROWS if block.of == (row.section or row.slug)]
    return told(block, "Way", rows, kinds)


def agreement(block: Block) -> str:
    """Return how far two processes are from one, or from themselves."""
    found = facts()
    whole, uneven = (found["agreement"][name] for name in ("whole", "uneven"))
    stopped, moved = found["interrupted"], found["moved"]
    losses = max(whole["loss"], whole["val_loss"])
    metrics = max(whole["val_f1"], whole["val_auc"])
    rows = [
        ("one process: weights", whole["weights"]),
        ("one process: losses of training and validation", losses),
        ("one process: F1 and AUC of 97 examples", metrics),
        ("one process: weights, batches cut at 12 of 32", uneven["weights"]),
        ("each other: weights and numbers", found["agreement"]["processes"]),
        ("two not stopped: SIGTERM to one of them", stopped["after_terminated"]),
        ("two not stopped: full disk in one of them", stopped["after_full_disk"]),
        ("two not stopped: `kill -9` of one of them", stopped["after_killed"]),
        ("one process: begun by two, ended by one", moved["two_then_one"]),
        ("one process: begun by one, ended by two", moved["one_then_two"]),
    ]
    cells = [(name, f"{far:.0e}" if far else "0") for name, far in rows]
    return table(("Two processes compared with", "Largest difference"), cells)


def scaling(block: Block) -> str:
    """Return what the second process brought."""
    found = facts()["scaling"]
    low, high = found["range"]
    row = (
        f"{found['parameters']:,}",
        f"{found['batch']}",
        f"{found['one_ms']} ms",
        f"{found['two_ms']} ms",
        f"{found['faster']} ({low} to {high})",
        f"{facts()['talk_ms']} ms",
    )
    header = (
        "Parameters",
        "Batch",
        "One process",
        "Two",
        "Times as fast",
        "The two questions of `fit`",
    )
    return table(header, [row])


def rates(block: Block) -> str:
    """Return what a batch eight times as large came to with each learning rate."""
    rows = [
        (
            row["optimizer"],
            str(row["batch"]),
            row["rate"],
            f"{100 * row['mean']:.1f} ± {100 * row['half']:.1f} %",
        )
        for row in facts()["rates"]
    ]
    return table(("Optimizer", "Batch", "Rate", "Accuracy"), rows)


FIGURES = None
FACTS = (distributed.ROWS,)
CALLS = 2 * len(distributed.ROWS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "distributed-tasks": task_table,
    "distributed": section_facts,
    "distributed-agreement": agreement,
    "distributed-scaling": scaling,
    "distributed-rates": rates,
}
