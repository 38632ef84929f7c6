"""One leg of the test matrix: a wheel in a fresh environment with one framework.

`python tools/matrix.py bare|torch|keras-tensorflow|keras-torch|all` builds the wheel,
installs it with what the leg allows, and runs the tests that need nothing more.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# leg: (requirements beside the wheel, Keras' backend, tests)
MACHINERY = (
    "tests/test_catalog.py",
    "tests/test_copies.py",
    "tests/test_cli.py",
    "tests/test_choose.py",
    "tests/test_recipes.py",
    "tests/test_docstrings.py",
    "tests/test_imports.py",
    "tests/test_doctests.py",
)
LEGS = {
    "bare": ((), "", ()),
    "torch": (("torch",), "", ("tests/test_losses.py",)),
    "keras-tensorflow": (
        ("keras", "tensorflow"),
        "tensorflow",
        ("tests/test_losses.py",),
    ),
    "keras-torch": (("keras", "torch"), "torch", ("tests/test_losses.py",)),
    "all": (
        ("keras", "tensorflow", "torch", "scikit-learn", "matplotlib", "tqdm"),
        "tensorflow",
        ("tests/test_losses.py",),
    ),
}
TOOLS = (
    "griffe",
    "hypothesis",
    "ml-dtypes",
    "mpmath",
    "pytest",
    "pytest-markdown-docs",
    "pytest-timeout",
)


def main(leg: str) -> int:
    """Build, install, test; return the exit status of the tests."""
    if leg not in LEGS:
        print(f"INSTALL must be one of {', '.join(LEGS)}. Received: {leg or 'nothing'}")
        return 2
    packages, backend, tests = LEGS[leg]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        venv.create(place / "env", with_pip=True)
        python = str(place / "env" / "bin" / "python")

        def pip(*arguments: str) -> None:
            subprocess.run(
                [python, "-m", "pip", "--disable-pip-version-check", "-q", *arguments],
                check=True,
                cwd=ROOT,
            )

        pip("wheel", "--no-deps", "--wheel-dir", str(place), ".")
        (wheel,) = place.glob("*.whl")
        pip("install", "--constraint", "constraints.txt", str(wheel), *packages)
        for command in (["--version"], ["list"], ["show", "losses/focal"]):
            subprocess.run(
                [python, "-m", "dlcookbook", *command],
                check=True,
                cwd=place,
                stdout=subprocess.DEVNULL,
            )
        pip("install", "--constraint", "constraints.txt", *TOOLS)
        environment = os.environ | ({"KERAS_BACKEND": backend} if backend else {})
        done = subprocess.run(
            [python, "-m", "pytest", "-q", "-m", "not oracle", *MACHINERY, *tests],
            cwd=ROOT,
            env=environment,
            check=False,
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
