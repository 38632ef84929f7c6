"""The wheel works where there is nothing else: no framework, not even NumPy."""

import subprocess
import sys
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from tests.wings import PACKAGE


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder)],
        cwd=PACKAGE.parent,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory):
    """Call `dlcookbook` in an environment that holds the wheel alone."""
    home = tmp_path_factory.mktemp("bare environment")
    venv.create(home / "env", with_pip=True)
    python = home / "env" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel],
        check=True,
    )

    def call(*arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            [home / "env" / "bin" / "dlcookbook", *arguments],
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    call.home = home
    return call


def test_the_wheel_holds_the_package_and_needs_numpy_alone(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = (n for n in names if n.endswith("METADATA"))
        fields = Parser().parsestr(archive.read(metadata).decode())
    here = {
        p.relative_to(PACKAGE.parent).as_posix()
        for p in PACKAGE.rglob("*")
        if p.suffix == ".py" or p.name == "py.typed"
    }
    assert {n for n in names if ".dist-info/" not in n} == here
    needed = [n for n in fields.get_all("Requires-Dist") if "extra ==" not in n]
    assert [n.partition(">")[0] for n in needed] == ["numpy"]


def test_list_and_show(bare):
    listed = bare("list")
    assert "losses/focal" in listed
    shown = bare("show", "losses/focal")
    assert "sigmoid_focal_loss" in shown


def test_copy_then_diff(bare):
    bare("copy", "torch/losses/focal", "mine")
    copied = bare.home / "mine" / "focal.py"
    assert "sigmoid_focal_loss" in copied.read_text()
    assert "up to date" in bare("diff", "mine/focal.py")
    copied.write_text(copied.read_text().replace("2.0", "3.0"))
    assert "edited" in bare("diff", "mine/focal.py")


def test_choose(bare):
    assert "binary_cross_entropy_with_logits" in bare(
        "choose", "loss", "--task", "multilabel"
    )


def test_run_says_what_is_missing(bare):
    said = bare("run", "torch/projects/digits_cnn", status=2)
    assert 'pip install "dlcookbook[' in said
