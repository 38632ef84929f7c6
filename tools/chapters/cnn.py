"""The blocks of the CNN page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dlcookbook.sheet import cnn
from tools import cnn_figures
from tools.blocks import (
    ROOT,
    Block,
    SyncError,
    formatted,
    link,
    pictures,
    snippet,
    table,
)

EVIDENCE = ROOT / "docs" / "evidence" / "cnn_guidelines.json"
DASH = "\N{EN DASH}"
STARTS = """
from dlcookbook.torch.cnn.model_table import model_table
from dlcookbook.torch.cnn.starter_cnn import starter_cnn


def show(name, model, channels, height, width):
    table = model_table(model, (1, channels, height, width))
    last = [row for row in table.rows if row.kind == "ReLU"][-1]
    places = " x ".join(map(str, last.shape[2:]))
    sums = f"{table.trainable:,} | {table.multiply_adds:,}"
    print(f"{name} | {sums} | {last.field[0][0]} | {places}")

"""


def starts(block: Block) -> str:
    """Return what to begin with, and the code that measured it."""
    calls = [
        f"show({row.name!r}, {row.torch}, {row.pixels.replace(' x ', ', ')})"
        for row in cnn.STARTS
    ]
    source = STARTS.lstrip() + "\n".join(calls) + "\n"
    ran = snippet(formatted(source), block.old)
    printed = ran.rpartition("```text {.output}\n")[2].removesuffix("```")
    rows = []
    for row, line in zip(cnn.STARTS, printed.splitlines(), strict=True):
        _, parameters, products, seen, places = line.split(" | ")
        rows.append(
            (
                f'<a id="{row.slug}"></a>{row.name}',
                row.pixels,
                row.images,
                f"`{row.torch}`",
                parameters,
                products,
                f"{seen} px, map {places}",
                f"{row.when} {row.when_not}",
            )
        )
    header = (
        "You have",
        "Channels, size",
        "Images to train with",
        "Begin with",
        "Parameters",
        "Multiply-adds",
        "Sees",
        "Why, and when not",
    )
    head = table(header, rows)
    return "\n".join([head, "", "/// details | The code that ran", "", ran, "///"])


def guidelines(block: Block) -> str:
    """Return every guideline, why it helps, when it fails and what was measured."""
    rows = [
        (
            f"[{row.name}](#{row.slug})"
            if row.on_the_digits
            else f'<a id="{row.slug}"></a>{row.name}',
            row.guideline,
            row.when,
            row.when_not,
            row.on_the_digits or DASH,
            link(row.source),
        )
        for row in cnn.GUIDELINES
    ]
    header = ("Set", "Guideline", "Why", "Fails when", "On the digits", "Source")
    return table(header, rows)


def told() -> dict[str, Any]:
    """Return what was measured."""
    found: dict[str, Any] = json.loads(EVIDENCE.read_text(encoding="utf-8"))
    return found


def measured(block: Block) -> str:
    """Return the variants of one guideline with their scores."""
    experiments = told()["guidelines"]
    if block.of not in experiments:
        raise SyncError(f"nothing was measured about {block.of!r}")
    rows = []
    for number, variant in enumerate(experiments[block.of]):
        gains = [
            f"{gain['mean']:+.1f} ± {gain['half_width_corrected']:.1f}"
            if number
            else DASH
            for gain in (variant["gain"], variant["gain_shifted"])
        ]
        rows.append(
            (
                variant["variant"],
                f"{variant['parameters']:,}",
                f"{variant['multiply_adds']:,}",
                f"{variant['accuracy']['mean']:.1f} %",
                gains[0],
                f"{variant['shifted']:.1f} %",
                gains[1],
            )
        )
    header = (
        "Network",
        "Parameters",
        "Multiply-adds",
        "Accuracy",
        "to the first",
        "Moved by a pixel",
        "to the first",
    )
    return table(header, rows)


def set_up(block: Block) -> str:
    """Say how the experiments were run."""
    found = told()
    train, test = found["images"]
    seeds = len(found["seeds"])
    return (
        f"Each line is {seeds} trainings with {seeds} seeds, which split the digits "
        f"anew and draw other weights: {train:,} images to train with, {test:,} to "
        "test, never to choose. The first line of every table is the same network: "
        "stages of 16 and 32 channels, two 3x3 convolutions each, batch normalisation, "
        "ReLU, maximum pooling, a global average; AdamW, peak learning rate 0.003, "
        "cosine, 10 passes in batches of 64. A difference is in points, with a 95 % "
        "interval over the seeds, widened because the splits share images. All "
        f"trainings took {found['cpu_seconds'] / 60:.0f} minutes of one core; the "
        "numbers, seeds and versions "
        f"(PyTorch {found['versions']['torch']}) are in "
        "`docs/evidence/cnn_guidelines.json`, which `python -m tools.cnn_evidence` "
        "writes."
    )


FIGURES = cnn_figures
FACTS = (cnn.STARTS, cnn.GUIDELINES)
CALLS = 2 * len(cnn.STARTS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "cnn-starts": starts,
    "cnn-guidelines": guidelines,
    "cnn-measured": measured,
    "cnn-set-up": set_up,
    "cnn-figure": pictures(cnn_figures),
}
