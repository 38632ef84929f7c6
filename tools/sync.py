"""Write what the sheet knows into the pages: tables, traps, numbers and figures.

`python -m tools.sync` rewrites the text between `<!-- sheet:NAME -->` and
`<!-- /sheet -->` and the figures; with `--check` it changes nothing and fails when
something is stale. Only a trap or a measurement whose code changed is run.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import inspect
import io
import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dlcookbook.catalog import recipes
from dlcookbook.sheet import losses, metrics
from tools import figures, metric_figures
from tools.fences import scan
from tools.snippets import output_of

ROOT = Path(__file__).resolve().parent.parent
TRAPS = ROOT / "tests" / "traps"
SPEED = ROOT / "docs" / "evidence" / "metrics_speed.json"
HARNESSES = sorted((ROOT / "tests").glob("test_*harness.py"))
BLOCK = re.compile(
    r"(?P<open><!-- sheet:(?P<name>\S+)(?: (?P<of>\S+))? -->\n)"
    r"(?P<body>.*?)"
    r"(?P<close>^<!-- /sheet -->$)",
    re.DOTALL | re.MULTILINE,
)
MARKER = re.compile(r"^<!-- (?:sheet:\S.*|/sheet) -->$", re.MULTILINE)
# The row of the chapter's table that the home page shows, by what it predicts.
HOME_TASKS = (
    "binary",
    "multiclass",
    "multilabel",
    "imbalanced",
    "regression",
    "robust-regression",
    "quantiles",
    "segmentation",
    "boxes",
    "retrieval",
)


class SyncError(Exception):
    """A page asks for something that the sheet cannot give."""


@dataclass(frozen=True)
class Block:
    """What a page asks for: `<!-- sheet:NAME OF -->`, the text there, every page."""

    name: str
    of: str
    old: str
    texts: dict[Path, str]


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a Markdown table; a cell's `|` is escaped."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |"
        for line in lines
    )


def defaults() -> dict[str, losses.Loss]:
    """Map each task to the first row that names it."""
    found: dict[str, losses.Loss] = {}
    for row in losses.ROWS:
        for task in row.tasks:
            found.setdefault(task, row)
    return found


def short(call: str) -> str:
    """Leave out what the legend above the table says once."""
    return re.sub(r"keras\.(losses|metrics)\.", "", call).removesuffix(
        "(targets, outputs)"
    )


def decision_table(block: Block) -> str:
    """Answer what is predicted with the default for it, one row per task."""
    rows = [
        (
            row.predicting,
            f"[{row.name}](#{row.slug})",
            row.last_layer,
            f"`{row.targets}`",
            f"`{row.torch}`",
            f"`{short(row.keras)}`",
        )
        for row in dict.fromkeys(defaults().values())
    ]
    header = ("You predict", "Loss", "Last layer", "Targets", "PyTorch", "Keras")
    return table(header, rows)


def home_table(block: Block) -> str:
    """Return the chapter's table in short, for the home page."""
    found = defaults()
    rows = [
        (
            found[task].predicting,
            f"[{found[task].name}](losses.md#{found[task].slug})",
            found[task].last_layer,
            f"`{found[task].torch}`",
            f"`{short(found[task].keras)}`",
        )
        for task in HOME_TASKS
    ]
    return table(("You predict", "Loss", "Last layer", "PyTorch", "Keras"), rows)


def link(source: str) -> str:
    """Turn `Title address` into a link."""
    title, _, address = source.rpartition(" ")
    return f"[{title}]({address})"


def definition(row: losses.Loss) -> str:
    """Link the files that hold a row's definition and recipes."""
    path = row.reference.partition(".")[0]
    pages = {"NumPy": f"reference/{path}.md"}
    if row.recipe:
        pages |= {"PyTorch": f"torch/{path}.md", "Keras": f"keras/{path}.md"}
    return ", ".join(f"[{name}]({page})" for name, page in pages.items())


def figure(block: Block) -> str:
    """Return the picture of a section."""
    home = metric_figures if block.name == "metric-figure" else figures
    drawn = home.figures()
    if block.of not in drawn:
        raise SyncError(f"there is no figure {block.of!r}")
    address = f"assets/figures/{home.FOLDER.name}/{block.of}.svg"
    return f"![{drawn[block.of].text}]({address}){{ .figure }}"


def section_facts(block: Block) -> str:
    """Return the facts of a section of losses."""
    rows = [row for row in losses.ROWS if block.of == (row.section or row.slug)]
    facts: dict[str, Callable[[losses.Loss], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "Last layer": lambda row: f"{row.last_layer}; outputs `{row.outputs}`",
        "Targets": lambda row: f"`{row.targets}`",
        "Recipe" if any(row.recipe for row in rows) else "Definition": definition,
        "Source": lambda row: link(row.source),
    }
    return told(block, "Loss", rows, facts)


def metric_facts(block: Block) -> str:
    """Return the facts of a section of metrics."""
    rows = [row for row in metrics.ROWS if block.of == (row.section or row.slug)]
    facts: dict[str, Callable[[metrics.Metric], str]] = {
        "Use it": lambda row: row.when,
        "Not": lambda row: row.when_not,
        "From": lambda row: f"outputs `{row.outputs}`; targets `{row.targets}`",
        "Range": lambda row: row.best,
        "PyTorch": lambda row: code(row.torch),
        "Keras": lambda row: code(row.keras),
        "NumPy": lambda row: code(row.numpy),
        "scikit-learn": lambda row: code(row.sklearn),
        "Recipe": metric_pages,
        "Source": lambda row: link(row.source),
    }
    return told(block, "Metric", rows, facts)


def code(call: str) -> str:
    """Return a call as code, or a dash where there is none."""
    return f"`{call}`" if call else "\N{EN DASH}"


def metric_pages(row: metrics.Metric) -> str:
    """Link the files of a metric in every wing that has it."""
    wings = {"torch": "PyTorch", "keras": "Keras", "numpy": "NumPy"}
    wings["reference"] = "definition"
    found = [
        f"[{title}]({wing}/{row.recipe}.md)"
        for wing, title in wings.items()
        if (ROOT / "dlcookbook" / wing / f"{row.recipe}.py").is_file()
    ]
    return ", ".join(found)


def told(block: Block, kind: str, rows: list, facts: dict[str, Callable]) -> str:
    """Return what rows share as a list, what they differ in as a table."""
    if not rows:
        raise SyncError(f"no row has the section {block.of!r}")
    found = {title: [fact(row) for row in rows] for title, fact in facts.items()}
    shared = {t: cells[0] for t, cells in found.items() if len(set(cells)) == 1}
    differ = {t: cells for t, cells in found.items() if t not in shared}
    parts = ["\n".join(f"- **{title}**: {fact}" for title, fact in shared.items())]
    if differ:
        names = [
            row.name if row.slug == block.of else f'<a id="{row.slug}"></a>{row.name}'
            for row in rows
        ]
        lines = list(zip(names, *differ.values(), strict=True))
        parts.append(table((kind, *differ), lines))
    return "\n\n".join(filter(None, parts))


def metric_table(block: Block) -> str:
    """Answer what is asked with the default for it, one row per question."""
    found: dict[str, metrics.Metric] = {}
    for row in metrics.ROWS:
        found.setdefault(row.asking, row)
    rows = [
        (
            row.asking,
            f"[{row.name}](#{row.slug})",
            f"`{row.outputs}`",
            *(code(call) for call in (row.torch, row.keras, row.sklearn)),
        )
        for row in found.values()
    ]
    header = (
        "You want to know",
        "Metric",
        "Outputs",
        "PyTorch",
        "Keras",
        "scikit-learn",
    )
    return table(header, rows)


LIBRARIES = ("ours", "sklearn", "torchmetrics", "torcheval", "keras")
ASKED = """
import warnings

warnings.simplefilter("ignore")  # some libraries warn when they are imported

import keras
import numpy as np
import sklearn.metrics as sk
import torch
import torcheval.metrics.functional as te
import torchmetrics.functional as tm
from torch import tensor

{recipes}


def show(question, *calls):
    said = ["-" if call is None else f"{{float(call()):.4g}}" for call in calls]
    print(" | ".join([question, *said]))


def streamed(metric, *batch):
    metric.update_state(*batch)
    return metric.result()

"""


def answers(block: Block) -> str:
    """Return what five libraries say of the same predictions, and the code behind."""
    calls = "\n".join(row.ours for row in metrics.ANSWERS)
    lines = []
    for row in metrics.ANSWERS:
        said = [getattr(row, library) for library in LIBRARIES]
        asked = ", ".join(f"lambda: {call}" if call else "None" for call in said)
        lines += [row.inputs, f"show({row.question!r}, {asked})"]
    imports = {
        name: recipe.name.replace("/", ".")
        for recipe in recipes()
        if recipe.wing == "numpy"
        for name in recipe.functions
        if re.search(rf"\b{name}\(", calls)
    }
    imported = [
        f"from dlcookbook.{module} import "
        + ", ".join(sorted(name for name in imports if imports[name] == module))
        for module in sorted(set(imports.values()))
    ]
    source = ASKED.format(recipes="\n".join(imported)) + "\n".join(lines) + "\n"
    ran = snippet(formatted(source.lstrip()), block.old)
    printed = ran.rpartition("```text {.output}\n")[2].removesuffix("```")
    rows = []
    for row, line in zip(metrics.ANSWERS, printed.splitlines(), strict=True):
        question, *cells = line.split(" | ")
        found = (code(cell if cell != "-" else "") for cell in cells)
        rows.append((question, *found, row.note))
    titles = ("dlcookbook", "scikit-learn", "torchmetrics", "torcheval", "Keras")
    head = table(("The same predictions", *titles, "Why"), rows)
    return "\n".join([head, "", "/// details | The code that ran", "", ran, "///"])


def speed_table(block: Block) -> str:
    """Return how much faster than their peers the metrics were measured."""
    rows = []
    for race in json.loads(SPEED.read_text(encoding="utf-8"))["races"]:
        for wing, ours in race["ours"].items():
            faster = {
                peer: f"{theirs / ours:.3g} x" for peer, theirs in race["peers"].items()
            }
            wanted = {
                peer: f" (aimed at {ratio:g} x)"
                for peer, ratio in race["wanted"].items()
                if race["peers"][peer] / ours < ratio
            }
            cells = (faster[peer] + wanted.get(peer, "") for peer in faster)
            said = ", ".join(map(" ".join, zip(faster, cells, strict=True)))
            rows.append((race["task"], wing, f"{ours / race['floor']:,.3g} x", said))
    header = ("Task", "Recipe in", "Time over one read of the data", "Faster than")
    return table(header, rows)


def task_table(block: Block) -> str:
    """Return the real-world table."""
    slugs = {row.name: row.slug for row in losses.ROWS}
    rows = [
        (
            task.name,
            " + ".join(f"[{name}](#{slugs[name]})" for name in task.loss),
            task.last_layer,
            f"`{task.optimizer}`",
            "<br>".join(
                f"`{code}`" for code in (task.keras_metric, task.metric) if code
            )
            or "none in core",
            task.note,
        )
        for task in losses.TASKS
    ]
    header = ("Task", "Loss", "Last layer", "Optimizer", "Metric", "Note")
    return table(header, rows)


def difference_table(block: Block) -> str:
    """Return where the frameworks differ, and the code that makes them agree."""
    rows = [
        (
            row.convention,
            *(f"`{short(code)}`" for code in (row.torch, row.keras, row.same)),
            row.note,
        )
        for row in losses.DIFFERENCES
    ]
    header = ("They disagree about", "PyTorch", "Keras", "Same number", "Why")
    return table(header, rows)


def measured_differences(block: Block) -> str:
    """Return a snippet that prints both numbers of every difference."""
    lines = [
        "import warnings",
        "",
        "import keras",
        "import torch",
        "from keras import ops",
        "from torch.nn import functional as F",
        "",
        'warnings.simplefilter("ignore")  # torch warns about two of them',
        "",
        "",
        "def show(what, *numbers):",
        '    print(f"{what:32}", *(f"{float(number):9.4f}" for number in numbers))',
        "",
        "",
        "print(f\"{'':32} {'torch':>9} {'keras':>9} {'mapped':>9}\")",
    ]
    for row in losses.DIFFERENCES:
        lines += ["", *row.inputs.split("\n")]
        lines.append(f'show(\n    "{row.convention}",')
        lines += [f"    {code}," for code in (row.torch, row.keras, row.same)]
        lines.append(")")
    return snippet(formatted("\n".join(lines) + "\n"), block.old)


def formatted(code: str) -> str:
    """Format Python as a reader's own formatter would."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "-"],
        input=code,
        text=True,
        capture_output=True,
        check=True,
    )
    return done.stdout


def trap_functions() -> dict[str, tuple[ast.FunctionDef, str]]:
    """Return every demonstration: its tree and the source of its file."""
    found: dict[str, tuple[ast.FunctionDef, str]] = {}
    for file in sorted(TRAPS.glob("[!_]*.py")):
        source = file.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef):
                found[node.name] = node, source
    return found


def trap_code(node: ast.FunctionDef, source: str) -> str:
    """Turn a demonstration into a script: its body, then a line that prints."""
    first, last = node.body[1], node.body[-1]
    shown = ast.unparse(last)
    if not shown.startswith("return Shown(wrong, right"):
        raise SyncError(f"{node.name} must end in `return Shown(wrong, right, ...)`")
    # end_lineno of the docstring, so that comments and blank lines stay
    begin = node.body[0].end_lineno or first.lineno
    lines = source.split("\n")[begin : last.lineno - 1]
    body = textwrap.dedent("\n".join(lines)).strip("\n")
    return body + '\nprint(f"wrong {wrong:.4f}   right {right:.4f}")\n'


def trap(block: Block) -> str:
    """Return one demonstration, folded up under what it shows."""
    functions = trap_functions()
    if block.of not in functions:
        raise SyncError(f"there is no trap {block.of!r}")
    node, source = functions[block.of]
    title, _, text = inspect.cleandoc(ast.get_docstring(node) or "").partition("\n\n")
    ran = snippet(trap_code(node, source), block.old)
    shown = re.search(r"^wrong +(\S+) +right +(\S+)$", ran, re.MULTILINE)
    if not shown:
        raise SyncError(f"{block.of} does not print its numbers:\n{ran}")
    wrong, right = map(compact, shown.groups())
    head = f"/// details | {title.removesuffix('.')}: **{wrong}** instead of {right}"
    return "\n".join([head, "    type: bug", "", text, "", ran, "///"])


def compact(number: str) -> str:
    """Drop the zeros that say nothing."""
    short = number.rstrip("0").removesuffix(".") if "." in number else number
    return "0" if short == "-0" else short


def snippet(code: str, old: str) -> str:
    """Return a fence and what it prints; run it only if its code is new."""
    fences = scan(old)
    shown = next(
        (
            output_of(fences, at)
            for at, fence in enumerate(fences)
            if fence.is_python and fence.code == code
        ),
        None,
    )
    printed = shown.code if shown else run(code)
    return f"```python\n{code}```\n\n```text {{.output}}\n{printed}```"


def run(code: str) -> str:
    """Run a snippet as a script of its own and return what it prints."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # imported after TensorFlow, torch can crash the process
    importlib.import_module("torch")
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
    except Exception as error:
        raise SyncError(f"{error!r} in a snippet of the sheet:\n{code}") from error
    return printed.getvalue()


FACTS = (
    losses.ROWS,
    losses.TASKS,
    losses.DIFFERENCES,
    metrics.ROWS,
    metrics.ANSWERS,
)


def proof(block: Block) -> str:
    """Count what stands behind the site, from the files."""
    counts = {
        "recipes, each in NumPy, PyTorch and Keras": len(shared_recipes()),
        "rows of facts": sum(map(len, FACTS)),
        "calls executed against a definition": 2 * len(losses.ROWS)
        + 3 * len(losses.DIFFERENCES)
        + sum(
            bool(call)
            for row in metrics.ROWS
            for call in (row.torch, row.keras, row.numpy, row.sklearn)
        ),
        "traps that must show their wrong number": len(trap_functions()),
        "planted bugs that the tests must catch": planted_bugs(),
        "snippets run, their output compared": sum(
            fence.is_run for text in block.texts.values() for fence in scan(text)
        ),
    }
    return "\n".join(f"- **{count}** {what}" for what, count in counts.items())


def planted_bugs() -> int:
    """Count the bugs that the harness plants in the recipes."""
    return sum(
        isinstance(node, ast.Call) and ast.unparse(node.func) == "Bug"
        for file in HARNESSES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    )


def shared_recipes() -> set[str]:
    """Return the names that the torch and the Keras wing share, projects left out."""
    wings: dict[str, set[str]] = {"torch": set(), "keras": set()}
    for recipe in recipes():
        if recipe.wing in wings and not recipe.key.startswith("projects/"):
            wings[recipe.wing].add(recipe.key)
    return wings["torch"] & wings["keras"]


BLOCKS: dict[str, Callable[[Block], str]] = {
    "losses": decision_table,
    "figure": figure,
    "loss": section_facts,
    "tasks": task_table,
    "differences": difference_table,
    "measured": measured_differences,
    "trap": trap,
    "metrics": metric_table,
    "metric": metric_facts,
    "metric-figure": figure,
    "answers": answers,
    "speed": speed_table,
    "home": home_table,
    # last: it counts the snippets that the others write
    "proof": proof,
}


def pages() -> list[Path]:
    """Return the Markdown files that may hold blocks."""
    readme = ROOT / "README.md"
    return [*sorted((ROOT / "docs").rglob("*.md")), *([readme] * readme.exists())]


def render(texts: dict[Path, str]) -> dict[Path, str]:
    """Write every block anew.

    Parameters
    ----------
    texts : dict
        From the file to its text.

    Returns
    -------
    dict
        The same files with what should stand in them.

    Raises
    ------
    SyncError
        If a marker is unknown, not closed or asks for what does not exist.
    """
    new = dict(texts)
    for path, text in texts.items():
        found = [match["name"] for match in BLOCK.finditer(text)]
        if unknown := set(found) - set(BLOCKS):
            raise SyncError(
                f"{path}: unknown block {unknown}. Known: {', '.join(BLOCKS)}"
            )
        if len(MARKER.findall(text)) != 2 * len(found):
            raise SyncError(f"{path}: a block without its `<!-- /sheet -->`")
    for name in BLOCKS:
        new = {
            path: BLOCK.sub(partial(rewritten, name, new), new[path]) for path in new
        }
    return new


def rewritten(name: str, texts: dict[Path, str], match: re.Match[str]) -> str:
    """Write a block anew if it has the name; else return it as it is."""
    if match["name"] != name:
        return match[0]
    body = BLOCKS[name](Block(name, match["of"] or "", match["body"], texts))
    return f"{match['open']}\n{body}\n\n{match['close']}"


def stale_blocks(old: str, new: str) -> Iterable[str]:
    """Name the blocks of a page that are not what they should be."""
    for was, now in zip(BLOCK.finditer(old), BLOCK.finditer(new), strict=True):
        if was["body"] != now["body"]:
            yield " ".join(filter(None, (f"sheet:{now['name']}", now["of"])))


def main(arguments: list[str] | None = None) -> int:
    """Rewrite what is stale, or with --check only say so."""
    parser = argparse.ArgumentParser(prog="python -m tools.sync", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args(arguments).check
    texts = {path: path.read_text(encoding="utf-8") for path in pages()}
    try:
        wanted = render(texts) | figures.drawings() | metric_figures.drawings()
    except SyncError as error:
        print(error, file=sys.stderr)
        return 1
    stale = 0
    for path, new in wanted.items():
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old == new:
            continue
        stale += 1
        blocks = ", ".join(stale_blocks(old, new)) if path in texts else "figure"
        verb = "stale" if check else "wrote"
        print(f"{verb}: {path.relative_to(ROOT)} ({blocks})")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(new, encoding="utf-8")
    if check and stale:
        print("run `make sync` and commit what it writes", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
