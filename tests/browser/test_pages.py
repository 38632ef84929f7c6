"""What every page must hold: quiet, light, no sideways scroll, open to everyone."""

from urllib.parse import urlsplit

import pytest

from dlcookbook import catalog
from tests.browser.conftest import FOLDER, KINDS, page_of_kind
from tools.check_site import FIRST_VISIT

ADDRESSES = [
    path.relative_to(FOLDER).as_posix().removesuffix("index.html")
    for path in sorted(FOLDER.rglob("index.html"))
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page, axe):
    page.evaluate(axe)
    found = page.evaluate(
        "tags => axe.run({runOnly: {type: 'tag', values: tags}, "
        "resultTypes: ['violations']}).then(result => result.violations)",
        RULES,
    )
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


# The pages of the recipes have one template: most are opened in a browser that has been
# here before, and one of each wing as a first visit.
SHELF = [
    path
    for path in ADDRESSES
    if path.count("/") >= (2 if path.split("/")[0] in catalog.FLAT else 3)
]
FIRST = sorted({path.split("/")[0]: path for path in SHELF}.values())
VISITED = [path for path in ADDRESSES if path not in SHELF] + FIRST


@pytest.mark.parametrize("path", VISITED or [""], ids=lambda path: path or "home")
def test_a_page_is_quiet_light_and_narrow(visit, address, site, axe, path):
    page = visit(address + path)
    # the template of the recipes has a test of its own below
    if path not in SHELF:
        assert violations(page, axe) == []
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.wait_for_load_state("networkidle")
    assert page.problems == []
    home = urlsplit(address)
    assert {urlsplit(url).netloc for url in page.requests} == {home.netloc}
    sizes = {}
    for url in page.requests:
        file = site.folder / urlsplit(url).path.removeprefix(home.path)
        file = file / "index.html" if file.is_dir() else file
        sizes[file] = site.weight(file)
    heaviest = sorted(sizes, key=sizes.get)[-5:]
    said = ", ".join(f"{file.name} {sizes[file]}" for file in heaviest)
    assert sum(sizes.values()) <= FIRST_VISIT, said


@pytest.fixture(scope="module")
def reader(visits, address):
    """Open a page, to go on from it to others."""
    return visits(address)


@pytest.mark.parametrize("path", SHELF)
def test_a_page_of_a_recipe_is_quiet_and_narrow(reader, address, path):
    reader.problems.clear()
    reader.requests.clear()
    reader.goto(address + path)
    for width in (390, 320):
        reader.set_viewport_size({"width": width, "height": 800})
        assert reader.evaluate("document.documentElement.scrollWidth") <= width
    assert reader.problems == []
    assert {urlsplit(url).netloc for url in reader.requests} == {
        urlsplit(address).netloc
    }


@pytest.mark.parametrize("width", [1360, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(visit, address, axe, kind, scheme, width):
    page = visit(address + page_of_kind(kind), width, scheme)
    shown = page.evaluate("document.body.dataset.mdColorScheme")
    assert shown == {"light": "default", "dark": "slate"}[scheme]
    assert violations(page, axe) == []


def test_axe_can_find_something(visit, address, axe):
    page = visit(address)
    page.evaluate("document.querySelector('article').innerHTML += '<img src=x>'")
    assert any(found.startswith("image-alt") for found in violations(page, axe))


def test_a_visit_notes_what_goes_wrong(visit, address):
    page = visit(address, 390)
    assert page.problems == []
    page.evaluate("fetch('https://example.com/').catch(() => {})")
    page.evaluate("console.error('said')")
    page.evaluate("setTimeout(() => { throw Error('thrown') })")
    page.wait_for_load_state("networkidle")
    assert "https://example.com/" in page.requests
    assert any("said" in problem for problem in page.problems)
    assert any("thrown" in problem for problem in page.problems)
    page.evaluate("document.body.style.width = '900px'")
    assert page.evaluate("document.documentElement.scrollWidth") > 390
