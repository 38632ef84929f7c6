"""Prove that every Python block a reader sees is tested: built pages against pytest.

Blocks and snippets are matched page by page, by their text. Three kinds of block run
elsewhere and are known by what they say, not by a mark that an author could set: the
cells of a notebook's page, the doctests of an API page, and, on a page that nobody
wrote by hand, a file of the package or an import of what it offers.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import html
from markdown_it import MarkdownIt

from tools.fences import Fence, scan
from tools.snippets import output_of

REPOSITORY = Path(__file__).resolve().parent.parent
OPTIONS = {"continuation", ".notest"}
VALUES = {"title", "hl_lines", "linenums", "data-reason"}
WITHIN = re.compile(r"([1-9]|1\d|2[0-5])%")
MARKS = re.compile(r"`{3}|~{3}")


@dataclass(frozen=True)
class Block:
    """A code block of a built page."""

    text: str
    language: str
    line: int
    is_doctest: bool
    is_signature: bool

    @property
    def is_python(self) -> bool:
        """Whether a reader takes it for Python, whatever its author called it."""
        return re.match(r"i?py", self.language) is not None


def plain(code: str) -> str:
    """Return code without what no reader sees."""
    lines = [line.expandtabs(4).rstrip() for line in code.split("\n")]
    return "\n".join(lines).strip("\n")


def first_line(code: str) -> str:
    """Return what a report names a block by."""
    return f"`{code.strip().partition(chr(10))[0][:60]}`"


def blocks(article: html.HtmlElement) -> list[Block]:
    """List the code blocks of a page."""
    found = []
    for pre in article.iter("pre"):
        names = {name for a in pre.iterancestors() for name in a.classes}
        language = next((n[9:] for n in names if n.startswith("language-")), "")
        found.append(
            Block(
                text=plain(pre.text_content()),
                language=language.lower(),
                line=pre.sourceline,
                is_doctest=language == "pycon" and "doc" in names,
                is_signature="doc-signature" in names,
            )
        )
    return found


def collect(root: Path) -> dict[str, Counter[str]]:
    """Ask pytest what it would run: the text of each snippet, by file."""
    path = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "snippets.json"
        command = [sys.executable, "-m", "pytest", "-p", "tools.snippets", "-q"]
        command += ["--markdown-docs", "--collect-only", f"--collect-json={target}"]
        run = subprocess.run(
            [*command, "--noconftest", "-p", "no:cacheprovider"],
            cwd=root,
            env=os.environ | {"PYTHONPATH": path.rstrip(os.pathsep)},
            capture_output=True,
            text=True,
            check=False,
        )
        if not target.exists():
            raise SystemExit(f"pytest could not collect the snippets\n{run.stdout}")
        rows = json.loads(target.read_text(encoding="utf-8"))
    collected: dict[str, Counter[str]] = {}
    for row in rows:
        collected.setdefault(row["path"], Counter())[plain(row["code"])] += 1
    return collected


def check_source(name: str, fences: list[Fence]) -> Iterator[str]:
    """Report the fences that are written wrongly."""
    for at, fence in enumerate(fences):
        here = f"{name}:{fence.line}"
        if not fence.closed:
            yield f"{here}: BROKEN FENCE: it has no closing marks"
        if not fence.language:
            yield f"{here}: NO LANGUAGE: write `text` where there is none"
        if not fence.braced:
            yield f"{here}: WILL NOT RENDER: put {' '.join(fence.words)} in braces"
        if fence.is_output and (at == 0 or output_of(fences, at - 1) is not fence):
            yield f"{here}: UNVERIFIED OUTPUT: no snippet stands right above it"
        elif fence.is_output and not fences[at - 1].is_run:
            yield f"{here}: UNVERIFIED OUTPUT: the block above it does not run"
        if fence.is_output and not WITHIN.fullmatch(
            within := fence.values.get("data-within", "1%")
        ):
            yield f'{here}: LOOSE OUTPUT: data-within="1%" to "25%", not {within}'
        if not fence.is_python:
            continue
        unknown = [word for word in fence.words if word not in OPTIONS]
        unknown += [name for name in fence.values if name not in VALUES]
        if unknown:
            yield f"{here}: UNKNOWN OPTION: {' '.join(unknown)}"
        if not fence.is_run and not fence.values.get("data-reason"):
            yield f'{here}: NOTEST WITHOUT REASON: add data-reason="..."'


def check_written(
    name: str, fences: list[Fence], found: list[Block], collected: Counter[str]
) -> Iterator[str]:
    """Compare a written page with its source and with the collected snippets."""
    lines = {plain(fence.code): fence.line for fence in reversed(fences)}
    rendered = Counter(block.text for block in found if block.is_python)
    said = Counter(plain(f.code) for f in fences if f.is_python and not f.is_run)
    for text in (rendered - collected - said).elements():
        where = f"{name}:{lines.get(text, 1)}"
        yield f"{where}: UNTESTED: {first_line(text)} is shown, not collected"
    for text in (collected - rendered).elements():
        where = f"{name}:{lines.get(text, 1)}"
        yield f"{where}: UNRENDERED: {first_line(text)} is collected, not shown"
    others = Counter(plain(fence.code) for fence in fences if not fence.is_python)
    for text in (others - Counter(block.text for block in found)).elements():
        where = f"{name}:{lines[text]}"
        yield f"{where}: BROKEN FENCE: {first_line(text)} is not a block of the page"
    for block in found:
        if not block.is_python and block.text not in others:
            text = first_line(block.text)
            yield f"{name}:1: NO LANGUAGE: {text} is an indented block, not a fence"


def check_notebook(name: str, source: str, found: list[Block]) -> Iterator[str]:
    """Report the blocks of a notebook's page that are no cells of the notebook."""
    cells = plain(source)
    for block in found:
        if block.is_python and block.text not in cells:
            said = first_line(block.text)
            yield f"{name}:{block.line}: UNTESTED: {said} is no cell of the notebook"


def check_generated(name: str, found: list[Block], root: Path) -> Iterator[str]:
    """Report the blocks of a generated page that nothing runs."""
    package = root.glob("dlcookbook/**/*.py")
    files = {plain(path.read_text(encoding="utf-8")) for path in package}
    for block in found:
        if not block.is_python or block.is_doctest or block.is_signature:
            continue
        if block.text not in files and not is_import(block.text, root):
            said = first_line(block.text)
            yield f"{name}:{block.line}: UNTESTED: {said} is no file, import or doctest"


def is_import(code: str, root: Path) -> bool:
    """Say whether code does nothing but import names that our files offer."""
    try:
        statements = ast.parse(code).body
    except SyntaxError:
        return False
    for statement in statements:
        if not isinstance(statement, ast.ImportFrom) or not statement.module:
            return False
        file = root / f"{statement.module.replace('.', '/')}.py"
        if not file.is_file():
            return False
        offered: set[str] = set()
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.Assign | ast.AugAssign):
                continue
            if ast.unparse(node).startswith("__all__"):
                offered |= set(ast.literal_eval(node.value))
        if not offered.issuperset(alias.name for alias in statement.names):
            return False
    return bool(statements)


def check(site: Path, root: Path) -> tuple[list[str], str]:
    """Compare a built site with its sources.

    Parameters
    ----------
    site : Path
        The built site.
    root : Path
        The repository: `docs/` with the sources, README.md, the package.

    Returns
    -------
    list of str
        The problems.
    str
        What was counted.
    """
    docs = root / "docs"
    collected = collect(root)
    problems: list[str] = []
    rendered = pages = 0
    written = {page_of(path.relative_to(docs)): path for path in docs.rglob("*.md")}
    for path in sorted(site.rglob("*.html")):
        page = path.relative_to(site)
        if page.name == "404.html":
            continue
        pages += 1
        document = html.fromstring(path.read_bytes())
        article = next(iter(document.xpath("//article")), document)
        found = blocks(article)
        rendered += sum(block.is_python for block in found)
        notebook = docs / f"{page.parent}.py"
        if source := written.pop(page, None):
            name = source.relative_to(root).as_posix()
            fences = scan(source.read_text(encoding="utf-8"))
            problems += check_source(name, fences)
            have = collected.get(name, Counter())
            problems += check_written(name, fences, found, have)
        elif notebook.is_file():
            cells = notebook.read_text(encoding="utf-8")
            problems += check_notebook(page.as_posix(), cells, found)
        else:
            problems += check_generated(page.as_posix(), found, root)
        text = article.xpath(".//text()[not(ancestor::code or ancestor::script)]")
        for line in text:
            if MARKS.search(line):
                where = f"{page}:{line.getparent().sourceline}"
                problems.append(f"{where}: BROKEN FENCE: `{line.strip()[:60]}`")
    for source in written.values():
        problems.append(f"{source.relative_to(root)}:1: MISSING PAGE: not in the site")
    for path in sorted(root.glob("*.md")):
        problems += check_front(path, collected.get(path.name, Counter()))
    run = sum(count.total() for count in collected.values())
    return problems, f"{pages} pages, {rendered} Python blocks shown, {run} collected"


def page_of(source: Path) -> Path:
    """Return the page that a source becomes."""
    if source.stem in ("index", "README"):
        return source.with_name("index.html")
    return source.with_suffix("") / "index.html"


def check_front(path: Path, collected: Counter[str]) -> Iterator[str]:
    """Check a file that a code host renders, as README.md."""
    text = path.read_text(encoding="utf-8")
    yield from check_source(path.name, scan(text))
    shown: Counter[str] = Counter()
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "fence" and re.match(r"\W*i?py", token.info.lower()):
            shown[plain(token.content)] += 1
    said = Counter(plain(f.code) for f in scan(text) if f.is_python and not f.is_run)
    for code in (shown - collected - said).elements():
        yield f"{path.name}:1: UNTESTED: {first_line(code)} is shown, not collected"
    for code in (collected - shown).elements():
        yield f"{path.name}:1: UNRENDERED: {first_line(code)} is collected, not shown"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, nargs="?", default=REPOSITORY / "site")
    parser.add_argument("--root", type=Path, default=REPOSITORY)
    options = parser.parse_args()
    if not options.site.is_dir():
        raise SystemExit(f"{options.site} is missing: run `make docs` first")
    problems, counted = check(options.site.resolve(), options.root.resolve())
    for problem in problems:
        print(problem)
    print(f"check_fences: {counted}, {len(problems)} problems")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
