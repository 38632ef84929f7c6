"""Build the site: `python -m tools.build`, with `--serve` to look at it."""

import argparse
import contextlib
import functools
import http.server
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from tools import notebooks, pages, postbuild, successor
from tools.places import ROOT, Places

LOCAL = "http://127.0.0.1:8000/"


def build(places: Places, address: str = "", *, version: bool = False) -> None:
    """Build the whole site, notebooks executed.

    Parameters
    ----------
    places : Places
        The folders; what the site's held is removed.
    address : str
        Where the site will be served; by default what pyproject.toml says.
    version : bool
        Show the version menu, which needs a `versions.json` beside the site.

    Raises
    ------
    SystemExit
        If MkDocs reports a problem; it has said which.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    address = address or project.get("urls", {}).get("Documentation", LOCAL)
    environment = os.environ | notebooks.environment(places)
    environment |= {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    pages.prepare(places, address.rstrip("/") + "/", version=version)
    # notebooks run here, so that what they write stays out of the tree
    folder = places.work / "run"
    folder.mkdir(exist_ok=True)
    # with --quiet, MkDocs does not see the warnings that --strict forbids
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    run = subprocess.run(
        [*command, "-f", str(places.config)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if run.returncode:
        # a kernel colours its tracebacks
        lines = re.sub(r"\x1b\[[\d;]*m", "", run.stdout).splitlines()
        said = [line for line in lines if not line.startswith("INFO")]
        raise SystemExit("\n".join([*said, "The site was not built."]))
    postbuild.mend(places)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a built site from wherever it is, without a line for each request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """Let a browser ask again after each build."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def do_GET(self) -> None:
        """Answer; the sitemap names this server, as instant navigation demands."""
        if self.path != "/sitemap.xml":
            super().do_GET()
            return
        listed = (Path(self.directory) / "sitemap.xml").read_text()
        site = re.search(r"<loc>([^<]*)</loc>", listed)
        here = f"http://{self.headers['Host']}/"
        # the first page of the list is the home page: its address is the site's
        body = listed.replace(site[1], here).encode() if site else listed.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def server(site: Path, port: int = 8000) -> http.server.ThreadingHTTPServer:
    """Return a server of a built site, on `port` or the next free one.

    Parameters
    ----------
    site : Path
        A built site.
    port : int
        The port to try first; 0 takes any.

    Returns
    -------
    http.server.ThreadingHTTPServer
        Bound to 127.0.0.1, not yet serving.
    """
    handler = functools.partial(Handler, directory=str(site))
    for wanted in (port, 0):
        with contextlib.suppress(OSError):
            return http.server.ThreadingHTTPServer(("127.0.0.1", wanted), handler)
    raise SystemExit("No port of 127.0.0.1 can be opened.")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, help="folder of the written pages")
    parser.add_argument("--work", type=Path, help="folder for what is made on the way")
    parser.add_argument("--site", type=Path, help="folder to build into")
    parser.add_argument("--address", default="", help="where it will be served")
    parser.add_argument(
        "--successor", action="store_true", help="then build with Material's successor"
    )
    parser.add_argument("--serve", action="store_true", help="then serve it here")
    parser.add_argument("--port", type=int, default=8000, help="to try first")
    options = parser.parse_args()
    start = time.perf_counter()
    given = {name: getattr(options, name) for name in ("docs", "work", "site")}
    places = Places(**{name: path.resolve() for name, path in given.items() if path})
    build(places, options.address)
    count = len(list(places.site.rglob("*.html")))
    seconds = time.perf_counter() - start
    print(f"{count} pages in {places.site}, {seconds:.0f} s", flush=True)
    if options.successor:
        missing = successor.compare(places)
        made = count - len(missing) - len(places.notebooks)
        print(f"{made} of {count} pages by the successor", flush=True)
        if missing:
            raise SystemExit("It does not make:\n" + "\n".join(missing))
    if options.serve:
        serving = server(places.site, options.port)
        print(f"http://127.0.0.1:{serving.server_port}/ (Ctrl+C stops it)", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            serving.serve_forever()


if __name__ == "__main__":
    main()
