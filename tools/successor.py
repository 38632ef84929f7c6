"""Build the same sources with Material's successor, and compare the pages.

Material for MkDocs ends its life on 2027-05-05. This shows what a move would lose:
notebooks, which the successor does not know yet, and nothing else.
"""

import json
import subprocess
import sys
import venv
from pathlib import Path

from tools.places import Places

PINS = ["zensical==0.0.73", "mkdocstrings==1.0.8", "mkdocstrings-python==2.0.11"]


def pages_of(site: Path) -> set[str]:
    """Return the pages of a built site, relative to it."""
    return {path.relative_to(site).as_posix() for path in site.rglob("*.html")}


def compare(places: Places) -> list[str]:
    """Build with the successor and list the pages that it does not make.

    Parameters
    ----------
    places : Places
        The folders of a finished build.

    Returns
    -------
    list of str
        Missing pages, those of notebooks left out.
    """
    home = places.work / "successor-env"
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", *PINS], check=True)
    settings = json.loads(places.config.read_text())
    # it takes no folder outside of the settings' own
    settings |= {"docs_dir": "docs", "site_dir": "successor", "strict": False}
    file = places.work / "successor.yml"
    file.write_text(json.dumps(settings))
    command = [str(python), "-m", "zensical", "build", "-f", str(file)]
    subprocess.run(command, cwd=places.work, check=True, stdout=subprocess.DEVNULL)
    known = {f"notebooks/{source.stem}/index.html" for source in places.notebooks}
    made = pages_of(places.work / "successor")
    return sorted(pages_of(places.site) - made - known)
