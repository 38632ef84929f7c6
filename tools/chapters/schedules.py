"""The blocks of the schedules page; distances and accuracies come from measurements."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from dlcookbook.sheet import schedules
from dlcookbook.sheet.schedules import Schedule
from tools import schedule_figures
from tools.blocks import Block, code, link, pages_of, pictures, table, told
from tools.schedule_agreement import FILE as AGREEMENT
from tools.schedule_evidence import FILE as RATES

OPTIMIZERS = {"momentum": "SGD, momentum", "adamw": "AdamW"}
NAMES = {"constant": "Constant", "warmup-constant": "Warm-up, constant"}


@cache
def agreement() -> dict[str, Any]:
    """Return what was measured of the frameworks."""
    return json.loads(AGREEMENT.read_text(encoding="utf-8"))


@cache
def measured() -> dict[str, Any]:
    """Return what was measured on digits."""
    return json.loads(RATES.read_text(encoding="utf-8"))


def named(row: Schedule) -> str:
    """Link a row's section."""
    return f"[{row.name}](#{row.slug})"


def both(row: Schedule) -> str:
    """Return what comes after the end, once where the frameworks agree."""
    after = agreement().get(row.slug, {}).get("after")
    if not after:
        return code("")
    torch, keras = after["torch"], after["keras"]
    return torch if torch == keras else f"PyTorch: {torch}, Keras: {keras}"


def needs_length(row: Schedule) -> str:
    """Tell whether the number of steps has to be known."""
    return "yes" if "steps=100" in row.arguments.split(", ") else "no"


def task_table(block: Block) -> str:
    """Answer how the rate should move."""
    rows = [
        (row.planning, named(row), code(row.torch), code(row.keras))
        for row in schedules.ROWS
        if row.planning
    ]
    return table(("Plan", "Schedule", "PyTorch", "Keras"), rows)


def overview(block: Block) -> str:
    """Return all schedules, and what is to be known of each at a glance."""
    rows = [
        (
            named(row),
            needs_length(row),
            both(row),
            pages_of(row.recipe) if row.recipe else code(""),
        )
        for row in schedules.ROWS
        if row.slug in agreement()
    ]
    header = ("Schedule", "Length must be known", "After its 100 steps", "Recipe")
    return table(header, rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    rows = [row for row in schedules.ROWS if block.of == (row.section or row.slug)]
    kinds: dict[str, Callable[[Schedule], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Step `t` has": lambda row: code(row.rule),
        "After 100 steps": both,
        "Recipe" if any(row.recipe for row in rows) else "Definition": lambda row: (
            pages_of(row.recipe or row.reference.partition(".")[0]) or code("")
        ),
        "Source": lambda row: link(row.source),
    }
    return told(block, "Schedule", rows, kinds)


def agreement_table(block: Block) -> str:
    """Return how far the frameworks are apart, with care and without."""
    rows = []
    for row in schedules.ROWS:
        if found := agreement().get(row.slug):
            rows.append(
                (
                    named(row),
                    apart(found["torch_apart"]),
                    apart(found["keras_apart"]),
                    apart(found["optax_apart"]),
                    code(found["optax"]),
                    apart(found["naive_apart"]),
                    found["cause"],
                )
            )
    header = (
        "Schedule",
        "PyTorch",
        "Keras",
        "optax",
        "Call of optax",
        "Same numbers, no thought",
        "Cause",
    )
    return table(header, rows)


def gain_table(block: Block) -> str:
    """Return what each schedule ends at, at its own best rate."""
    found = [r for r in measured()["schedules"] if str(r["epochs"]) == block.of]
    lines = []
    for plan in dict.fromkeys(row["schedule"] for row in found):
        cells = []
        for name in OPTIMIZERS:
            [row] = [
                r for r in found if (r["schedule"], r["optimizer"]) == (plan, name)
            ]
            rates, at = measured()["rates"][name], row["best"]
            edge = " (edge)" if at in (0, len(rates) - 1) else ""
            cells += [
                f"{rates[at]:g}{edge}",
                f"{100 * row['accuracy'][at]:.1f}",
                code("") if plan == "constant" else points(row["gain"]),
            ]
        lines.append((title(plan), *cells))
    header = ["Schedule"]
    for name in OPTIMIZERS.values():
        header += [f"{name}: rate", "accuracy", "gain"]
    return table(tuple(header), lines)


def rate_table(block: Block) -> str:
    """Return the accuracy of some schedules at every rate."""
    optimizer, _, epochs = block.of.partition("-")
    rates = measured()["rates"][optimizer]
    lines = [
        (title(row["schedule"]), *(f"{100 * a:.1f}" for a in row["accuracy"]))
        for row in measured()["schedules"]
        if (row["optimizer"], str(row["epochs"])) == (optimizer, epochs)
    ]
    return table((OPTIMIZERS[optimizer], *(f"{rate:g}" for rate in rates)), lines)


def warmup_table(block: Block) -> str:
    """Return what a warm-up changes, at every rate."""
    lines = [
        (
            f"{OPTIMIZERS[row['optimizer']]}, {row['epochs']} epochs, "
            f"{row['schedule'].removeprefix('warmup-')}",
            *map(points, row["warmup"]),
        )
        for row in measured()["schedules"]
        if "warmup" in row
    ]
    header = ("A tenth, a third, one, three and ten times the middle rate",)
    return table((*header, "x 0.1", "x 0.3", "x 1", "x 3", "x 10"), lines)


def range_table(block: Block) -> str:
    """Return what the range test suggested, and what that was worth."""
    lines = [
        (
            f"[{row['optimizer']}](optimizers.md#{row['optimizer']})",
            f"{row['suggestion']:g}",
            f"{row['best_rate']:g}",
            f"{row['suggestion'] / row['best_rate']:.2g}",
            f"{100 * row['accuracy']:.1f}",
            f"{100 * row['best_accuracy']:.1f}",
        )
        for row in measured()["range_test"]
    ]
    header = ("Optimizer", "Suggested", "Best of nine", "Ratio", "Accuracy", "Best")
    return table(header, lines)


def title(plan: str) -> str:
    """Name a schedule of the measurement."""
    slugs = {row.slug: named(row) for row in schedules.ROWS}
    return NAMES["constant"] if plan == "constant" else slugs[plan]


def points(interval: list[float]) -> str:
    """Write a difference in per cent with its interval."""
    mean, width = (100 * number for number in interval)
    return f"{mean:+.1f}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{width:.1f}"


def apart(number: Any) -> str:
    """Write a distance, or what stands for it."""
    if number is None:
        return code("")
    return f"{number:.0e}" if number else "0"


FIGURES = schedule_figures
FACTS = (schedules.ROWS,)
# every call of a row, and its rule as code
CALLS = sum(bool(call) for row in schedules.ROWS for call in (row.torch, row.keras))
CALLS += sum(bool(row.rule) for row in schedules.ROWS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "schedule-tasks": task_table,
    "schedules": overview,
    "schedule": section_facts,
    "schedule-figure": pictures(schedule_figures),
    "schedule-agreement": agreement_table,
    "schedule-gains": gain_table,
    "schedule-rates": rate_table,
    "schedule-warmup": warmup_table,
    "schedule-range": range_table,
}
