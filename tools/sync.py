"""Write what the sheet knows into the pages: tables, traps, numbers and figures.

`python -m tools.sync` rewrites the text between `<!-- sheet:NAME -->` and
`<!-- /sheet -->` and the figures; with `--check` it changes nothing and fails when
something is stale. Only a trap or a measurement whose code changed is run.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

from dlcookbook.catalog import recipes
from tools.blocks import ROOT, Block, SyncError, formatted, snippet
from tools.fences import scan

TRAPS = ROOT / "tests" / "traps"
HARNESSES = sorted((ROOT / "tests").glob("test_*harness.py"))
BLOCK = re.compile(
    r"(?P<open><!-- sheet:(?P<name>\S+)(?: (?P<of>\S+))? -->\n)"
    r"(?P<body>.*?)"
    r"(?P<close>^<!-- /sheet -->$)",
    re.DOTALL | re.MULTILINE,
)
MARKER = re.compile(r"^<!-- (?:sheet:\S.*|/sheet) -->$", re.MULTILINE)
CHAPTERS = [
    importlib.import_module(f"tools.chapters.{file.stem}")
    for file in sorted((ROOT / "tools" / "chapters").glob("[!_]*.py"))
]


def trap_functions() -> dict[str, tuple[ast.FunctionDef, str]]:
    """Return every demonstration: its tree and the source of its file."""
    found: dict[str, tuple[ast.FunctionDef, str]] = {}
    for file in sorted(TRAPS.glob("[!_]*.py")):
        source = file.read_text(encoding="utf-8")
        found |= {node.name: (node, source) for node in functions(source)}
    return found


@cache
def functions(source: str) -> list[ast.FunctionDef]:
    """Return the functions of a file; every trap of a page asks for all of them."""
    return [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]


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
    # a line that was too long within its function may fit here
    return formatted(body + '\nprint(f"wrong {wrong:.4f}   right {right:.4f}")\n')


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


def proof(block: Block) -> str:
    """Count what stands behind the site, from the files."""
    counts = {
        "recipes, each in PyTorch and in Keras": len(shared_recipes()),
        "rows of facts": sum(len(rows) for c in CHAPTERS for rows in c.FACTS),
        "calls executed against a definition": sum(c.CALLS for c in CHAPTERS),
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
    "trap": trap,
    **{name: block for chapter in CHAPTERS for name, block in chapter.BLOCKS.items()},
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
        wanted = render(texts)
        for chapter in CHAPTERS:
            if chapter.FIGURES:
                wanted |= chapter.FIGURES.drawings()
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
