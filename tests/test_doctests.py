"""Every example in a docstring of package and tools runs and prints what it says."""

import doctest
import importlib
import importlib.util

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
# what they import is there where the site is built
TOOLS = [
    path
    for path in sorted((PACKAGE.parent / "tools").rglob("*.py"))
    if ">>> " in path.read_text("utf-8") and importlib.util.find_spec("yaml")
]


@pytest.mark.parametrize(
    "path", [*FILES, *TOOLS], ids=lambda p: str(p.relative_to(PACKAGE.parent))
)
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
