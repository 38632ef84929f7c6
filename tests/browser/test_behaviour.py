"""What a reader does: switch tabs, copy, follow links, search, open from a folder."""

import re

import pytest

from tests.browser.conftest import page_of_kind
from tools.check_fences import blocks

SELECTED = """label => [...document.querySelectorAll('.tabbed-set')]
    .map(set => [set, [...set.querySelectorAll(':scope > .tabbed-labels label')]])
    .map(([set, labels]) => [
        labels.findIndex(each => each.textContent.trim() === label),
        [...set.querySelectorAll(':scope > input')].findIndex(each => each.checked),
    ])
    .filter(([wanted]) => wanted >= 0)"""


def pages_with(site, expression):
    return [
        page.removesuffix("index.html")
        for page, document in site.pages.items()
        if page != "404.html" and document.xpath(expression)
    ]


def choose_tab(page, label):
    page.locator(
        ".tabbed-labels label", has_text=re.compile(f"^{label}$")
    ).first.click()


def all_selected(page, label):
    sets = page.evaluate(SELECTED, label)
    return bool(sets) and all(wanted == chosen for wanted, chosen in sets)


@pytest.mark.parametrize("label", ["PyTorch", "Keras"])
def test_tabs_are_linked_and_remembered(visit, address, site, label):
    paths = pages_with(site, f"//*[@class='tabbed-labels']/label[.='{label}']")
    assert paths, f"no page has a tab {label}"
    page = visit(address + paths[0])
    choose_tab(page, label)
    assert all_selected(page, label)
    for path in [paths[0], *paths[1:4]]:
        page.goto(address + path)
        assert all_selected(page, label), path
    assert page.problems == []


@pytest.mark.parametrize("kind", ["home", "chapter", "recipe"])
def test_the_copy_button_copies_exactly_the_code(visit, address, site, kind):
    path = page_of_kind(kind)
    article = site.pages[f"{path}index.html"].xpath("//article")[0]
    page = visit(address + path)
    boxes = page.locator("article pre")
    tried = 0
    for at, block in enumerate(blocks(article)[:20]):
        box = boxes.nth(at).locator("..")
        button = box.locator("button[data-clipboard-target], button[data-md-type=copy]")
        if not block.is_python or not box.is_visible():
            continue
        box.hover()
        button.click()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.rstrip("\n") == block.text
        tried += 1
    assert tried


def other_page(page, address):
    """Return the first link that a reader sees to another page, and its address."""
    links = page.locator("article a[href], nav a[href]")
    at = links.evaluate_all(
        """(links, address) => links.findIndex(link => link.checkVisibility()
            && link.href.startsWith(address) && !link.hash
            && link.pathname !== location.pathname)""",
        address,
    )
    assert at >= 0, f"{page.url} shows no link to another page"
    return links.nth(at), links.nth(at).evaluate("link => link.href")


def test_instant_navigation_keeps_working(visit, address, site):
    page = visit(address)
    page.evaluate("window.kept = true")
    for _ in range(2):
        link, to = other_page(page, address)
        link.click()
        page.wait_for_url(to)
        path = to.removeprefix(address)
        title = site.pages[f"{path}index.html"].xpath("string(//title)")
        page.wait_for_function("title => document.title === title", arg=title.strip())
        assert page.evaluate("window.kept"), f"{to} was loaded anew"
        assert page.locator("article h1").is_visible()
    page.goto(address + pages_with(site, "//*[@class='tabbed-labels']")[0])
    page.evaluate("window.kept = true")
    link, to = other_page(page, address)
    link.click()
    page.wait_for_url(to)
    page.go_back()
    page.locator(".tabbed-labels").first.wait_for()
    choose_tab(page, "Keras")
    assert all_selected(page, "Keras")
    assert page.evaluate("window.kept")
    assert page.problems == []


def test_search_finds_focal(visit, address):
    page = visit(address)
    page.wait_for_load_state("networkidle")
    # the index is heavy: it comes when it is asked for
    assert not any("search_index" in url for url in page.requests)
    found = search(page, "focal")
    assert any("search_index" in url for url in page.requests)
    assert any("losses/focal/" in to for to in found), found
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("focal"))
    assert page.problems == []


def search(page, words):
    """Type into the search box and return where its results lead."""
    page.keyboard.press("/")
    page.locator("input[data-md-component=search-query]").press_sequentially(words)
    results = page.locator(".md-search-result__link")
    results.first.wait_for(timeout=20_000)
    return results.evaluate_all("links => links.map(link => link.href)")


def test_it_opens_from_a_folder_with_the_network_off(visit, site):
    home = (site.folder / "index.html").as_uri()
    page = visit(home, offline=True)
    assert page.locator("article h1").is_visible()
    styled = "() => getComputedStyle(document.querySelector('.md-header')).position"
    assert page.evaluate(styled) == "sticky"
    link, to = other_page(page, home.removesuffix("index.html"))
    link.click()
    page.wait_for_url(re.compile("index.html"))
    assert page.url.startswith(to)
    assert page.locator("article h1").is_visible()
    tabs = pages_with(site, "//*[@class='tabbed-labels']")[0]
    page.goto((site.folder / tabs / "index.html").as_uri())
    choose_tab(page, "Keras")
    assert all_selected(page, "Keras")
    formulas = pages_with(site, "//*[contains(@class, 'katex')]")[0]
    page.goto((site.folder / formulas / "index.html").as_uri())
    formula = page.locator("article .katex-html").first
    assert formula.bounding_box()["width"] > 5
    # The fonts of the formulas come from the folder too.
    assert page.evaluate("document.fonts.check('16px KaTeX_Math')")
    assert any("losses/focal/" in to for to in search(page, "focal"))
    assert {url.partition(":")[0] for url in page.requests} == {"file"}
    assert page.problems == []
