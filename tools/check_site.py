"""Check a built site: links, hosts, descriptions, tabs, pictures and budgets."""

from __future__ import annotations

import argparse
import gzip
import re
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html

MEDIAN_PAGE = 12_000
FIRST_VISIT = 250_000
# Links that name a page for machines; a browser does not fetch them.
NAMES = {"alternate", "author", "canonical", "edit", "license", "next", "prev"}
LOADING = {
    ("audio", "src"),
    ("embed", "src"),
    ("iframe", "src"),
    ("image", "href"),
    ("img", "src"),
    ("input", "src"),
    ("link", "href"),
    ("object", "data"),
    ("script", "src"),
    ("source", "src"),
    ("track", "src"),
    ("use", "href"),
    ("video", "poster"),
    ("video", "src"),
}
HOSTS = re.compile(
    r"(?:https?:)?//(?:[\w.-]*\b(?:unpkg|jsdelivr|cdnjs|cdn|googleapis|gstatic|jspm|"
    r"esm|skypack|polyfill|google-analytics|googletagmanager)\.[\w.-]+|"
    r"api\.github\.com|api\.gitlab\.com)[^\s\"'`)<]*"
)
CSS_URL = re.compile(r"url\(\s*[\"']?(?!data:|#)([^\"')]+)|@import\s+[\"']([^\"']+)")


@dataclass(frozen=True)
class Reference:
    """An address that a page holds."""

    page: str
    line: int
    url: str
    loads: bool

    @property
    def here(self) -> str:
        """Where it stands."""
        return f"{self.page}:{self.line}"


class Site:
    """The pages of a built site, and what they refer to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages = {
            path.relative_to(folder).as_posix(): html.document_fromstring(
                path.read_bytes()
            )
            for path in sorted(folder.rglob("*.html"))
        }
        if "index.html" not in self.pages:
            raise SystemExit(f"{folder} has no pages: run `make docs` first")
        home = self.pages["index.html"]
        named = home.xpath("string(//link[@rel='canonical']/@href)")
        self.address = named or "http://localhost/"
        self.anchors = {
            folder / page: {*document.xpath("//@id"), *document.xpath("//a/@name")}
            for page, document in self.pages.items()
        }
        self.references = [*self._references()]
        self.weights: dict[Path, int] = {}

    def _references(self) -> Iterator[Reference]:
        for page, document in self.pages.items():
            for element, name, url, _ in document.iterlinks():
                tag = str(element.tag)
                attribute = (name or "").rpartition("}")[2].rpartition(":")[2]
                named = set(element.get("rel", "").split()) & NAMES
                loads = (tag, attribute) in LOADING and not named
                # A style, of an element or of the page, loads what it names.
                loads = loads or attribute in {"", "style"}
                yield Reference(page, element.sourceline or 1, url.strip(), loads)
            for element in document.xpath("//*[@srcset]"):
                for part in element.get("srcset").split(","):
                    url = part.split()[0]
                    yield Reference(page, element.sourceline or 1, url, loads=True)
        for path in sorted(self.folder.rglob("*.css")):
            name = path.relative_to(self.folder).as_posix()
            text = path.read_text(encoding="utf-8")
            for found in CSS_URL.finditer(text):
                line = text.count("\n", 0, found.start()) + 1
                yield Reference(name, line, (found[1] or found[2]).strip(), loads=True)

    def resolve(self, reference: Reference) -> tuple[Path | None, str]:
        """Return the file of an address and its anchor; no file for another host."""
        page = reference.page.removesuffix("index.html")
        url = urlsplit(urljoin(urljoin(self.address, page), reference.url))
        base = urlsplit(self.address)
        if (url.scheme, url.netloc) != (base.scheme, base.netloc):
            return None, ""
        if not url.path.startswith(base.path):
            return self.folder / "outside of the site", ""
        path = self.folder / unquote(url.path).removeprefix(base.path)
        return path / "index.html" if path.is_dir() else path, unquote(url.fragment)

    def weight(self, path: Path) -> int:
        """Return the bytes that a server sends for a file, compressed if that helps."""
        if path not in self.weights:
            content = path.read_bytes()
            compressed = gzip.compress(content, mtime=0)
            self.weights[path] = min(len(content), len(compressed))
        return self.weights[path]


def check_links(site: Site) -> Iterator[str]:
    """Report addresses that lead nowhere or to another host."""
    for found in site.references:
        if re.match(r"(?!https?:)[a-z][a-z0-9+.-]*:", found.url):
            continue
        path, anchor = site.resolve(found)
        if path is None:
            if found.loads:
                yield f"{found.here}: EXTERNAL RESOURCE: {found.url}"
        elif not path.is_file():
            kind = "MISSING ASSET" if found.loads else "BROKEN LINK"
            yield f"{found.here}: {kind}: {found.url}"
        elif path.suffix == ".html" and anchor and anchor not in site.anchors[path]:
            yield f"{found.here}: NO ANCHOR: {found.url}"


def check_hosts(site: Site) -> Iterator[str]:
    """Report the addresses of content networks in what the site serves."""
    for path in sorted(site.folder.rglob("*")):
        if path.suffix in {".html", ".css", ".js", ".mjs", ".svg"}:
            for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
                for found in sorted(set(HOSTS.findall(line))):
                    name = path.relative_to(site.folder).as_posix()
                    yield f"{name}:{number}: CDN STRING: {found[:80]}"


def check_pages(site: Site) -> Iterator[str]:
    """Report pages without a title, a heading or a description of their own."""
    seen: dict[str, str] = {}
    for page, document in site.pages.items():
        if page == "404.html":
            continue
        if not document.xpath("normalize-space(string(//head/title))"):
            yield f"{page}:1: NO TITLE: the page has none"
        headings = document.xpath("//h1[not(ancestor::svg)]")
        if len(headings) != 1:
            yield f"{page}:1: NO H1: {len(headings)} headings of level 1, not one"
        said = document.xpath(
            "normalize-space(string(//meta[@name='description']/@content))"
        )
        if not said:
            yield f"{page}:1: NO DESCRIPTION: the page has none"
        elif said in seen:
            yield f"{page}:1: NO DESCRIPTION: it has the one of {seen[said]}"
        seen.setdefault(said, page)


def check_tabs(site: Site) -> Iterator[str]:
    """Report tabs of one name side by side: two sets have run together."""
    for page, document in site.pages.items():
        for labels in document.find_class("tabbed-labels"):
            names = [label.text_content().strip() for label in labels]
            if len(set(names)) < len(names):
                here = f"{page}:{labels.sourceline or 1}"
                yield f"{here}: TWIN TABS: {', '.join(names)}"


def check_pictures(site: Site) -> Iterator[str]:
    """Report pictures that say nothing to those who do not see them."""
    for page, document in site.pages.items():
        for picture in document.xpath("//img | //svg | //canvas"):
            ancestors = [picture, *picture.iterancestors()]
            if any(a.get("aria-hidden") == "true" for a in ancestors):
                continue
            shown = any(a.tag == "article" for a in ancestors)
            here = f"{page}:{picture.sourceline or 1}"
            if picture.tag == "img":
                said = picture.get("alt")
                if said is None or (shown and not said.strip()):
                    yield f"{here}: NO ALT TEXT: <img src={picture.get('src')!r}>"
            elif shown and not _is_icon(ancestors) and not _label(picture):
                yield f"{here}: NO LABEL: <{picture.tag}> without aria-label or title"


def _label(picture: html.HtmlElement) -> str:
    named = picture.get("aria-label") or picture.get("aria-labelledby") or ""
    return (named or picture.findtext("title") or "").strip()


def _is_icon(ancestors: list[html.HtmlElement]) -> bool:
    """Say whether a drawing stands beside its text or in a control with a name."""
    return any(
        "twemoji" in a.classes
        or (
            a.tag in {"a", "button", "label"}
            and (a.get("aria-label") or a.get("title"))
        )
        for a in ancestors
    )


def check_budgets(site: Site) -> Iterator[str]:
    """Report pages that are too heavy."""
    if (half := median_page(site)) > MEDIAN_PAGE:
        said = f"{half / 1000:.1f} kB of {MEDIAN_PAGE / 1000:.0f}"
        yield f"index.html:1: MEDIAN PAGE: {said}"
    for page, size in first_visits(site).items():
        if size > FIRST_VISIT:
            said = f"{size / 1000:.1f} kB of {FIRST_VISIT / 1000:.0f}"
            yield f"{page}:1: FIRST VISIT: {said}"


def median_page(site: Site) -> float:
    """Return the weight of the middle page."""
    return statistics.median(site.weight(site.folder / page) for page in site.pages)


def first_visits(site: Site) -> dict[str, int]:
    """Return the weight of each page with what it names: no cache, no fonts of CSS.

    The fonts that a stylesheet names are fetched only where a glyph asks for them:
    the browser tests count those.
    """
    needed = {page: {site.folder / page} for page in site.pages}
    for found in site.references:
        path, _ = site.resolve(found)
        if found.loads and path and path.is_file() and found.page in needed:
            needed[found.page].add(path)
    return {page: sum(map(site.weight, paths)) for page, paths in needed.items()}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, nargs="?", default=Path("site"))
    site = Site(parser.parse_args().site.resolve())
    checks = (
        check_links,
        check_hosts,
        check_pages,
        check_tabs,
        check_pictures,
        check_budgets,
    )
    problems = [problem for check in checks for problem in check(site)]
    for problem in problems:
        print(problem)
    heaviest = max(first_visits(site).values())
    print(
        f"check_site: {len(site.pages)} pages, {len(site.references)} addresses, "
        f"median page {median_page(site) / 1000:.1f} kB, "
        f"heaviest first visit {heaviest / 1000:.0f} kB, {len(problems)} problems"
    )
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
