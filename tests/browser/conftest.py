"""The built site on a server of its own, and a Chromium that reaches nothing else."""

import contextlib
import http.server
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tools import chromium, node
from tools.check_site import Site

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("DLCOOKBOOK_SITE", ROOT / "site"))
# One page of each kind that the site has.
KINDS = {
    "home": "",
    "chapter": "losses/",
    "recipe": "torch/losses/*/",
    "notebook": "notebooks/*/",
    "command line": "cli/",
    "contributing": "CONTRIBUTING/",
}


def page_of_kind(kind: str) -> str:
    """Return the address of the first page of a kind, relative to the site."""
    found = sorted(FOLDER.glob(f"{KINDS[kind]}index.html"))
    if not found:
        pytest.fail(f"the site has no page {KINDS[kind]}")
    return found[0].relative_to(FOLDER).as_posix().removesuffix("index.html")


@pytest.fixture(scope="session")
def site() -> Site:
    """Read the built site."""
    if not (FOLDER / "index.html").is_file():
        pytest.fail("make docs first", pytrace=False)
    return Site(FOLDER)


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    """Where the site is served: under the path that it will have, ending in `/`."""
    home = urlsplit(site.address)

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = urlsplit(self.path).path
            path = Path(self.translate_path(name.removeprefix(home.path)))
            path = path / "index.html" if path.is_dir() else path
            found = name.startswith(home.path) and path.is_file()
            body = (path if found else site.folder / "404.html").read_bytes()
            if path.name == "sitemap.xml":
                # Instant navigation follows the addresses of the sitemap alone.
                here = f"http://{self.headers['Host']}".encode()
                body = body.replace(f"{home.scheme}://{home.netloc}".encode(), here)
            self.send_response(200 if found else 404)
            self.send_header(
                "Content-Type", self.guess_type(path if found else ".html")
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    def handler(*arguments: object) -> Handler:
        return Handler(*arguments, directory=str(site.folder))

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{home.path}"
        server.shutdown()


def required_browser() -> str:
    """Return the path of a browser; without one the tests are skipped, or fail."""
    if path := chromium.find():
        return path
    if os.environ.get("DLCOOKBOOK_REQUIRE_BROWSER") == "1":
        pytest.fail(chromium.MISSING, pytrace=False)
    pytest.skip(chromium.MISSING)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium with a fresh profile; the name of no other host resolves in it."""
    path = required_browser()
    here_alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*chromium.FLAGS, here_alone]
        )
        yield browser
        browser.close()


class Visit(Page):
    """A page that has noted what it asked for and what went wrong."""

    requests: list[str]
    problems: list[str]


@contextlib.contextmanager
def opened(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open pages, each as a first visit: `visit(url, width=1360, scheme="light")`."""
    contexts: list[BrowserContext] = []

    def open_page(
        url: str, width: int = 1360, scheme: str = "light", *, offline: bool = False
    ) -> Visit:
        context = browser.new_context(
            color_scheme=scheme,
            offline=offline,
            permissions=["clipboard-read", "clipboard-write"],
            reduced_motion="reduce",
            viewport={"width": width, "height": 900},
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.problems = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("pageerror", lambda error: page.problems.append(f"{error}"))
        page.on(
            "console",
            lambda said: said.type == "error" and page.problems.append(said.text),
        )
        page.goto(url)
        page.evaluate("document.fonts.ready")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open pages for one test."""
    with opened(browser) as visit:
        yield visit


@pytest.fixture(scope="module")
def visits(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open pages for all tests of a file."""
    with opened(browser) as visit:
        yield visit


@pytest.fixture(scope="session")
def axe(site: Site) -> str:
    """Read the source of axe-core."""
    return (node.modules() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
