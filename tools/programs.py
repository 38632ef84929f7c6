"""Run the blocks of a page as one script and note which of their lines ran."""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import linecache
import os
import random
import re
import sys
import tempfile
import threading
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.fences import Fence

LinesRun = dict[types.CodeType, set[int]]
NOT_RUN = re.compile(r"#\s*not run\b:?\s*(?P<reason>.*)")


class SnippetError(Exception):
    """A snippet ran, but not as its page says."""


class Program:
    """The snippets that share names, as one script in a folder of its own."""

    def __init__(self, path: Path, lines: LinesRun) -> None:
        self.lines = lines
        self.ran: tuple[Path | Fence, ...] = (path,)
        self.path = path
        self.source = ""
        self.module = types.ModuleType("__main__")
        self.module.__file__ = str(path)
        self.undo = contextlib.ExitStack()
        folder = self.undo.enter_context(
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        )
        self.undo.enter_context(contextlib.chdir(folder))
        self.undo.callback(_restore_environment, dict(os.environ))
        reset_state()

    def close(self) -> None:
        """Leave the folder and put the environment back."""
        self.undo.close()

    def run(self, fence: Fence) -> str:
        """Run one more block and return what it printed."""
        self.ran += (fence,)
        padded = "\n" * fence.line + fence.code
        self.source += padded[self.source.count("\n") :]
        # What inspect and a traceback read: the snippets at their lines in the page.
        name = str(self.path)
        text = self.source.splitlines(keepends=True)
        linecache.cache[name] = len(self.source), None, text, name
        code = compile(padded, name, "exec", dont_inherit=True)
        printed = io.StringIO()
        main = sys.modules["__main__"]
        try:
            sys.modules["__main__"] = self.module
            with contextlib.redirect_stdout(printed), _trace(name, self.lines):
                exec(code, self.module.__dict__)
        except BaseException as error:
            if printed.getvalue():
                error.add_note(f"It had printed:\n{printed.getvalue()}")
            raise
        finally:
            sys.modules["__main__"] = main
        return printed.getvalue()


@contextlib.contextmanager
def _trace(filename: str, lines: LinesRun) -> Iterator[None]:
    """Record which lines of a file run."""

    def on_call(frame: types.FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != filename:
            return None
        ran = lines.setdefault(frame.f_code, set())

        def on_line(frame: types.FrameType, event: str, argument: object) -> Any:
            if event == "line":
                ran.add(frame.f_lineno)
            return on_line

        return on_line

    before = sys.gettrace()
    threading.settrace(on_call)
    sys.settrace(on_call)
    try:
        yield
    finally:
        sys.settrace(before)
        threading.settrace(before)


def missed_lines(fence: Fence, ran: LinesRun) -> list[str]:
    """Describe the lines of a block that never ran and are not said to."""
    padded = "\n" * fence.line + fence.code
    missed = set()
    waiting = [compile(padded, "", "exec", dont_inherit=True)]
    while waiting:
        part = waiting.pop()
        waiting += [c for c in part.co_consts if isinstance(c, types.CodeType)]
        lines = {line for *_, line in part.co_lines() if line}
        first = {part.co_firstlineno}
        if part in ran:
            missed |= lines - ran[part] - first
        # Annotations are kept as code and evaluated on demand from Python 3.14 on.
        elif not part.co_name.startswith("__annotate"):
            missed |= (lines - first) or first
    text = padded.split("\n")
    return [f"{n}: {text[n - 1].strip()}" for n in sorted(missed - _excused(padded))]


def _excused(source: str) -> set[int]:
    """Return the lines under `# not run: <reason>`: a line, or the block it opens."""
    excused = set()
    marked = set()
    for number, line in enumerate(source.split("\n"), 1):
        if comment := NOT_RUN.search(line):
            if not comment["reason"].strip():
                raise SnippetError(f"line {number}: write `# not run: <reason>`")
            marked.add(number)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.lineno in marked:
            excused |= _lines(node)
        elif isinstance(node, ast.Assert) and node.msg:
            excused |= _lines(node.msg) - _lines(node.test)
    return excused | marked


def _lines(node: ast.stmt | ast.expr) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


def reset_state() -> None:
    """Put back what a snippet may have set, and draw new seeds.

    Seeds are not fixed: a snippet that shows random numbers must set its own, or its
    reader would get others.
    """
    loaded = sys.modules.get
    random.seed()
    if numpy := loaded("numpy"):
        numpy.random.seed()
        numpy.set_printoptions(**_numpy_printing(numpy))
    if torch := loaded("torch"):
        torch.seed()
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
        torch.set_grad_enabled(True)
        torch.set_printoptions(profile="default", sci_mode=None)
    if keras := loaded("keras"):
        # Freeing memory collects garbage for a second each time.
        keras.utils.clear_session(free_memory=False)
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
        keras.config.set_image_data_format("channels_last")
    if tensorflow := loaded("tensorflow"):
        tensorflow.random.set_seed(random.getrandbits(31))
    if pyplot := loaded("matplotlib.pyplot"):
        pyplot.close("all")
        pyplot.rcdefaults()


@functools.cache
def _numpy_printing(numpy: types.ModuleType) -> dict[str, Any]:
    options: dict[str, Any] = numpy.get_printoptions()
    return options


def _restore_environment(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
