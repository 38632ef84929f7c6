"""Every public docstring says what goes in, what comes out, what fails and who says so.

Read with griffe, the parser that the site uses: no framework is imported.
"""

import ast
import re
from pathlib import Path

import griffe
import pytest

from tests.wings import PACKAGE

SECTIONS = griffe.DocstringSectionKind
ARRAY = re.compile(r"Tensor|tensor|ndarray")


def functions(path: Path) -> list[griffe.Function]:
    """Public functions of a file, parsed and not imported."""
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    module = griffe.visit(name, filepath=path, code=path.read_text())
    public = module.exports or []
    return [module.members[str(n)] for n in public if n in module.members]


def problems(function: griffe.Function, source: str) -> list[str]:
    """Name everything that the docstring of one function lacks or says wrongly."""
    if function.docstring is None:
        return ["no docstring"]
    text = function.docstring.value
    parts = {s.kind: s for s in function.docstring.parse("numpy", warnings=False)}
    found = []
    documented = [
        name.strip()
        for p in getattr(parts.get(SECTIONS.parameters), "value", [])
        for name in p.name.split(",")
    ]
    signature = [p.name for p in function.parameters]
    if documented != signature:
        found.append(f"parameters {documented}, signature {signature}")
    for p in getattr(parts.get(SECTIONS.parameters), "value", []):
        kind = str(p.annotation or "")
        if ARRAY.search(kind) and "shape" not in kind:
            found.append(f"{p.name}: no shape")
    if SECTIONS.returns not in parts:
        found.append("no Returns")
    else:
        for r in parts[SECTIONS.returns].value:
            kind = str(r.annotation or "") + str(r.name or "")
            if ARRAY.search(kind) and "shape" not in text.split("Returns\n")[1]:
                found.append("Returns: no shape")
    raised = {
        node.exc.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    }
    promised = {
        str(r.annotation) for r in getattr(parts.get(SECTIONS.raises), "value", [])
    }
    if raised != promised:
        found.append(f"Raises {sorted(promised)}, the body raises {sorted(raised)}")
    if ">>>" not in text:
        found.append("no example")
    if not re.search(r"<https?://[^>]+>", text):
        found.append("no source with a <URL>")
    return found


RECIPES = [
    p
    for wing in ("reference", "torch", "keras", "data")
    for p in sorted((PACKAGE / wing).rglob("[!_]*.py"))
    if p.parent.name != "projects"
]
FUNCTIONS = [
    pytest.param(f, p.read_text(), id=f"{p.relative_to(PACKAGE)}::{f.name}")
    for p in RECIPES
    for f in functions(p)
]


def body(function: griffe.Function, source: str) -> str:
    """Source of one function without its decorators."""
    lines = source.splitlines()[function.lineno - 1 : function.endlineno]
    start = next(i for i, line in enumerate(lines) if line.startswith("def "))
    return "\n".join(lines[start:])


@pytest.mark.parametrize(("function", "source"), FUNCTIONS)
def test_docstring_is_complete(function, source):
    assert problems(function, body(function, source)) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("    gamma : float >= 0\n", "    gama : float >= 0\n", "parameters"),
        ("logits : Tensor, shape (...)", "logits : Tensor", "logits: no shape"),
        ("    Returns\n    -------\n", "    Gives\n    -----\n", "no Returns"),
        ("    ValueError\n", "    TypeError\n", "Raises"),
        (">>>", ">>", "no example"),
        ("<https://arxiv.org/abs/1708.02002>", "arXiv", "no source"),
    ],
)
def test_the_gate_finds_a_planted_fault(old, new, complaint, tmp_path):
    path = PACKAGE / "torch" / "losses" / "focal.py"
    code = path.read_text().replace(old, new)
    assert code != path.read_text()
    module = griffe.visit("planted", filepath=path, code=code)
    function = module.members["sigmoid_focal_loss"]
    assert any(complaint in p for p in problems(function, body(function, code)))


TWINS = [
    pytest.param(p, id=p.relative_to(PACKAGE / "torch").as_posix())
    for p in RECIPES
    if p.is_relative_to(PACKAGE / "torch")
]


def meanings(path: Path) -> dict[tuple[str, str], str]:
    """Text of every keyword parameter, by function and name."""
    texts = {}
    for f in functions(path):
        keyword = {p.name for p in f.parameters if p.kind.value == "keyword-only"}
        for section in f.docstring.parse("numpy", warnings=False):
            if section.kind is SECTIONS.parameters:
                for p in section.value:
                    if p.name in keyword:
                        texts[f.name, p.name] = re.sub(
                            r"`(logits|y_pred|targets|y_true)`", "`_`", p.description
                        )
    return texts


@pytest.mark.parametrize("path", TWINS)
def test_options_mean_the_same_in_both_wings(path):
    twin = PACKAGE / "keras" / path.relative_to(PACKAGE / "torch")
    assert meanings(path) == meanings(twin)
