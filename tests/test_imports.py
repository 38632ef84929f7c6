"""Who may import a framework, proven in fresh processes."""

import subprocess
import sys

import pytest

from tests.wings import PACKAGE, WINGS

FRAMEWORKS = {"torch", "keras", "tensorflow", "jax"}


def loaded_by(*modules: str) -> set[str]:
    """Frameworks in memory after importing the modules in a fresh interpreter."""
    code = (
        f"import sys; import {', '.join(modules)}; "
        f"print(*({FRAMEWORKS!r} & {{m.split('.')[0] for m in sys.modules}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    return set(done.stdout.split())


def below(*parts: str) -> list[str]:
    """Names of all modules under a folder (or the file) of the package."""
    root = PACKAGE.joinpath(*parts)
    files = root.rglob("*.py") if root.is_dir() else [root.with_suffix(".py")]
    return sorted(
        ".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(
            ".__init__"
        )
        for p in files
        if p.name != "__main__.py" and p.parent.name != "projects"
    )


@pytest.mark.parametrize(
    "part",
    ["__init__", "cli", "catalog", "copies", "choose", "sheet", "reference", "numpy"],
)
def test_no_framework_is_imported_by(part):
    assert loaded_by(*below(part)) == set()


@pytest.mark.parametrize("part", ["data", "baselines"])
def test_loaders_and_baselines_import_no_framework(part):
    assert loaded_by(*below(part)) == set()


@pytest.mark.skipif("torch" not in WINGS, reason="PyTorch is not installed")
def test_the_torch_wing_imports_torch_alone():
    assert loaded_by(*below("torch")) == {"torch"}


@pytest.mark.skipif("keras" not in WINGS, reason="Keras is not installed")
def test_the_keras_wing_imports_no_torch_of_its_own():
    # Keras itself loads its backend, and torch wherever it finds it.
    assert loaded_by(*below("keras")) == loaded_by("keras")


@pytest.mark.skipif("torch" not in WINGS, reason="PyTorch is not installed")
def test_the_check_can_fail():
    assert loaded_by("dlcookbook", "torch") == {"torch"}


@pytest.mark.parametrize("wing", ["torch", "keras"])
def test_a_missing_framework_says_what_to_install(wing):
    code = f"import sys; sys.modules[{wing!r}] = None; import dlcookbook.{wing}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=PACKAGE.parent,
        check=False,
    )
    assert done.returncode == 1
    assert 'pip install "dlcookbook[' in done.stderr
