"""The blocks of the Rosetta page: how far PyTorch and Keras are apart, by section."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

from dlcookbook.sheet import rosetta
from dlcookbook.sheet.rosetta import Difference
from tools.blocks import ROOT, Block, SyncError, code, link, table

FILE = ROOT / "docs" / "evidence" / "rosetta.json"
BACKENDS = {"tensorflow": "TensorFlow", "torch": "torch"}
NAMES = {"torch": "PyTorch", "keras": "Keras"}

Told = dict[str, Any]


@cache
def record() -> dict[str, Any]:
    """Return what was measured, and with which releases."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def said(told: Told, near: float) -> str:
    """Return how far two calls are apart, in a word or two."""
    torch, keras = told.get("torch", ""), told.get("keras", "")
    if told["kind"] == "number":
        far = told["apart"]
        return f"{far:.2g}" if far > near else f"{far:.0e}" if far else "0"
    if told["kind"] == "refused":
        missing = [NAMES[s] for s in NAMES if told[s] == "AttributeError"]
        if missing:
            return f"not in {missing[0]}"
        return ", ".join(f"{NAMES[s]}: `{told[s]}`" for s in NAMES if told[s])
    if told["kind"] == "finite":
        wings = [NAMES[s] for s in NAMES if told[s] != "finite"]
        return f"{' and '.join(wings)}: not finite"
    return f"{'shapes ' * (told['kind'] == 'shape')}{torch} / {keras}"


def by_backend(row: Difference, which: str) -> dict[str, str]:
    """Return it for each backend, or once where they say the same."""
    found = record()["rows"].get(row.slug)
    if found is None:
        raise SyncError(
            f"{row.slug} was not measured: python -m tools.rosetta_evidence"
        )
    near = rosetta.DRAWN.get(row.measured, rosetta.NEAR)
    told = {backend: found[backend][which] for backend in BACKENDS}
    words = {backend: said(one, near) for backend, one in told.items()}
    if all(one["kind"] == "number" for one in told.values()):
        far = max(told.values(), key=lambda one: one["apart"])
        if any(
            abs(far["apart"] - one["apart"]) > max(near, far["apart"] / 50)
            for one in told.values()
        ):
            return words
        return {"": said(far, near)}
    if any(one["kind"] == "words" for one in told.values()):
        words = {b: "the same" if word == "0" else word for b, word in words.items()}
    return words if len(set(words.values())) > 1 else {"": words["tensorflow"]}


def both(row: Difference, which: str) -> str:
    """Return it for both backends, in one cell."""
    words = by_backend(row, which)
    if "" not in words:
        return "<br>".join(f"{words[b]} on {name}" for b, name in BACKENDS.items())
    if (
        words[""] == "0"
        and record()["rows"][row.slug]["tensorflow"]["first"]["kind"] == "words"
    ):
        return "the same"
    return words[""]


def stacked(in_torch: str, in_keras: str) -> str:
    """Return the calls of both, one above the other."""
    calls = {"PyTorch": in_torch, "Keras": in_keras}
    return "<br>".join(f"{name}: {code(call)}" for name, call in calls.items() if call)


def remedy(row: Difference) -> str:
    """Return the lines that make a row agree, and what is left then."""
    if row.agree_torch or row.agree_keras:
        left = both(row, "then")
        lines = stacked(row.agree_torch, row.agree_keras)
        return f"{lines}<br>then: {left}"
    return "they agree" if row.kind == "name" else "no argument"


def title(row: Difference) -> str:
    """Return the name of a row with its address, the cause, and where there is more."""
    more = f" [More]({row.see})" if row.see else ""
    return f'<a id="{row.slug}"></a>**{row.name}**<br>{row.why}{more}'


def linked(row: Difference) -> str:
    """Return the link to a row."""
    return f"[{row.name}](#{row.slug})"


def cost_table(block: Block) -> str:
    """Return the rows that cost the most."""
    rows = [
        (
            linked(row),
            f"{row.why} {row.costs}",
            both(row, "first"),
            stacked(row.agree_torch, row.agree_keras) or "no argument",
        )
        for row in rosetta.ROWS
        if row.costs
    ]
    return table(("What", "What happens", "Apart", "Line that makes them agree"), rows)


def section_table(block: Block) -> str:
    """Return the rows of a section."""
    rows = [row for row in rosetta.ROWS if row.section == block.of]
    if not rows:
        raise SyncError(f"no row has the section {block.of!r}")
    most, count = Counter(row.measured for row in rows).most_common(1)[0]
    usual = most if most and 2 * count > len(rows) else ""
    cells = []
    for row in rows:
        calls = stacked(row.torch, row.keras)
        if row.measured != usual:
            calls += f"<br>compared: {rosetta.MEASURED[row.measured]}"
        name = title(row)
        cells.append((name, calls, both(row, "first"), remedy(row)))
    header = ("What", "Calls", "Apart", "Line that makes them agree")
    lead = f"Compared: {rosetta.MEASURED[usual]}." if usual else ""
    return "\n\n".join(filter(None, (lead, table(header, cells))))


def counts(block: Block) -> str:
    """Return how many rows there are, of which kind, on which backends."""
    found = record()["versions"]
    versions = {name: number.partition("+")[0] for name, number in found.items()}
    kinds = Counter(row.kind for row in rosetta.ROWS)
    lines = sum(bool(r.agree_torch) + bool(r.agree_keras) for r in rosetta.ROWS)
    calls = 2 * len(rosetta.ROWS) + lines
    backends = [
        f"on {name} {versions[package]}"
        for package, name in {"tensorflow": "TensorFlow", "torch": "torch"}.items()
    ]
    cells = [
        (rosetta.KINDS[kind][0].upper() + rosetta.KINDS[kind][1:], str(kinds[kind]))
        for kind in rosetta.KINDS
    ]
    lead = (
        f"**{len(rosetta.ROWS)} rows, {calls} calls**, each executed: PyTorch "
        f"{versions['torch']} against Keras {versions['keras']} "
        f"{' and '.join(backends)}."
    )
    return f"{lead}\n\n{table(('Rows', 'Number'), cells)}"


def backends_table(block: Block) -> str:
    """Return the rows that depend on the backend of Keras."""
    rows = []
    for row in rosetta.ROWS:
        words = by_backend(row, "first")
        if "" not in words:
            rows.append((linked(row), *words.values()))
    return table(("What", "Keras on TensorFlow", "Keras on torch"), rows)


def sources(block: Block) -> str:
    """Return the pages of the documentation that the rows of a section rest on."""
    rows = [row for row in rosetta.ROWS if row.section == block.of]
    return "Sources: " + ", ".join(dict.fromkeys(link(r.source) for r in rows)) + "."


FIGURES = None
FACTS = (rosetta.ROWS,)
CALLS = 2 * len(rosetta.ROWS)
BLOCKS: dict[str, Callable[[Block], str]] = {
    "rosetta-costs": cost_table,
    "rosetta-counts": counts,
    "rosetta-backends": backends_table,
    "rosetta-sources": sources,
    "rosetta": section_table,
}
