"""Every demonstration of a mistake still shows its wrong number, and has its place."""

import ast
import importlib
import inspect
import math
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.traps import KINDS, Shown

ROOT = Path(__file__).parent.parent
TOPICS = [path.stem for path in sorted((ROOT / "tests/traps").glob("[!_]*.py"))]
TRAPS = {
    name: function
    for topic in TOPICS
    for name, function in inspect.getmembers(
        importlib.import_module(f"tests.traps.{topic}"), inspect.isfunction
    )
    if function.__module__ == f"tests.traps.{topic}"
}


def holds(shown):
    """Assert that a trap still shows a number that is wrong in the way it says."""
    wrong, right = float(shown.wrong), float(shown.right)
    assert shown.kind in KINDS
    assert math.isfinite(right)
    if shown.kind == "value":
        assert math.isfinite(wrong)
        assert abs(wrong - right) > 0.01 * max(1.0, abs(right))
    elif shown.kind == "factor":
        assert wrong == pytest.approx(shown.factor * right, rel=1e-4)
        assert wrong != pytest.approx(right, rel=0.01)
    elif shown.kind == "negative":
        assert wrong < -1e-3
        assert right >= -1e-6
    elif shown.kind == "vanishes":
        assert wrong == 0
        assert abs(right) > 1e-3
    else:
        assert math.isnan(wrong)


@pytest.mark.parametrize("name", TRAPS)
def test_the_trap_shows_its_wrong_number(name):
    needs = {
        alias.name.split(".")[0]
        for node in ast.walk(ast.parse(inspect.getsource(TRAPS[name])))
        for alias in getattr(node, "names", [])
        if isinstance(node, ast.Import)
    }
    for module in sorted(needs, reverse=True):
        pytest.importorskip(module)
    if name.startswith("tensorflow_"):
        backend = pytest.importorskip("keras").backend.backend()
        if backend != "tensorflow":
            pytest.skip(f"not about {backend}")
    holds(TRAPS[name]())


@pytest.mark.parametrize("kind", KINDS)
def test_a_trap_that_no_longer_holds_is_caught(kind):
    with pytest.raises(AssertionError):
        holds(Shown(0.5, 0.5, kind, factor=1.0))


def test_no_two_traps_share_a_name():
    names = Counter(
        node.name
        for topic in TOPICS
        for node in ast.parse((ROOT / f"tests/traps/{topic}.py").read_text()).body
        if isinstance(node, ast.FunctionDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("topic", TOPICS)
def test_every_trap_belongs_to_a_row_and_stands_on_the_page_once(topic):
    rows = importlib.import_module(f"dlcookbook.sheet.{topic}").ROWS
    mine = {
        name
        for name, function in TRAPS.items()
        if function.__module__ == f"tests.traps.{topic}"
    }
    assert {name for row in rows for name in row.trap} == mine
    page = (ROOT / "docs" / f"{topic}.md").read_text("utf-8")
    shown = re.findall(r"<!-- sheet:trap (\w+) -->", page)
    assert Counter(shown) == Counter(mine)
