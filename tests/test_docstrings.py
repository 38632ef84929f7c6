"""Every public docstring says what goes in, what comes out, what fails and who says so.

Read with griffe, the parser that the site uses: no framework is imported.
"""

import ast
import re
from pathlib import Path

import griffe
import pytest

from tests.wings import KERAS_ONLY, PACKAGE

SECTIONS = griffe.DocstringSectionKind
ARRAY = re.compile(r"Tensor|tensor|ndarray")


def functions(path: Path) -> list[griffe.Function | griffe.Class]:
    """Public functions and classes of a file, parsed and not imported."""
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    module = griffe.visit(name, filepath=path, code=path.read_text())
    public = module.exports or []
    return [module.members[str(n)] for n in public if n in module.members]


def raised(tree: ast.AST) -> set[str]:
    """Names of the exceptions that a body raises."""
    return {
        node.exc.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    }


def problems(
    function: griffe.Function | griffe.Class, source: str, file: str
) -> list[str]:
    """Name everything that a docstring lacks or says wrongly, methods included."""
    [tree] = ast.parse(source).body
    # what it calls in its own file can raise as well
    maybe = (
        raised(ast.parse(file)) if re.search("^(class|def _)", file, re.M) else set()
    )
    bodies = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    if isinstance(tree, ast.FunctionDef):
        return [
            *call_problems(function, raised(tree), maybe),
            *story_problems(function),
        ]
    found = story_problems(function)
    for body in bodies:
        if body.name == "__init__":
            found += call_problems(function, raised(body), maybe)
        elif body.name in function.members and not body.name.startswith("_"):
            method = function.members[body.name]
            told = call_problems(method, raised(body), maybe)
            found += [f"{body.name}: {problem}" for problem in told]
    return found


def story_problems(function: griffe.Function | griffe.Class) -> list[str]:
    """Name what a reader misses: an example, a source."""
    text = function.docstring.value if function.docstring else ""
    found = [] if ">>>" in text else ["no example"]
    if not re.search(r"<https?://[^>]+>", text):
        found.append("no source with a <URL>")
    return found


def call_problems(function, raises: set[str], maybe: set[str] = frozenset()) -> list:
    """Name what parameters, results and errors lack; methods return nothing, or say."""
    if function.docstring is None:
        return ["no docstring"]
    text = function.docstring.value
    parts = {s.kind: s for s in function.docstring.parse("numpy", warnings=False)}
    parameters = getattr(parts.get(SECTIONS.parameters), "value", [])
    found = []
    documented = [n.strip(" *") for p in parameters for n in p.name.split(",")]
    signature = [p.name for p in function.parameters if p.name != "self"]
    if documented != signature:
        found.append(f"parameters {documented}, signature {signature}")
    for p in parameters:
        kind = str(p.annotation or "")
        if ARRAY.search(kind) and "shape" not in kind:
            found.append(f"{p.name}: no shape")
    is_silent = function.is_class or str(function.returns) == "None"
    if SECTIONS.returns in parts:
        for r in parts[SECTIONS.returns].value:
            kind = str(r.annotation or "") + str(r.name or "")
            if ARRAY.search(kind) and "shape" not in text.split("Returns\n")[1]:
                found.append("Returns: no shape")
    elif not is_silent and function.name != "get_config":
        found.append("no Returns")
    promised = {
        str(r.annotation) for r in getattr(parts.get(SECTIONS.raises), "value", [])
    }
    if not raises <= promised <= raises | maybe:
        found.append(f"Raises {sorted(promised)}, the body raises {sorted(raises)}")
    return found


RECIPES = [
    p
    for wing in ("reference", "numpy", "torch", "keras", "data")
    for p in sorted((PACKAGE / wing).rglob("[!_]*.py"))
    if p.parent.name not in ("projects", "baselines")
]
FUNCTIONS = [
    pytest.param(f, p.read_text(), id=f"{p.relative_to(PACKAGE)}::{f.name}")
    for p in RECIPES
    for f in functions(p)
]


def body(function: griffe.Function | griffe.Class, source: str) -> str:
    """Source of one function or class without its decorators."""
    lines = source.splitlines()[function.lineno - 1 : function.endlineno]
    start = next(i for i, line in enumerate(lines) if re.match("def |class ", line))
    return "\n".join(lines[start:])


@pytest.mark.parametrize(("function", "source"), FUNCTIONS)
def test_docstring_is_complete(function, source):
    assert problems(function, body(function, source), source) == []


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
    assert any(complaint in p for p in problems(function, body(function, code), code))


TWINS = [
    pytest.param(p, id=p.relative_to(PACKAGE / "torch").as_posix())
    for p in RECIPES
    if p.is_relative_to(PACKAGE / "torch")
    # what Keras ships itself has no twin
    and (PACKAGE / "keras" / p.relative_to(PACKAGE / "torch")).exists()
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
    mine = meanings(path)
    theirs = meanings(PACKAGE / "keras" / path.relative_to(PACKAGE / "torch"))
    assert {key: theirs.get(key) for key in mine} == mine
    assert {option for _, option in theirs.keys() - mine.keys()} <= KERAS_ONLY
