"""The blocks of the regularization page; numbers come from what was measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlcookbook.sheet import regularization
from dlcookbook.sheet.regularization import Regularizer
from tools import regularization_figures
from tools.blocks import Block, code, link, pages_of, pictures, table, told
from tools.regularization_figures import measured


def named(row: Regularizer) -> str:
    """Link a row's section."""
    return f"[{row.name}](#{row.slug})"


def task_table(block: Block) -> str:
    """Answer what to do about what is seen."""
    rows = [
        (row.seeing, named(row), row.try_first, code(row.torch), code(row.keras))
        for row in regularization.ROWS
        if row.seeing
    ]
    return table(("You see", "Do", "Try first", "PyTorch", "Keras"), rows)


def overview(block: Block) -> str:
    """Return everything there is, by what it acts on."""
    rows = [
        (
            named(row),
            row.acts_on,
            row.when,
            row.when_not,
            pages_of(row.recipe) if row.recipe else code(""),
        )
        for row in regularization.ROWS
    ]
    return table(("What", "Acts on", "Use it", "Not", "Recipe"), rows)


def section_facts(block: Block) -> str:
    """Return the facts of a section."""
    rows = [r for r in regularization.ROWS if block.of == (r.section or r.slug)]
    kinds: dict[str, Callable[[Regularizer], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Acts on": lambda row: row.acts_on,
        "Try first": lambda row: row.try_first,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "Recipe": lambda row: (
            pages_of(row.recipe or row.reference.partition(".")[0]) or code("")
        ),
        "Source": lambda row: link(row.source),
    }
    if any(row.rule for row in rows):
        kinds["As code"] = lambda row: code(row.rule)
    return told(block, "What", rows, kinds)


def points(pair: list[float]) -> str:
    """Write a change in points with its interval; bold where 0 is outside of it."""
    middle, half = (100 * number for number in pair)
    text = f"{middle:+.1f} ± {half:.1f}"
    return f"**{text}**" if abs(middle) > half else text


def change(pair: list[float]) -> str:
    """Write a change of the loss with its interval."""
    text = f"{pair[0]:+.3f} ± {pair[1]:.3f}"
    return f"**{text}**" if abs(pair[0]) > pair[1] else text


def effect_table(block: Block) -> str:
    """Return what each method changed, for right labels or with wrong ones."""
    first, *rest = measured()[block.of]
    base = (
        first["method"],
        f"{100 * first['accuracy']:.1f}",
        f"{first['loss']:.3f}",
        f"{100 * first['sureness']:+.1f}",
        f"{100 * first['blurred']:.1f}",
    )
    rows = [
        (
            row["method"],
            points(row["accuracy_change"]),
            change(row["loss_change"]),
            f"{100 * row['sureness']:+.1f}",
            points(row["blurred_change"]),
        )
        for row in rest
    ]
    header = ("Method", "Accuracy, %", "Loss", "Surer than right", "Noisy inputs, %")
    return table(header, [base, *rows])


def rare_table(block: Block) -> str:
    """Return what was measured where one class is rare."""

    def percent(pair: list[float]) -> str:
        return f"{100 * pair[0]:.1f} ± {100 * pair[1]:.1f}"

    def cells(row: dict[str, Any]) -> tuple[str, ...]:
        return (
            row["method"],
            percent(row["average_precision"]),
            percent(row["f1"]),
            percent(row["f1_moved"]),
            percent(row["said"]),
            percent(row["said_corrected"]),
            f"{row['loss'][0]:.3f}",
            f"{row['loss_corrected'][0]:.3f}",
        )

    header = (
        "Method",
        "Average precision",
        "F1 at 0.5",
        "F1, corrected",
        "Mean probability",
        "corrected",
        "Loss",
        "corrected",
    )
    return table(header, [cells(row) for row in measured()["rare"]])


FIGURES = regularization_figures
FACTS = (regularization.ROWS,)
# both calls of a row with a definition, and its rule as code
CALLS = sum(2 * bool(row.reference) + bool(row.rule) for row in regularization.ROWS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "regularization-tasks": task_table,
    "regularizations": overview,
    "regularization": section_facts,
    "regularization-figure": pictures(regularization_figures),
    "regularization-effects": effect_table,
    "regularization-rare": rare_table,
}
