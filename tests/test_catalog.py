"""The catalogue says what the files say, and finds what people mean."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dlcookbook import catalog
from dlcookbook.catalog import CookbookError
from dlcookbook.copies import bundle

RECIPES = catalog.recipes()


def test_every_file_of_every_wing_is_listed_once():
    on_disk = [
        os.path.relpath(os.path.join(folder, file), catalog.ROOT)  # noqa: PTH118
        for wing in catalog.WINGS
        for folder, _, files in os.walk(catalog.ROOT / wing)
        for file in files
        if file.endswith(".py") and not file.startswith("_")
    ]
    assert sorted(str(Path(f"{r.name}.py")) for r in RECIPES) == sorted(on_disk)
    assert len(on_disk) > 10


@pytest.mark.parametrize("recipe", [r for r in RECIPES if r.wing == "reference"])
def test_facts_are_what_an_import_shows(recipe):
    module = importlib.import_module(f"dlcookbook.{recipe.name.replace('/', '.')}")
    assert recipe.summary == module.__doc__.splitlines()[0]
    assert recipe.functions == module.__all__
    # text needs no arrays
    assert recipe.requires in (["numpy"], [])
    headers = "\n".join(recipe.headers)
    for name in module.__all__:
        assert re.search(rf"^(def|class) {name}\b", headers, re.MULTILINE)


def test_a_recipe_needs_its_own_framework_and_no_other():
    frameworks = {"torch": {"torch"}, "keras": {"keras"}, "reference": set()}
    for recipe in RECIPES:
        found = {"torch", "keras", "tensorflow", "jax"} & set(recipe.modules)
        assert found == frameworks.get(recipe.wing, set()), recipe.name


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Make a cookbook of our own: `shelf(name, text)` adds a file to it."""
    root = tmp_path / "dlcookbook"

    def add(name: str, text: str = '"""A recipe."""\n') -> None:
        path = root / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    monkeypatch.setattr(catalog, "ROOT", root)
    return add


def test_summary_is_read_past_comments_and_stops_at_the_first_line(shelf):
    shelf("torch/a/plain", '"""One line."""\nimport x\n')
    shelf(
        "torch/a/script",
        '#!/usr/bin/env python\n# /// script\n# dependencies = ["torch"]\n# ///\n'
        'r"""Formula $\\alpha$.\n\nMore.\n"""\n\nfrom x import y\n',
    )
    shelf("torch/a/silent", "import x\n")
    found = {recipe.short: recipe.summary for recipe in catalog.recipes()}
    assert found == {
        "plain": "One line.",
        "script": "Formula $\\alpha$.",
        "silent": "",
    }


def test_requirements_come_from_every_import_and_have_the_names_of_pip(shelf):
    shelf(
        "data/pictures",
        '"""Pictures."""\nimport os.path\n\nfrom PIL import Image\n\n\n'
        "def load():\n    from sklearn.datasets import load_digits\n",
    )
    shelf(
        "torch/projects/train",
        '"""Train."""\nimport torch.nn as nn\n'
        "from dlcookbook.data.pictures import load\n"
        "if __name__ == '__main__':\n    print(load())\n",
    )
    loader, project = catalog.find("pictures"), catalog.find("train")
    assert loader.requires == ["pillow", "scikit-learn"]
    assert project.requires == ["pillow", "scikit-learn", "torch"]
    assert [file.name for file in project.files] == [project.name, loader.name]
    assert (project.runnable, loader.runnable) == (True, False)


def test_headers_of_a_class_hold_its_arguments(shelf):
    shelf(
        "torch/metrics/mean",
        '"""Mean."""\n__all__ = ["Mean"]\n\n\nclass Mean:\n    """A mean."""\n\n'
        "    def __init__(self, *, weight: float = 1.0) -> None:\n"
        '        """Set up."""\n',
    )
    headers = "\n".join(catalog.find("mean").headers)
    assert "class Mean:" in headers
    assert "weight: float = 1.0" in headers


@pytest.fixture
def wings(shelf):
    """Three wings with recipes that share parts of their names."""
    for wing in ("torch", "keras", "reference"):
        shelf(f"{wing}/losses/dice", '"""Dice."""\n__all__ = ["soft_dice"]\n')
        shelf(f"{wing}/losses/focal")
    shelf("torch/metrics/dice")
    shelf("torch/projects/digits_cnn")
    shelf("data/digits")


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("torch/losses/focal", "torch/losses/focal"),
        ("torch/focal", "torch/losses/focal"),
        ("dlcookbook.torch.losses.focal", "torch/losses/focal"),
        ("torch.losses.focal", "torch/losses/focal"),
        ("dlcookbook/keras/losses/focal.py", "keras/losses/focal"),
        ("keras\\losses\\focal", "keras/losses/focal"),
        ("metrics/dice", "torch/metrics/dice"),
        ("keras/soft_dice", "keras/losses/dice"),
        ("dlcookbook.torch.losses.dice.soft_dice", "torch/losses/dice"),
        ("digits", "data/digits"),
        ("digits_cnn", "torch/projects/digits_cnn"),
    ],
)
def test_any_unique_tail_is_a_name(wings, name, full):
    assert catalog.find(name).name == full


def test_a_full_name_is_never_taken_for_a_tail(wings, shelf):
    shelf("torch/data/digits")
    assert catalog.find("data/digits").name == "data/digits"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("focal", "torch/losses/focal, keras/losses/focal, reference/losses/focal"),
        ("torch/dice", "torch/losses/dice, torch/metrics/dice"),
        ("soft_dice", "dlcookbook copy torch/losses/dice"),
        ("focl", "Did you mean focal? Next: dlcookbook copy focal"),
        ("torch/digit_cnn", "dlcookbook copy torch/digits_cnn"),
        ("torch/losses", "Next: dlcookbook list torch/losses"),
        ("xyzzy", "Next: dlcookbook list"),
        ("", "Next: dlcookbook list"),
    ],
)
def test_other_names_are_refused_with_what_was_meant(wings, name, words):
    with pytest.raises(CookbookError) as caught:
        catalog.find(name, "copy")
    assert repr(name) in str(caught.value)
    assert words in str(caught.value)


def test_siblings_are_the_same_recipe_elsewhere(wings):
    assert catalog.find("torch/losses/dice").siblings == [
        "keras/losses/dice",
        "reference/losses/dice",
    ]
    assert catalog.find("data/digits").siblings == []


def test_advice_names_the_extras_that_this_package_has(tmp_path, monkeypatch):
    folder = tmp_path / "dlcookbook-9.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: dlcookbook\nVersion: 9\n"
        "Requires-Dist: numpy>=1.26\n"
        "Requires-Dist: torch>=2.6; extra == 'torch'\n"
        "Requires-Dist: torch>=2.6; extra == 'all'\n"
        'Requires-Dist: scikit-learn>=1.5; extra == "data"\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    advice = catalog.pip_install(["sklearn", "torch"])
    assert advice == 'pip install "dlcookbook[data,torch]"'
    assert catalog.pip_install(["PIL", "torch"]) == (
        'pip install "dlcookbook[torch]" pillow'
    )
    assert catalog.pip_install(["numpy"]) == "pip install numpy"


def test_what_is_missing_includes_the_backend_of_keras(shelf, monkeypatch):
    shelf("keras/losses/a", "import json, keras, surely_not_installed\n")
    shelf("torch/losses/b", "import numpy\n")
    recipe = catalog.find("keras/a")
    monkeypatch.setitem(sys.modules, "keras", sys)
    monkeypatch.setattr(sys, "__spec__", object(), raising=False)
    monkeypatch.setenv("KERAS_BACKEND", "no_such_backend")
    assert catalog.missing(recipe) == ["surely_not_installed", "no_such_backend"]
    monkeypatch.setenv("KERAS_BACKEND", "json")
    assert catalog.missing(recipe) == ["surely_not_installed"]
    assert catalog.missing(catalog.find("torch/b")) == []


# What a command must not import; `before` is there to show that this can fail.
LOADED = """
import sys
{before}
from dlcookbook.cli import main
try:
    main({argv})
finally:
    found = {{name.partition(".")[0] for name in sys.modules}}
    print(sorted(found & {{"numpy", "torch", "keras", "tensorflow", "jax"}}))
"""


def loaded(argv: list[str], before: str, cwd: Path) -> list[str]:
    """Which heavy modules a process holds after one command."""
    paths = [str(catalog.ROOT.parent), os.environ.get("PYTHONPATH", "")]
    process = subprocess.run(
        [sys.executable, "-c", LOADED.format(argv=argv, before=before)],
        capture_output=True,
        text=True,
        check=True,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    return json.loads(process.stdout.splitlines()[-1].replace("'", '"'))


@pytest.mark.parametrize(
    "argv",
    [
        ["list"],
        ["list", "--json"],
        ["show", "focal"],
        ["show", "focal", "--source"],
        ["copy", "torch/losses/focal"],
        ["copy", "keras/losses/focal", "--dry-run"],
        ["diff", "copied.py"],
        ["choose"],
        ["choose", "loss"],
        ["run", "surely_not_there"],
        ["__complete", "show", "foc"],
    ],
    ids=" ".join,
)
def test_no_command_imports_a_framework_nor_numpy(argv, tmp_path):
    recipe = catalog.find("torch/losses/focal")
    (tmp_path / "copied.py").write_text(bundle(recipe)["focal.py"], "utf-8")
    assert loaded(argv, "", tmp_path) == []


def test_that_check_can_fail(tmp_path):
    assert loaded(["list"], "import numpy", tmp_path) == ["numpy"]
