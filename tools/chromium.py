"""Find a Chromium for the browser tests, or install one: --install."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
)
PLACES = (
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = "no Chromium found: run `python -m tools.chromium --install`"


def find() -> str | None:
    """Return the path of a Chromium, Chrome or Edge, if there is one."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        if found := shutil.which(name):
            return found
    for path in (*map(Path, PLACES), *_of_playwright()):
        if path.is_file():
            return str(path)
    return None


def _of_playwright() -> list[Path]:
    """List the browsers that `playwright install` has put in its cache."""
    folders = {
        "darwin": Path.home() / "Library/Caches/ms-playwright",
        "win32": Path.home() / "AppData/Local/ms-playwright",
    }
    folder = folders.get(sys.platform, Path.home() / ".cache/ms-playwright")
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", folder))
    return [
        found
        for name in ("chrome", "headless_shell", "chrome-headless-shell", "Chromium")
        for suffix in ("", ".exe")
        for found in sorted(folder.glob(f"chromium*/**/{name}{suffix}"), reverse=True)
    ]


def install() -> str:
    """Install Chromium with what this machine has.

    Returns
    -------
    str
        The path of the browser.

    Raises
    ------
    SystemExit
        If that fails; the message says what to do by hand.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if shutil.which("apt-get") and (root or _runs("sudo", "-n", "true")):
        apt = [*([] if root else ["sudo", "-n"]), "apt-get"]
        _runs(*apt, "update", "-qq")
        _runs(*apt, "install", "-y", "-qq", "--no-install-recommends", "chromium")
    if not find():
        _runs(sys.executable, "-m", "playwright", "install", "chromium")
    if found := find():
        return found
    raise SystemExit("no Chromium could be installed: install Chromium or Chrome")


def _runs(*command: str) -> bool:
    """Say whether a command succeeds, letting it speak."""
    return (
        bool(shutil.which(command[0]))
        and not subprocess.run(command, stdout=sys.stderr, check=False).returncode
    )


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="if there is none")
    wanted = parser.parse_args().install
    found = find() or (install() if wanted else None)
    print(found or MISSING)
    return not found


if __name__ == "__main__":
    sys.exit(main())
