"""The blocks of the page on what cheat sheets get wrong: entries, code, counts."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import tempfile
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from dlcookbook.sheet import corrections
from dlcookbook.sheet.corrections import Correction
from tools.blocks import ROOT, Block, SyncError, code, formatted, link, snippet, table

DEMONSTRATIONS = ROOT / "tests" / "corrections"
TRAPS = ROOT / "tests" / "traps"
EVIDENCE = ROOT / "docs" / "evidence"
# The last line of a demonstration, and the line that prints in its place.
NUMBERS = 'print(f"as written {{{}:.5g}}   true {{{}:.5g}}")'
PRINTS = {
    "return Seen(written, true)": NUMBERS.format("written", "true"),
    "return Shown(wrong, right": NUMBERS.format("wrong", "right"),
    "return Gone(": "print(type(raised).__name__, *str(raised).split()[:6])",
    "return Told(": "print(*str(heard[0].message).split()[:10])",
}
# Of two things that are named, and of one thing.
PAIR = "**{}** and **{}**"
WRITTEN = "written **{}**, true **{}**"
# From what a snippet imports to what is installed for it.
PINNED = {
    "torch": ("torch",),
    "keras": ("keras", "tensorflow"),
    "tensorflow": ("tensorflow",),
    "sklearn": ("scikit-learn",),
    "scipy": ("scipy",),
    "numpy": ("numpy",),
}
TITLES = {
    "torch": "PyTorch",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "scikit-learn": "scikit-learn",
    "scipy": "SciPy",
    "numpy": "NumPy",
}


@dataclass(frozen=True)
class Measured:
    """What was measured of a belief.

    Attributes
    ----------
    difference, half : float
        In points of accuracy; half of the 95 % interval.
    seeds : int
        How many trainings each side had.
    said : str
        What was trained.
    """

    difference: float
    half: float
    seeds: int
    said: str


@cache
def functions(folder: str) -> dict[str, tuple[ast.FunctionDef, str]]:
    """Return the demonstrations of a folder of tests: tree and source of the file."""
    found: dict[str, tuple[ast.FunctionDef, str]] = {}
    for file in sorted((ROOT / "tests" / folder).glob("[!_]*.py")):
        source = file.read_text(encoding="utf-8")
        tree = ast.parse(source)
        found |= {
            node.name: (node, source)
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
        }
    return found


def demonstration(row: Correction) -> tuple[ast.FunctionDef, str]:
    """Return the function that shows a row, its own or one of the traps."""
    name = row.demonstration.removeprefix("trap:")
    folder = "traps" if name != row.demonstration else "corrections"
    if name not in functions(folder):
        raise SyncError(f"{row.slug}: there is no {name!r} in tests/{folder}")
    return functions(folder)[name]


def script(row: Correction) -> str:
    """Turn a demonstration into a script: its body, then a line that prints."""
    node, source = demonstration(row)
    last = ast.unparse(node.body[-1])
    prints = [line for end, line in PRINTS.items() if last.startswith(end)]
    if not prints:
        raise SyncError(f"{node.name} must end in one of: {', '.join(PRINTS)}")
    begin = node.lineno
    if ast.get_docstring(node):
        begin = node.body[0].end_lineno or begin
    lines = source.split("\n")[begin : node.body[-1].lineno - 1]
    body = textwrap.dedent("\n".join(lines)).strip("\n")
    # what is for the linter of the tests alone
    body = re.sub(r"  # noqa: \S+$", "", body, flags=re.MULTILINE)
    return formatted(f"{body}\n{prints[0]}\n")


def length(script: str) -> int:
    """Count the lines of a script, imports of its head and blank lines left out."""
    tree = ast.parse(script)
    imports = (ast.Import, ast.ImportFrom)
    left_out = sum(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in tree.body
        if isinstance(node, imports)
    )
    return sum(bool(line.strip()) for line in script.splitlines()) - left_out


@cache
def pins() -> dict[str, str]:
    """Return the release of every package that is installed to check the site."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("==") for line in lines if "==" in line)
    return {name: release for name, _, release in pairs}


def measured_on(script: str) -> str:
    """Name the releases of what a script imports."""
    imported = set()
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    names = [p for name, all_of in PINNED.items() if name in imported for p in all_of]
    if names != ["numpy"]:
        names = [name for name in names if name != "numpy"]
    unique = list(dict.fromkeys(names))
    return ", ".join(f"{TITLES[name]} {pins()[name]}" for name in unique) or "Python"


@cache
def evidence(name: str) -> Any:
    """Return a file of what was measured."""
    return json.loads((EVIDENCE / f"{name}.json").read_text(encoding="utf-8"))


def augmented(count: str, method: str) -> Measured:
    """Return what an augmentation changed."""
    found = evidence("augmentation_effects")
    row = found[count][method]
    said = f"a network of convolutions on {count} digits, {found['steps']} steps"
    return Measured(row["difference"], row["interval"], found["seeds"], said)


def guided(topic: str, variant: str) -> Measured:
    """Return what a variant of the small convolutional network gained."""
    found = evidence("cnn_guidelines")
    [row] = [r for r in found["guidelines"][topic] if r["variant"] == variant]
    first = found["guidelines"][topic][0]["variant"]
    said = f"a small network of convolutions on digits, “{variant}” beside “{first}”"
    gain = row["gain"]
    return Measured(
        gain["mean"], gain["half_width_corrected"], len(found["seeds"]), said
    )


def stepped(belief: str) -> Measured:
    """Return what a change of the training step gained."""
    [row] = [r for r in evidence("steps_effects") if r["belief"] == belief]
    said = f"digits, “{belief}”, won {row['wins']} times and lost {row['losses']}"
    return Measured(row["gain"], row["half"], SEEDS_OF_STEPS, said)


def scheduled(optimizer: str, epochs: str, schedule: str) -> Measured:
    """Return what a warm-up gained at the best rate."""
    found = evidence("schedules_rates")
    [row] = [
        r
        for r in found["schedules"]
        if (r["optimizer"], str(r["epochs"]), r["schedule"])
        == (optimizer, epochs, schedule)
    ]
    difference, half = (100 * number for number in row["warmup"][row["best"]])
    said = f"a small network on digits, {epochs} epochs with {optimizer} and a cosine"
    return Measured(difference, half, found["seeds"], said)


FILES: dict[str, Callable[..., Measured]] = {
    "augmentation_effects": augmented,
    "cnn_guidelines": guided,
    "steps_effects": stepped,
    "schedules_rates": scheduled,
}


def measured(row: Correction) -> Measured:
    """Return what was measured of a belief."""
    name, *way = row.evidence.split(" | ")
    return FILES[name](*way)


@cache
def headings(page: str) -> dict[str, str]:
    """Return the headings of a page of ours by their anchor."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.findall(r"^#+ (.+?) \{ ?#([\w-]+) ?\}$", text, re.MULTILINE)
    return {anchor: heading for heading, anchor in found}


def more(row: Correction) -> str:
    """Link the section that teaches it."""
    page, _, anchor = row.see.partition("#")
    if anchor not in headings(page):
        raise SyncError(f"{row.slug}: there is no {row.see}")
    return f"[{headings(page)[anchor]}]({row.see})"


def instead(row: Correction) -> str:
    """Return what to write, a call as code."""
    return row.instead if row.instead.endswith(".") else code(row.instead)


def shown(row: Correction, old: str) -> str:
    """Return the code that shows a row, folded up under what it prints."""
    # some of them write files
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        ran = snippet(script(row), old)
    what = row.shows[:1].upper() + row.shows[1:]
    if found := re.search(r"^as written (\S+) +true (\S+)$", ran, re.MULTILINE):
        words = PAIR if re.search(r", .*\band\b", what) else WRITTEN
        head = f"{what}: {words.format(*found.groups())}"
    elif found := re.search(r"^(\w+Error) ", ran, re.MULTILINE):
        head = f"It raises **{found[1]}**"
    else:
        head = "It **warns**"
    return "\n".join([f"/// details | {head}", "    type: bug", "", ran, "///"])


def said(row: Correction) -> str:
    """Say what was measured of a belief."""
    found = measured(row)
    return (
        f"**Measured**: {found.difference:+.2f} ± {found.half:.2f} points of accuracy, "
        f"95 % interval over {found.seeds} seeds; {found.said}. The numbers: "
        f"`docs/evidence/{row.evidence.partition(' ')[0]}.json`."
    )


def entry(row: Correction, old: str) -> str:
    """Return an entry: heading, what is written, what is true, what shows it."""
    lines = [
        f"- **Written**: {row.reading}",
        f"- **True**: {row.true}",
        f"- **Write**: {instead(row)}",
    ]
    if row.until:
        lines.insert(0, f"- **Was wrong until {row.until}**: it is right by now.")
    if row.demonstration:
        tail = [
            f"Measured on {measured_on(script(row))}",
            f"more: {more(row)}",
            f"source: {link(row.source)}",
        ]
        proof = "" if row.until else shown(row, old)
    else:
        tail = [f"More: {more(row)}", f"source: {link(row.source)}"]
        proof = said(row)
    parts = [
        f"### {row.name} {{ #{row.slug} }}",
        "\n".join(lines),
        proof,
        "; ".join(tail) + ".",
    ]
    return "\n\n".join(filter(None, parts))


def section(block: Block) -> str:
    """Return the entries of a section."""
    rows = [row for row in corrections.ROWS if row.section == block.of]
    if not rows:
        raise SyncError(f"no correction has the section {block.of!r}")
    return "\n\n".join(entry(row, block.old) for row in rows)


def costly(block: Block) -> str:
    """Return the corrections that save most."""
    rows = {row.slug: row for row in corrections.ROWS}
    cells = [
        (f"[{rows[slug].reading}](#{slug})", rows[slug].true, instead(rows[slug]))
        for slug in corrections.COSTLY
    ]
    return table(("Written", "True", "Write"), cells)


def counted(rows: Iterable[Correction]) -> tuple[str, str]:
    """Count rows, and those that code shows."""
    run = [bool(row.demonstration) for row in rows]
    return str(len(run)), str(sum(run))


def contents(block: Block) -> str:
    """Return the sections with the number of their entries."""
    by_section = {
        slug: [row for row in corrections.ROWS if row.section == slug]
        for slug in corrections.SECTIONS
    }
    cells = [
        (f"[{title}](#{slug})", *counted(by_section[slug]))
        for slug, title in corrections.SECTIONS.items()
    ]
    cells.append(("All", *counted(corrections.ROWS)))
    return table(("Section", "Entries", "Shown by code that runs here"), cells)


# As tools/step_effects.py trains.
SEEDS_OF_STEPS = 10
FIGURES = None
FACTS = (corrections.ROWS,)
CALLS = 0
BLOCKS: dict[str, Callable[[Block], str]] = {
    "corrections-costly": costly,
    "corrections-contents": contents,
    "corrections": section,
}
