"""What holds for every recipe file: it stands alone, mirrors its twins, stays short."""

import ast
import re
import sys

import pytest

from dlcookbook import catalog, choose
from tests.wings import PACKAGE

FRAMEWORK: dict[str, set[str]] = {
    "reference": set(),
    "numpy": set(),
    "torch": {"torch"},
    "keras": {"keras"},
    "data": set(),
    "baselines": set(),
}
# A loader may import what ships its data, a project what it draws and reports with.
LENT = {
    "data": {
        "PIL",
        "safetensors",
        "scipy",
        "skimage",
        "sklearn",
        "statsmodels",
        "tokenizers",
    },
    "baselines": {"scipy", "skimage", "sklearn", "statsmodels"},
    "numpy": {"matplotlib"},
    "projects": {
        "matplotlib",
        "safetensors",
        "sklearn",
        "tokenizers",
        "tqdm",
        "transformers",
    },
}
FILES = sorted(
    p for wing in FRAMEWORK for p in (PACKAGE / wing).rglob("[!_]*.py") if p.exists()
)
each_file = pytest.mark.parametrize(
    "path", FILES, ids=lambda p: p.relative_to(PACKAGE).with_suffix("").as_posix()
)


def imported(tree: ast.AST) -> set[str]:
    """Full names of every module that is imported anywhere in a file."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names


def foreign(path, source: str) -> set[str]:
    """Return the imports of a recipe file that the house rules forbid."""
    wing, topic = path.relative_to(PACKAGE).parts[:2]
    allowed = {"numpy"} | FRAMEWORK[wing] | LENT.get(wing, set())
    mine: tuple[str, ...] = ()
    if wing == "baselines":
        mine = ("dlcookbook.data.", "dlcookbook.numpy.")
    if topic == "projects":
        allowed |= LENT["projects"]
        mine = (f"dlcookbook.{wing}.", "dlcookbook.data.", "dlcookbook.numpy.")
    return {
        name
        for name in imported(ast.parse(source))
        if name.split(".")[0] not in allowed | sys.stdlib_module_names
        and not name.startswith(mine or ("\0",))
    }


@each_file
def test_imports_only_its_own_framework(path):
    assert not foreign(path, path.read_text())


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("torch/losses/focal.py", "import keras"),
        ("keras/losses/focal.py", "import tensorflow as tf"),
        ("reference/losses/focal.py", "import torch"),
        ("torch/losses/focal.py", "from dlcookbook.torch.losses import dice"),
        ("torch/losses/focal.py", "from . import dice"),
    ],
)
def test_a_foreign_import_is_found(file, line):
    path = PACKAGE / file
    assert foreign(path, f"{path.read_text()}\n\ndef late():\n    {line}\n")


def test_wings_have_the_same_files():
    def tree(wing):
        return {
            p.relative_to(PACKAGE / wing).as_posix()
            for p in (PACKAGE / wing).rglob("[!_]*.py")
        }

    rows = [row for topic in choose.topics().values() for row in topic.ROWS]
    for wing, other in (("torch", "keras"), ("keras", "torch")):
        # what the other framework ships itself, as a row of the sheet says
        for path in tree(wing) - tree(other):
            recipe = path.removesuffix(".py")
            calls = [
                getattr(row, other)
                for row in rows
                if getattr(row, "recipe", "") == recipe
            ]
            own = {*catalog.find(f"{wing}/{recipe}").functions}
            assert calls, path
            for call in calls:
                assert call, path
                assert not own & set(re.findall(r"(?<!\.)\b\w+", call)), path


@each_file
def test_first_line_is_a_summary_shared_by_the_twins(path):
    wing, *rest = path.relative_to(PACKAGE).parts
    summary = ast.get_docstring(ast.parse(path.read_text()))
    assert summary
    assert "\n" not in summary
    assert summary.endswith(".")
    if wing not in catalog.FLAT:
        twins = [PACKAGE.joinpath(w, *rest) for w in FRAMEWORK]
        texts = {
            ast.get_docstring(ast.parse(t.read_text())) for t in twins if t.exists()
        }
        assert texts == {summary}


@each_file
def test_file_stays_within_its_line_budget(path):
    source = path.read_text()
    nodes = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    public = [node for node in nodes if not node.name.startswith("_")]
    classes = sum(isinstance(node, ast.ClassDef) for node in public)
    helpers = len(nodes) - len(public)
    lines = len(source.splitlines())
    if path.parent.name in ("projects", "baselines"):
        assert lines <= (200 if path.parent.name == "projects" else 260)
    else:
        functions = max(1, len(public) - classes)
        assert lines <= 15 + 75 * functions + 170 * classes + 35 * helpers


@each_file
def test_lines_fit_an_editor_and_need_no_excuse(path):
    source = path.read_text()
    assert all(len(line) <= 88 or "<http" in line for line in source.splitlines())
    assert not re.search(r"#\s*(type: ignore|TODO|FIXME|XXX)", source)


@each_file
def test_public_names_are_declared(path):
    tree = ast.parse(path.read_text())
    declared = catalog.Recipe(path, PACKAGE).functions
    assert declared
    defined = {
        n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)
    }
    assert set(declared) <= defined
