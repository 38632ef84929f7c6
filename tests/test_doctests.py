"""Every example in a docstring of the package runs and prints what it says."""

import doctest
import importlib

import pytest

from tests.wings import PACKAGE, WINGS

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
FILES = sorted(
    p
    for p in PACKAGE.rglob("*.py")
    if p.name != "__main__.py"
    and (p.relative_to(PACKAGE).parts[0] in WINGS or "projects" not in p.parts)
    and not {p.relative_to(PACKAGE).parts[0]} & ({"torch", "keras"} - set(WINGS))
)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_examples_of(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner.run(test, out=report.append)
    assert not report, "".join(report)
    # a decorator can hide a function from the finder
    written = doctest.DocTestParser().get_examples(path.read_text("utf-8"))
    assert runner.tries == len(written)
