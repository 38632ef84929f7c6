"""Break every line of every recipe, one change at a time, and see what survives.

`make mutants` (minutes to hours) changes each operator, comparison, constant and check
in turn and runs the contract over the changed recipe, as `tests/test_harness.py` does
for its hand-picked bugs. A survivor is a missing test or a change without effect.

    python -m tools.mutants torch/losses/focal keras/losses/focal
"""

import ast
import copy
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.conftest  # noqa: F401  (threads and import order before any framework)
from tests import test_harness, wings

SWAPS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.GtE: ast.Lt,
}


def changes(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Yield (attribute, new value) for every way to break one node."""
    match node:
        case ast.BinOp(op=op) if type(op) in SWAPS:
            yield "op", SWAPS[type(op)]()
        case ast.UnaryOp(op=ast.USub()):
            yield "op", ast.UAdd()
        case ast.UnaryOp(op=ast.Not()):
            yield "operand", ast.UnaryOp(op=ast.Not(), operand=node.operand)
        case ast.Compare(ops=[op]) if type(op) in SWAPS:
            yield "ops", [SWAPS[type(op)]()]
        case ast.If(body=[ast.Raise()]):
            yield "test", ast.Constant(value=False)
        case ast.Constant(value=bool() | str() | None):
            return
        case ast.Constant(value=int() | float() as number):
            yield (
                "value",
                number + 1 if isinstance(number, int) else 1.01 * number + 0.1,
            )


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Yield (where and what, changed source) for every change of a recipe file."""
    tree = ast.parse(source)
    for function in (n for n in tree.body if isinstance(n, ast.FunctionDef)):
        # Defaults are compared as such; error messages may say what they like.
        body = [n for part in function.body for n in ast.walk(part)]
        silent = {id(n) for r in body if isinstance(r, ast.Raise) for n in ast.walk(r)}
        for number, node in enumerate(body):
            if id(node) in silent:
                continue
            for attribute, value in changes(node):
                line = getattr(node, "lineno", function.lineno)
                old = ast.unparse(node).splitlines()[0]
                changed = copy.deepcopy(tree)
                twin = next(
                    n
                    for n in changed.body
                    if isinstance(n, ast.FunctionDef) and n.name == function.name
                )
                target = [n for part in twin.body for n in ast.walk(part)][number]
                setattr(target, attribute, value)
                new = ast.unparse(ast.fix_missing_locations(target)).splitlines()[0]
                yield f"{line}: {old}  ->  {new}", ast.unparse(changed)


def main(names: list[str]) -> int:
    """Print the survivors and the share of mutants that were killed."""
    recipes = names or [
        p.relative_to(wings.PACKAGE).with_suffix("").as_posix()
        for wing in wings.WINGS
        for p in sorted((wings.PACKAGE / wing / "losses").glob("[!_]*.py"))
    ]
    planted = killed = 0
    for name in recipes:
        wing, _, file = name.split("/")
        source = Path(wings.PACKAGE / f"{name}.py").read_text()
        start, before = time.monotonic(), (planted, killed)
        for what, code in mutants(source):
            planted += 1
            with pytest.MonkeyPatch.context() as patch:
                if test_harness.survives(name, code, file, wing, patch):
                    print(f"{name}:{what}", flush=True)
                else:
                    killed += 1
        print(
            f"{name}: {killed - before[1]} of {planted - before[0]} killed, "
            f"{time.monotonic() - start:.0f} s",
            flush=True,
        )
    print(f"{killed} of {planted} killed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
