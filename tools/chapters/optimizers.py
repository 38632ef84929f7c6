"""The blocks of the optimizers page; facts come from the optimizers themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from dlcookbook.sheet import optimizers
from dlcookbook.sheet.optimizers import Optimizer
from tools import optimizer_figures
from tools.blocks import (
    ROOT,
    Block,
    code,
    link,
    pages_of,
    pictures,
    table,
    told,
)
from tools.optimizer_facts import DECAYS, FILE
from tools.optimizer_rates import FILE as RATES

AGREEMENT = ROOT / "docs" / "evidence" / "optimizers_agreement.json"
# One argument of PyTorch and what Keras has for it.
NAMES = {
    "lr": ("learning_rate",),
    "betas": ("beta_1", "beta_2"),
    "eps": ("epsilon",),
    "alpha": ("rho",),
    "beta2_decay": ("beta_2_decay",),
    "d": ("clip_threshold",),
}


@cache
def facts() -> dict[str, Any]:
    """Return what was read from the classes."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def fact(row: Optimizer, wing: str, name: str) -> Any:
    """Return one of them, or nothing where a wing has no class."""
    return facts()[row.section or row.slug].get(wing, {}).get(name)


def kept(row: Optimizer, wing: str) -> str:
    """Return the bytes per weight that an optimizer keeps."""
    number = fact(row, wing, "bytes")
    return code("") if number is None else f"{number:g}"


def both(row: Optimizer, cell: Callable[[Optimizer, str], str]) -> str:
    """Return what holds in PyTorch and in Keras, once where it is the same."""
    torch, keras = (cell(row, wing) for wing in ("torch", "keras"))
    return torch if torch == keras else f"PyTorch {torch}, Keras {keras}"


def decays(row: Optimizer, wing: str) -> str:
    """Return what `weight_decay` does."""
    kind = fact(row, wing, "decay")
    return DECAYS[kind] if kind else code("")


def given(row: Optimizer, wing: str) -> str:
    """Return the defaults of a class as code."""
    defaults = fact(row, wing, "defaults")
    if not defaults:
        return code("")
    return code(", ".join(arguments(defaults.items())))


def arguments(items: Iterable[tuple[str, Any]]) -> list[str]:
    """Write arguments as code."""
    return [f"{name}={value(number)}" for name, number in items]


def value(number: Any) -> str:
    """Write a default as code."""
    if isinstance(number, list):
        return f"({', '.join(map(value, number))})"
    return number if number == "required" else repr(number)


def year(row: Optimizer) -> int:
    """Return when a row's source appeared."""
    [found] = re.findall(r"\b(?:19|20)\d\d(?= https)", row.source)
    return int(found)


def whole(rows: Iterable[Optimizer] = optimizers.ROWS) -> list[Optimizer]:
    """Return the rows that are an optimizer of their own, the oldest first."""
    return sorted((row for row in rows if not row.section), key=year)


def named(row: Optimizer) -> str:
    """Link a row's section."""
    return f"[{row.name}](#{row.slug})"


def task_table(block: Block) -> str:
    """Answer which optimizer to take, and at which rate."""
    rows = [
        (
            row.training,
            named(row),
            row.rate,
            both(row, kept),
            code(row.torch),
            code(row.keras),
        )
        for row in optimizers.ROWS
        if row.training
    ]
    header = ("You train", "Optimizer", "Learning rate", "State", "PyTorch", "Keras")
    return table(header, rows)


def overview(block: Block) -> str:
    """Return all optimizers and what can be read from them."""
    rows = [
        (
            named(row),
            str(year(row)),
            kept(row, "torch"),
            kept(row, "keras"),
            row.rate,
            decays(row, "torch"),
            decays(row, "keras"),
            pages_of(row.recipe) if row.recipe else code(""),
        )
        for row in whole()
    ]
    header = (
        "Optimizer",
        "Year",
        "State, PyTorch",
        "State, Keras",
        "Learning rate",
        "`weight_decay`, PyTorch",
        "`weight_decay`, Keras",
        "Recipe",
    )
    return table(header, rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    rows = [row for row in optimizers.ROWS if block.of == (row.section or row.slug)]
    kinds: dict[str, Callable[[Optimizer], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Learning rate": lambda row: row.rate,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Step": lambda row: code(row.rule),
        "State, bytes per weight": lambda row: both(row, kept),
        "`weight_decay`": lambda row: both(row, decays),
        "PyTorch, nothing given": lambda row: given(row, "torch"),
        "Keras, nothing given": lambda row: given(row, "keras"),
        "Recipe" if any(row.recipe for row in rows) else "Definition": lambda row: (
            pages_of(row.recipe or row.reference.partition(".")[0]) or code("")
        ),
        "Source": lambda row: link(row.source),
    }
    return told(block, "Optimizer", rows, kinds)


def paired(
    torch: dict[str, Any], keras: dict[str, Any]
) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
    """Match the arguments of two classes; what has no match stands alone."""
    left = dict(keras)
    for name, number in torch.items():
        options = [names for names in (NAMES.get(name, ()), (name,)) if names]
        if isinstance(number, list) and name == "eps":
            options.insert(0, ("epsilon_1", "epsilon_2"))
        found = next((o for o in options if all(n in left for n in o)), ())
        yield {name: number}, {n: left.pop(n) for n in found}
    for name, number in left.items():
        yield {}, {name: number}


def equal(torch: dict[str, Any], keras: dict[str, Any]) -> bool:
    """Tell whether two defaults mean the same; no decay is a decay of 0."""
    [number] = torch.values()
    numbers = number if isinstance(number, list) else [number]
    return [n or 0 for n in numbers] == [n or 0 for n in keras.values()]


def default_table(block: Block) -> str:
    """Return the same names with different numbers."""
    rows = []
    for row in whole():
        homes = [fact(row, wing, "home") for wing in ("torch", "keras")]
        if homes != ["torch", "keras"] or row.slug in ("nesterov", "momentum"):
            continue
        cells: list[list[str]] = [[], [], [], []]
        pairs = paired(fact(row, "torch", "defaults"), fact(row, "keras", "defaults"))
        for torch, keras in pairs:
            if torch and keras and equal(torch, keras):
                continue
            alone = 0 if torch and keras else 2
            cells[alone] += arguments(torch.items())
            cells[alone + 1] += arguments(keras.items())
        rows.append((named(row), *(code(", ".join(cell)) for cell in cells)))
    header = ("Optimizer", "PyTorch", "Keras", "Only PyTorch has", "Only Keras has")
    return table(header, rows)


def agreement_table(block: Block) -> str:
    """Return how far the frameworks are apart after 100 steps."""
    rows = [
        (
            row["optimizer"],
            *(apart(row[name]) for name in ("torch", "keras", "optax")),
            apart(row["defaults_differ"]),
            code(row["mapped_torch"]),
            code(row["mapped_keras"]),
            apart(row["left"]),
            row["cause"],
        )
        for row in json.loads(AGREEMENT.read_text(encoding="utf-8"))["rows"]
    ]
    header = (
        "Optimizer",
        "PyTorch",
        "Keras",
        "optax",
        "Defaults",
        "PyTorch, mapped",
        "Keras, mapped",
        "Left",
        "Cause",
    )
    return table(header, rows)


def rate_table(block: Block) -> str:
    """Return how much each optimizer forgives a wrong rate."""
    measured = json.loads(RATES.read_text(encoding="utf-8"))
    rows = []
    for row in whole():
        if row.slug not in measured:
            continue
        found = measured[row.slug]
        rates, accuracy = found["rates"], found["accuracy"]
        at = accuracy.index(max(accuracy))
        cells = [
            f"{100 * accuracy[place]:.1f}" if 0 <= place < len(rates) else code("")
            for place in (at + steps for steps in (-2, -1, 0, 1, 2))
        ]
        rows.append((named(row), f"{rates[at]:g}", *cells))
    header = ("Optimizer", "Best rate", "a tenth", "a third", "best", "x 3", "x 10")
    return table(header, rows)


def apart(number: Any) -> str:
    """Write a distance, or what stands for it."""
    if number is None:
        return code("")
    return f"{number:.0e}" if number else "0"


FIGURES = optimizer_figures
FACTS = (optimizers.ROWS,)
# every call of a row, and its rule as code
CALLS = sum(bool(call) for row in optimizers.ROWS for call in (row.torch, row.keras))
CALLS += sum(bool(row.rule) for row in optimizers.ROWS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "optimizer-tasks": task_table,
    "optimizers": overview,
    "optimizer": section_facts,
    "optimizer-figure": pictures(optimizer_figures),
    "optimizer-defaults": default_table,
    "optimizer-agreement": agreement_table,
    "optimizer-rates": rate_table,
}
