"""The blocks of the models page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dlcookbook.catalog import recipes
from dlcookbook.sheet import models
from tools import model_figures
from tools.blocks import ROOT, Block, code, link, pages_of, pictures, table, told

PROOF = ROOT / "docs" / "evidence" / "models_proof.json"
SPEED = ROOT / "docs" / "evidence" / "models_speed.json"


def read(file) -> dict[str, Any]:
    """Read what was measured."""
    return json.loads(file.read_text(encoding="utf-8"))


def short(number: int) -> str:
    """Return a number with three digits that count: 4.09 G."""
    for unit, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= unit:
            return f"{number / unit:.3g}{letter}"
    return str(number)


def counted(text: str) -> int:
    """Read a number of the sheet."""
    return int(text.replace(",", ""))


def calls(row: models.Model) -> str:
    """Return the call, once if it is the same in both frameworks."""
    if row.torch == row.keras:
        return code(row.torch)
    return f"{code(row.torch)}, Keras {code(row.keras)}"


def model_table(block: Block) -> str:
    """Answer what is built with the default for it, one row per model."""
    found: dict[str, models.Model] = {}
    for row in models.ROWS:
        found.setdefault(row.building, row)
    rows = [
        (
            row.building,
            row.data,
            f"[{row.name}](#{row.section or row.slug})",
            short(counted(row.parameters)),
            f"{short(counted(row.multiply_adds))} at `{row.inputs.partition(' ')[2]}`",
            calls(row),
        )
        for row in found.values()
    ]
    header = ("You build", "Data", "Model", "Parameters", "Multiply-adds", "Call")
    return table(header, rows)


def model_facts(block: Block) -> str:
    """Return the facts of a section of models."""
    rows = [row for row in models.ROWS if block.of == (row.section or row.slug)]
    facts: dict[str, Callable[[models.Model], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Call": calls,
        "In": lambda row: f"`{row.inputs}`",
        "Out": lambda row: f"`{row.output}`",
        "Parameters": lambda row: row.parameters,
        "Multiply-adds for one": lambda row: short(counted(row.multiply_adds)),
        "Data": lambda row: row.data,
        "Recipe": lambda row: pages_of(row.recipe),
        "Compared with": lambda row: row.peer or "the other wing",
        "Source": lambda row: link(row.source),
    }
    return told(block, "Model", rows, facts)


def block_table(block: Block) -> str:
    """Return every file of blocks, what it is and where it is."""
    found = {
        recipe.key: recipe
        for recipe in recipes()
        if recipe.wing == "torch" and recipe.key.startswith("blocks/")
    }
    rows = [
        (
            ", ".join(code(name) for name in recipe.functions),
            recipe.summary,
            pages_of(k),
        )
        for k, recipe in sorted(found.items())
    ]
    return table(("Block", "What it is", "Recipe"), rows)


def variant_table(block: Block) -> str:
    """Return the eight sizes of EfficientNet, as they were counted."""
    rows = [
        (
            row["variant"].upper(),
            f"{row['width']:g}",
            f"{row['depth']:g}",
            str(row["blocks"]),
            str(row["pixels"]),
            f"{row['dropout']:g}",
            f"{row['parameters']:,}",
            short(row["macs"]),
        )
        for row in read(PROOF)["variants"]
    ]
    header = ("Variant", "Width", "Depth", "Blocks", "Pixels", "Dropout")
    return table((*header, "Parameters", "Multiply-adds"), rows)


def count_table(block: Block) -> str:
    """Return how many parameters ours have, and who counted the same."""
    rows = []
    for row in read(PROOF)["counts"]:
        given = [f"'{x}'" for x in row["args"] if isinstance(x, str)]
        given += [str(x) for x in row["args"] if not isinstance(x, str)]
        given += [f"{k}={v}" for k, v in row["kwargs"].items()]
        call = f"{row['function']}({', '.join(given)})"
        peers = ", ".join(f"{name} {n:,}" for name, n in row["peers"].items())
        rows.append((code(call), f"{row['parameters']:,}", peers))
    return table(("Ours", "Trained parameters", "Counted in"), rows)


def conversion_table(block: Block) -> str:
    """Return how far two models with the same weights are apart."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in read(PROOF)["conversions"]:
        worst = found.setdefault((row["ours"], row["from"]), {})
        worst[row["wing"]] = max(worst.get(row["wing"], 0.0), row["difference"])
    rows = [
        (
            code(ours),
            "PyTorch" if peer == "dlcookbook.torch" else peer,
            *(f"{wings[w]:.1e}" if w in wings else "" for w in ("torch", "keras")),
        )
        for (ours, peer), wings in found.items()
    ]
    head = ("Ours", "Weights from", "PyTorch differs", "Keras differs")
    strangers = [row for row in rows if row[1] != "PyTorch"]
    twins = [(row[0], row[3]) for row in rows if row[1] == "PyTorch"]
    return "\n".join(
        [
            table(head, strangers),
            "",
            f"/// details | {len(twins)} twins: Keras with the weights of PyTorch",
            "",
            table(("Model or block", "Keras differs"), twins),
            "///",
        ]
    )


def worst(block: Block) -> str:
    """Return the largest difference of all, in a sentence."""
    proof = read(PROOF)
    n, onnx = len(proof["conversions"]), proof["onnx"]
    largest = max(row["difference"] for row in proof["conversions"])
    exported = max(row["difference"] for row in onnx)
    models_run = len({row["ours"] for row in onnx})
    return (
        f"The largest of {n} differences is {largest:.1e} of the largest output; "
        f"through ONNX, {models_run} models differ by {exported:.1e} at most."
    )


def speed_table(block: Block) -> str:
    """Return time and memory of a training step next to a peer's."""
    titles = {"resnet": "ResNet-50", "efficientnet": "EfficientNet-B0"}
    wings = {"torch": "PyTorch", "keras": "Keras"}
    rows = []
    for race in read(SPEED)["races"]:
        (mine, theirs), (held, had) = race["seconds"], race["bytes"]
        rows.append(
            (
                f"{titles[race['model']]} in {wings[race['wing']]}",
                race["peer"],
                f"{mine / theirs:.2f}",
                f"{held / had:.2f}",
            )
        )
    header = ("A training step of", "Against", "Time, ratio", "Peak memory, ratio")
    return table(header, rows)


FIGURES = model_figures
FACTS = (models.ROWS,)
CALLS = 2 * len(models.ROWS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "models": model_table,
    "model": model_facts,
    "model-figure": pictures(model_figures),
    "model-blocks": block_table,
    "model-variants": variant_table,
    "model-counts": count_table,
    "model-conversions": conversion_table,
    "model-worst": worst,
    "model-speed": speed_table,
}
