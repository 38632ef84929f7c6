"""Run the Python blocks of the docs: what pytest-markdown-docs lacks, on its own hooks.

Each block runs once, as a script would, in a folder of its own. What it prints must
stand in a ``text {.output}`` block below it (`same_output` says how exactly), and each
of its lines must run unless it ends in ``# not run: <reason>``. A block with the option
``continuation`` goes on where the block above it ended; in a content tab, above means
in a tab of the same label or outside all tabs, so a reader who follows one tab alone
has all that the code needs.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import json
import os
import re
import types
from collections.abc import Generator, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_markdown_docs._runners import DefaultRunner, get_runner, register_runner
from pytest_markdown_docs.definitions import FenceTestDefinition
from pytest_markdown_docs.plugin import (
    MarkdownDocstringCodeModule,
    MarkdownInlinePythonItem,
)

from tools.fences import Fence, scan
from tools.programs import LinesRun, Program, SnippetError, missed_lines

ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the setting."""
    group = parser.getgroup("snippets", "Python blocks of the docs")
    group.addoption(
        "--update-outputs",
        action="store_true",
        help="write what the snippets print into the blocks below them",
    )
    group.addoption(
        "--collect-json",
        type=Path,
        metavar="FILE",
        help="write path, line and code of each collected snippet to FILE",
    )
    parser.addini(
        "snippet_paths",
        "what `pytest --markdown-docs` runs when no path is given",
        type="args",
        default=["docs", "README.md"],
    )


def pytest_configure(config: pytest.Config) -> None:
    """Run the docs alone when no path is given."""
    if not config.option.markdowndocs:
        return
    Runner.update = config.option.update_outputs
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        paths = [config.rootpath / path for path in config.getini("snippet_paths")]
        config.args = [str(path) for path in paths if path.exists()]


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[Any], list[Any]]:
    """Leave Python files alone: to collect their docstrings is to import them.

    A notebook would run then. Examples in docstrings are doctests.
    """
    found = yield
    return [each for each in found if not isinstance(each, MarkdownDocstringCodeModule)]


@pytest.hookimpl(tryfirst=True)
def pytest_markdown_docs_markdown_it() -> types.SimpleNamespace:
    """Read pages with our scanner; the plugin needs nothing of a parser but parse()."""
    return types.SimpleNamespace(parse=lambda text: [_token(f) for f in programs(text)])


def programs(text: str) -> list[Fence]:
    """List the snippets of a page so that those of one tab label follow each other."""
    fences = [fence for fence in scan(text) if fence.is_run]
    labels = list(dict.fromkeys([None, *(fence.tab for fence in fences)]))
    return sorted(fences, key=lambda fence: labels.index(fence.tab))


def _token(fence: Fence) -> types.SimpleNamespace:
    # Only a bare `python` is passed on: the words of a title are no options.
    lines = [fence.line - 1, fence.end]
    return types.SimpleNamespace(
        type="fence", info="python", content=fence.code, map=lines
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the list of snippets and import what they need."""
    items = [i for i in session.items if isinstance(i, MarkdownInlinePythonItem)]
    if target := session.config.option.collect_json:
        rows = [
            {
                "path": item.path.relative_to(session.config.rootpath).as_posix(),
                "line": item.start_line,
                "code": _own_code(item.test_definition),
            }
            for item in items
        ]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    if not session.config.option.collectonly:
        _import_all(item.code for item in items)


def _own_code(test: FenceTestDefinition) -> str:
    return "\n".join(test.source.split("\n")[test.start_line :])


def _import_all(sources: Iterable[str]) -> None:
    """Import before a snippet is traced: tracing makes large imports slow."""
    names = set()
    for source in sources:
        with contextlib.suppress(SyntaxError):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Import):
                    names |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module)
    # The order in which torch and TensorFlow can share a process.
    for name in sorted(names, key=lambda name: (name.split(".")[0] != "torch", name)):
        # The snippet itself says what is wrong with its import.
        with contextlib.suppress(Exception):
            importlib.import_module(name)


@register_runner(default=True)
class Runner(DefaultRunner):
    """Runs each block once and holds it to what its page shows."""

    update = False

    def __init__(self) -> None:
        self.live: Program | None = None
        self.type_error: TypeError | None = None
        self.updates: dict[Path, list[tuple[Fence, Fence | None, str]]] = {}

    def runtest(
        self,
        test: FenceTestDefinition,
        args: dict[str, Any],
        *,
        asyncio_runner: object = ...,
    ) -> None:
        """Run the snippet."""
        # After any TypeError the plugin calls again, without the keyword.
        error, self.type_error = self.type_error, None
        if error and asyncio_runner is ...:
            raise error
        try:
            self._run(test)
        except TypeError as error:
            self.type_error = error
            raise

    def _run(self, test: FenceTestDefinition) -> None:
        page = Page.at(test.source_path)
        *before, fence = page.programs[test.start_line]
        if (before or [fence])[0].continues:
            raise SnippetError("continues, but no snippet stands above it")
        try:
            if not self.live or not before or self.live.ran != (page.path, *before):
                self.close()
                self.live = Program(page.path, page.lines)
                for earlier in before:
                    self.live.run(earlier)
            printed = self.live.run(fence)
        except BaseException:
            self.close()
            raise
        missed = [
            line
            for done in page.complete(fence.line)
            for line in missed_lines(done, page.lines)
        ]
        if missed:
            raise SnippetError("lines that never ran:\n" + "\n".join(missed))
        self._compare(page.path, fence, page.shown[fence.line], printed)

    def _compare(
        self, path: Path, fence: Fence, shown: Fence | None, printed: str
    ) -> None:
        within = (
            float(shown.values.get("data-within", "0%").rstrip("%")) if shown else 0
        )
        if same_output(shown.code if shown else "", printed, within / 100):
            return
        if self.update and printed.strip():
            self.updates.setdefault(path, []).append((fence, shown, printed))
        elif shown is None:
            raise SnippetError(f"prints, but the page shows no output:\n{printed}")
        else:
            raise SnippetError(
                f"the output on line {shown.line} is not what the snippet prints"
                f"\n--- shown\n{shown.code}--- printed\n{printed}"
            )

    def repr_failure(
        self,
        test: FenceTestDefinition,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: object = None,
    ) -> str:
        """Say what is wrong first; add the trace of an error of the snippet itself."""
        said = f"{test.source_path.name}:{test.start_line}: {excinfo.exconly()}"
        if isinstance(excinfo.value, SnippetError):
            return said.replace(f"{SnippetError.__module__}.", "")
        return f"{said}\n{super().repr_failure(test, excinfo, style)}"

    def close(self) -> None:
        """End the program that a continuation would go on with."""
        if self.live:
            self.live.close()
            self.live = None

    def write_updates(self) -> None:
        """Put the new outputs into the pages."""
        for path, updates in self.updates.items():
            lines = path.read_text(encoding="utf-8").split("\n")
            for fence, shown, printed in sorted(updates, key=lambda u: -u[0].line):
                body = [line.rstrip() for line in printed.rstrip().split("\n")]
                if shown:
                    lines[shown.line : shown.end - 1] = _indent(fence, body)
                else:
                    new = ["", "```text {.output}", *body, "```"]
                    lines[fence.end : fence.end] = _indent(fence, new)
            path.write_text("\n".join(lines), encoding="utf-8")


def _indent(fence: Fence, lines: list[str]) -> list[str]:
    return [(fence.prefix + line).rstrip() for line in lines]


def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """End the last program before anything that is no snippet runs."""
    if not isinstance(nextitem, MarkdownInlinePythonItem):
        _runner().close()


def pytest_sessionfinish() -> None:
    """Rewrite the outputs, if asked to."""
    _runner().write_updates()


def _runner() -> Runner:
    runner = get_runner(Runner.__name__)
    assert isinstance(runner, Runner)
    return runner


class Page:
    """The snippets of a page, and which of their lines ran in this session."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        fences = scan(text)
        self.path = path
        self.shown = {f.line: output_of(fences, at) for at, f in enumerate(fences)}
        self.programs = {f.line: _program(fences, f) for f in programs(text)}
        self.lines: LinesRun = {}

    @classmethod
    @functools.cache
    def at(cls, path: Path) -> Page:
        """Return the page at a path, always the same."""
        return cls(path)

    def complete(self, line: int) -> list[Fence]:
        """List the snippets that no block after the one on this line goes on with."""
        last = {f.line: at for at, chain in self.programs.items() for f in chain}
        return [f for f in self.programs[line] if last[f.line] == line]


def _program(fences: list[Fence], fence: Fence) -> list[Fence]:
    """List the snippets that a snippet goes on with, and itself."""
    chain = [fence]
    above = [f for f in fences if f.is_run and f.line < fence.line]
    while chain[0].continues and above:
        if above[-1].tab in (None, fence.tab):
            chain.insert(0, above[-1])
        above.pop()
    return chain


def output_of(fences: list[Fence], at: int) -> Fence | None:
    """Return the block right below a fence if it shows the output of that fence."""
    fence, *below = fences[at : at + 2]
    for shown in below:
        if shown.is_output and (shown.prefix, shown.tab) == (fence.prefix, fence.tab):
            return shown
    return None


def same_output(shown: str, printed: str, within: float = 0) -> bool:
    """Say whether a shown output is what was printed, at the precision shown.

    White space is left out. A number without decimals must be the same; with decimals
    it may be off by half a unit of the last one shown, or by a whole unit when four or
    more digits are shown, since processors round differently. A training multiplies
    that: the option `data-within="5%"` of the block allows so much of each number
    besides, and the page says so.

    Examples
    --------
    >>> same_output("loss: 0.123", "loss:  0.12345678")
    True
    >>> same_output("loss: 0.123", "loss: 0.124")
    False
    >>> same_output("tensor([1., 2.])", "tensor([1., 3.])")
    False
    >>> same_output("accuracy 0.90", "accuracy 0.93", within=0.05)
    True
    """
    if _words(shown) != _words(printed):
        return False
    pairs = zip(NUMBER.findall(shown), NUMBER.findall(printed), strict=True)
    return all(_same_number(*pair, Decimal(str(within))) for pair in pairs)


def _words(text: str) -> str:
    return "".join(NUMBER.sub(" # ", text).split())


def _same_number(shown: str, printed: str, within: Decimal) -> bool:
    wanted, got = Decimal(shown), Decimal(printed)
    _, digits, exponent = wanted.as_tuple()
    if shown == printed or abs(wanted - got) <= within * abs(wanted):
        return True
    if re.fullmatch(r"[-+]?\d+\.?", shown):
        return False
    unit = Decimal(1).scaleb(int(exponent))
    return abs(wanted - got) <= (unit if len(digits) >= 4 else unit / 2)
