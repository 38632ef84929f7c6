"""Make the virtual environment `.venv`; a failure says in one line what to do."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")


def pip(*arguments: str) -> None:
    """Run pip in the environment; leave with one line if it fails."""
    command = [str(BIN / "python"), "-m", "pip", "--disable-pip-version-check"]
    if subprocess.run([*command, *arguments], cwd=ROOT, check=False).returncode:
        sys.exit(
            "setup failed: pip could not install the packages (see above). Check the "
            "network and 8 GB of free disk, then run the same command again."
        )


def main() -> None:
    """Create the environment where it is missing or broken, and fill it."""
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit(
            f"setup failed: Python 3.11 or newer is needed, this is "
            f"{sys.version.split()[0]}. Try: make PYTHON=python3.12 setup"
        )
    if not (BIN / "python").exists():
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except (subprocess.CalledProcessError, OSError) as error:
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit(
                f"setup failed: no virtual environment could be made ({error}). On "
                "Debian and Ubuntu: sudo apt-get install python3-venv"
            )
    pip("install", "--quiet", "--constraint", "constraints.txt", "pip")
    pip(
        *("install", "--quiet", "--constraint", "constraints.txt"),
        *("--editable", ".[all]", "--group", "dev"),
    )
    (VENV / ".ready").touch()


if __name__ == "__main__":
    main()
