"""Every file of the cookbook, copied out of it, works where dlcookbook is not.

One process per wing imports all copies and runs their examples; each project runs in
a process of its own. In all of them an import of dlcookbook fails.
"""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from dlcookbook import catalog
from dlcookbook.cli import main

RECIPES = catalog.recipes()
PROJECTS = [recipe for recipe in RECIPES if "/projects/" in recipe.name]

# Stands in front of whatever would find dlcookbook, installed or editable.
BLOCK = """
import sys


class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "dlcookbook":
            raise ModuleNotFoundError("dlcookbook is out of reach here", name=name)


sys.meta_path.insert(0, Block())
"""

EXAMPLES = """
import doctest, importlib.util, json, os, traceback

failures = {}
for name, path in json.loads(sys.argv[1]).items():
    sys.path[0] = os.path.dirname(path)
    spec = importlib.util.spec_from_file_location(f"copy_{len(failures)}", path)
    module = importlib.util.module_from_spec(spec)
    report = []
    try:
        spec.loader.exec_module(module)
        import numpy
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        runner = doctest.DocTestRunner(verbose=False, optionflags=flags)
        # examples may take NumPy for granted, as the documentation says
        for test in doctest.DocTestFinder().find(module, extraglobs={"np": numpy}):
            runner.run(test, out=report.append)
        with open(path, encoding="utf-8") as file:
            examples = doctest.DocTestParser().get_examples(file.read())
        if runner.tries != len(examples):
            report.append(f"ran {runner.tries} of {len(examples)} examples")
    except BaseException:
        report.append(traceback.format_exc())
    failures[name] = "".join(report)
print(json.dumps(failures))
"""

PROGRAM = """
import runpy

path, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = path
sys.path[0] = path.rpartition("/")[0]
runpy.run_path(path, run_name="__main__")
"""


def process(code: str, *arguments: str, cwd=None) -> subprocess.CompletedProcess:
    """Run code where dlcookbook cannot be imported, under TensorFlow's Keras."""
    return subprocess.run(
        [sys.executable, "-c", BLOCK + code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=os.environ | {"KERAS_BACKEND": "tensorflow", "PYTHONUTF8": "1"},
    )


def needs(recipe: catalog.Recipe) -> None:
    """Skip where a framework is not installed, without importing one."""
    if absent := catalog.missing(recipe):
        pytest.skip(f"needs {', '.join(absent)}")


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """Copy a wing and run its examples, once: what failed, by name of the recipe."""
    done: dict[str, dict[str, str]] = {}

    def run(wing: str) -> dict[str, str]:
        if wing not in done:
            root = tmp_path_factory.mktemp("a project") / wing
            paths = {}
            for recipe in RECIPES:
                if recipe.wing == wing and recipe not in PROJECTS:
                    folder = root / recipe.path.parent.name
                    assert main(["copy", recipe.name, str(folder)]) == 0
                    paths[recipe.name] = str(folder / recipe.path.name)
            result = process(EXAMPLES, json.dumps(paths))
            assert result.returncode == 0, result.stderr
            done[wing] = json.loads(result.stdout.splitlines()[-1])
        return done[wing]

    return run


@pytest.mark.parametrize(
    "recipe", [r for r in RECIPES if r not in PROJECTS], ids=lambda r: r.name
)
def test_a_copy_imports_and_its_examples_run(recipe, copied):
    needs(recipe)
    assert copied(recipe.wing)[recipe.name] == ""


def test_these_checks_can_fail(tmp_path):
    texts = {
        "import": "import dlcookbook.catalog\n",
        "example": '"""Wrong.\n\n>>> 1 + 1\n3\n"""\n',
        "hidden": "def outer():\n    def f():\n        '''\n        >>> 1\n        1\n"
        "        '''\n",
        "fine": '"""Right.\n\n>>> np.arange(2).tolist()\n[0, 1]\n"""\n',
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    paths = {name: str(tmp_path / f"{name}.py") for name in texts}
    result = process(EXAMPLES, json.dumps(paths))
    failures = json.loads(result.stdout)
    assert "dlcookbook is out of reach here" in failures["import"]
    assert "Expected:\n    3\nGot:\n    2\n" in failures["example"]
    assert failures["hidden"] == "ran 0 of 1 examples"
    assert failures["fine"] == ""


@pytest.fixture(params=PROJECTS, ids=lambda recipe: recipe.name)
def project(request, tmp_path):
    """Copy a project: the recipe and the path of its main file."""
    needs(request.param)
    folder = tmp_path / "my copy"
    assert main(["copy", request.param.name, str(folder)]) == 0
    return request.param, folder / request.param.path.name


def test_no_file_of_a_project_hides_a_module(project):
    recipe, path = project
    # one that is called like another has its folder before its name
    wanted = {r.short for r in recipe.files}
    found = {p.stem for p in path.parent.glob("*.py")}
    assert len(found) == len(recipe.files)
    assert wanted <= found
    for file in path.parent.glob("*.py"):
        assert importlib.util.find_spec(file.stem) is None
