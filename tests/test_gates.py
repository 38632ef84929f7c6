"""Each gate of the docs passes on a clean site and fails on each planted fault."""

import random
import re

import markdown
import pytest

from tests.browser.conftest import required_browser
from tools import check_fences, check_html, check_site, chromium

EXTENSIONS = {
    "attr_list": {},
    "md_in_html": {},
    "pymdownx.blocks.tab": {"alternate_style": True},
    "pymdownx.highlight": {"pygments_lang_class": True},
    "pymdownx.superfences": {},
}
SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="description" content="About {title}.">
<link rel="canonical" href="https://example.org/book/{path}">
<link rel="stylesheet" href="{up}assets/site.css">
</head>
<body>
<article>
{body}
</article>
</body>
</html>
"""
CLEAN = """
# Page

/// tab | PyTorch

```python title="the notest option"
print(1)
```

```text {.output}
1
```

///

```python {continuation .notest data-reason="needs a second machine"}
connect()
```

```console
$ dlcookbook list
```

````markdown
```python
not_a_snippet()
```
````

[Another](other.md#part)
"""
OTHER = "# Other { #part }\n\nNothing.\n"
RECIPE = """
__all__ = ["half"]


def half(x):
    return x / 2


def halfway(x):
    return half(x)
"""


def page(body, path, title):
    """Return the HTML of a page, as a theme would wrap it."""
    up = "../" * path.count("/")
    body = re.sub(r'href="(\w+)\.md', rf'href="{up}\1/', body)
    return SHELL.format(body=body, path=path, title=title, up=up)


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def lay_out(root):
    """Write a small clean repository."""
    put(root / "pytest.ini", "[pytest]\n")
    put(root / "docs" / "index.md", "# Home\n\n[Page](page.md)\n")
    put(root / "docs" / "page.md", CLEAN)
    put(root / "docs" / "other.md", OTHER)
    put(root / "README.md", "# Book\n\n```python\nassert True\n```\n")
    put(root / "dlcookbook" / "torch" / "half.py", RECIPE)
    return root


def build(root):
    """Build a site from the pages of a folder, with the extensions of ours."""
    site = root / "site"
    for source in sorted((root / "docs").rglob("*.md")):
        name = source.relative_to(root / "docs").with_suffix("").as_posix()
        path = "" if name == "index" else f"{name}/"
        body = markdown.markdown(
            source.read_text(), extensions=[*EXTENSIONS], extension_configs=EXTENSIONS
        )
        put(site / path / "index.html", page(body, path, name))
    put(site / "assets" / "site.css", "body { color: black }\n")
    return site


@pytest.fixture
def root(tmp_path):
    """Return a small clean repository."""
    return lay_out(tmp_path)


@pytest.fixture(autouse=True, scope="module")
def _without_plugins():
    """Spare the collection in a second process what it has no use for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        patch.setenv("PYTEST_ADDOPTS", "-p pytest_markdown_docs.plugin")
        yield


def kinds(problems):
    """Return what the reports begin with, after the place."""
    assert all(re.match(r"[^:]+:\d+: ", problem) for problem in problems), problems
    return {problem.split(": ")[1] for problem in problems}


def test_the_fence_gate_passes_on_a_clean_site(root):
    problems, counted = check_fences.check(build(root), root)
    assert problems == []
    assert counted == "3 pages, 2 Python blocks shown, 2 collected"


# Written pages with a fault, and all that the fence gate says of them.
PAGES = {
    "doctest": ("```pycon\n>>> 1\n1\n```\n", {"UNTESTED"}),
    "doctest_posing": (
        '<div class="doc" markdown>\n\n```pycon\n>>> 1\n1\n```\n\n</div>\n',
        {"UNTESTED"},
    ),
    "ipython": ("```ipython\n%time\n```\n", {"UNTESTED"}),
    "raw_html": (
        '<div class="language-python highlight"><pre><code>x</code></pre></div>\n',
        {"UNTESTED"},
    ),
    "bare_html": ("<pre>x = 1</pre>\n", {"NO LANGUAGE"}),
    "bare_option": (
        "```python continuation\nx = 1\n```\n",
        {"WILL NOT RENDER", "UNRENDERED"},
    ),
    "bare_class": ("```text .lead\nx\n```\n", {"WILL NOT RENDER", "BROKEN FENCE"}),
    "unknown_word": ("```python {contiuation}\nx = 1\n```\n", {"UNKNOWN OPTION"}),
    "unknown_class": ("```python {.static}\nx = 1\n```\n", {"UNKNOWN OPTION"}),
    "unknown_value": ('```python {titel="x"}\nx = 1\n```\n', {"UNKNOWN OPTION"}),
    "fixture": ("```python {fixture:capsys}\nx = 1\n```\n", {"UNKNOWN OPTION"}),
    "no_reason": ("```python {.notest}\nx = 1\n```\n", {"NOTEST WITHOUT REASON"}),
    "empty_reason": (
        '```python {.notest data-reason=""}\nx = 1\n```\n',
        {"NOTEST WITHOUT REASON"},
    ),
    "not_closed": ("Text.\n\n```python\nx = 1\n", {"BROKEN FENCE", "UNRENDERED"}),
    "no_language": ("```\nx = 1\n```\n", {"NO LANGUAGE"}),
    "indented_code": ("Text.\n\n    x = 1\n", {"NO LANGUAGE"}),
    "classic_tab": (
        '=== "PyTorch"\n\n    ```python\n    x = 1\n    ```\n',
        {"UNRENDERED", "NO LANGUAGE"},
    ),
    "output_alone": ("```text {.output}\n1\n```\n", {"UNVERIFIED OUTPUT"}),
    "output_elsewhere": (
        "/// tab | One\n\n```python\nprint(1)\n```\n\n///\n\n"
        "```text {.output}\n1\n```\n",
        {"UNVERIFIED OUTPUT"},
    ),
    "output_of_console": (
        "```console\n$ ls\n```\n\n```text {.output}\n1\n```\n",
        {"UNVERIFIED OUTPUT"},
    ),
    "output_not_run": (
        '```python {.notest data-reason="x"}\nprint(1)\n```\n\n'
        "```text {.output}\n1\n```\n",
        {"UNVERIFIED OUTPUT"},
    ),
    "output_too_loose": (
        '```python\nprint(1)\n```\n\n```text {.output data-within="90%"}\n1\n```\n',
        {"LOOSE OUTPUT"},
    ),
}
# Generated pages: what stands in them, and whether that is tested elsewhere.
CODE = '<div class="language-{} highlight"><pre><code>{}</code></pre></div>'
IMPORT = "from dlcookbook.torch.half import half"
GENERATED = {
    "api_doctest": ('<div class="doc">' + CODE.format("pycon", "x") + "</div>", True),
    "api_signature": (
        '<div class="doc-signature">' + CODE.format("python", "f(x)") + "</div>",
        True,
    ),
    "api_fence": ('<div class="doc">' + CODE.format("python", "x") + "</div>", False),
    "doctest_outside": (CODE.format("pycon", "x"), False),
    "file": (CODE.format("python", RECIPE), True),
    "stale_file": (CODE.format("python", RECIPE.replace("2", "3")), False),
    "import": (CODE.format("python", IMPORT), True),
    "import_of_nothing": (CODE.format("python", IMPORT + "d"), False),
    "import_of_a_helper": (CODE.format("python", IMPORT + "way"), False),
    "import_and_more": (CODE.format("python", IMPORT + "\nhalf(1)"), False),
    "import_of_others": (CODE.format("python", "from os import path"), False),
    "no_code": (CODE.format("python", "half("), False),
    "notebooks/cells": (CODE.format("python", "x = 1\nprint(x)"), True),
    "notebooks/no_cell": (CODE.format("python", "x = 2"), False),
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """Run the fence gate once over all faulty pages; return its reports by page."""
    root = lay_out(tmp_path_factory.mktemp("faulty"))
    for name, (text, _) in PAGES.items():
        put(root / "docs" / f"{name}.md", text)
    put(root / "docs" / "lost.md", "# Lost\n")
    put(root / "docs" / "stale.md", "```python\nx = 1\n```\n")
    site = build(root)
    (site / "lost" / "index.html").unlink()
    edit("stale/index.html", ">1<", ">2<")(site)
    for name, (body, _) in GENERATED.items():
        put(site / name / "index.html", page(body, f"{name}/", name))
    cells = "# %%\nx = 1\nprint(x)\n"
    put(root / "docs" / "notebooks" / "cells.py", cells)
    put(root / "docs" / "notebooks" / "no_cell.py", cells)
    item = "1. ```python\n   x = 1\n   ```\n"
    put(root / "README.md", f"# Book\n\n{item}\n```python\nassert True\n```\n")
    reports: dict[str, list[str]] = {}
    for problem in check_fences.check(site, root)[0]:
        name = problem.partition(":")[0].removeprefix("docs/")
        name = name.removesuffix("/index.html").removesuffix(".md")
        reports.setdefault(name, []).append(problem)
    return reports


@pytest.mark.parametrize("name", PAGES)
def test_the_fence_gate_reports_a_fault_of_a_page(faulty, name):
    reports = faulty.get(name, [])
    assert kinds(reports) == PAGES[name][1], reports


@pytest.mark.parametrize("name", GENERATED)
def test_the_fence_gate_exempts_exactly_what_runs_elsewhere(faulty, name):
    expected = set() if GENERATED[name][1] else {"UNTESTED"}
    assert kinds(faulty.get(name, [])) == expected


def test_the_fence_gate_compares_texts(faulty):
    assert kinds(faulty["stale"]) == {"UNTESTED", "UNRENDERED"}


def test_the_fence_gate_misses_a_page(faulty):
    assert kinds(faulty["lost"]) == {"MISSING PAGE"}


def test_the_fence_gate_reads_the_readme_as_a_code_host_does(faulty):
    assert "UNTESTED" in kinds(faulty["README"])


def edit(file, old, new):
    def change(site):
        text = (site / file).read_text()
        assert old in text
        (site / file).write_text(text.replace(old, new))

    return change


def add(html):
    return edit("page/index.html", "</article>", f"{html}</article>")


def noise(size):
    """Return text that compresses to no less than this many bytes."""
    return random.Random(0).randbytes(size).hex()


def make_pages_heavy(site):
    add(f"<p>{noise(13_000)}</p>")(site)
    edit("other/index.html", "Nothing", noise(13_000))(site)


# Faults of a built site, and all that the site gate says of them.
FAULTS = {
    "link": (add('<a href="../gone/">x</a>'), {"BROKEN LINK"}),
    "link_out": (add('<a href="/elsewhere/">x</a>'), {"BROKEN LINK"}),
    "own_address": (
        add('<a href="https://example.org/book/gone/">x</a>'),
        {"BROKEN LINK"},
    ),
    "anchor": (add('<a href="../other/#gone">x</a>'), {"NO ANCHOR"}),
    "own_anchor": (add('<a href="#gone">x</a>'), {"NO ANCHOR"}),
    "picture": (add('<img alt="x" src="gone.png">'), {"MISSING ASSET"}),
    "srcset": (
        add('<img alt="x" src="../assets/site.css" srcset="gone.png 2x">'),
        {"MISSING ASSET"},
    ),
    "font": (edit("assets/site.css", "}", "} a{src:url(x.woff2)}"), {"MISSING ASSET"}),
    "import": (edit("assets/site.css", "body", "@import 'x.css';b"), {"MISSING ASSET"}),
    "script": (
        add("<script src='//example.com/x.js'></script>"),
        {"EXTERNAL RESOURCE"},
    ),
    "foreign_picture": (
        add('<img alt="x" src="https://example.com/x.png">'),
        {"EXTERNAL RESOURCE"},
    ),
    "foreign_font": (
        edit("assets/site.css", "}", "} a{src:url(https://example.com/x.woff2)}"),
        {"EXTERNAL RESOURCE"},
    ),
    "foreign_style": (
        add('<p style="background: url(https://example.com/x.png)">x</p>'),
        {"EXTERNAL RESOURCE"},
    ),
    "network": (add("<script>f('https://unpkg.com/x')</script>"), {"CDN STRING"}),
    "code_host": (
        edit("assets/site.css", "}", "} /* https://api.github.com/x */"),
        {"CDN STRING"},
    ),
    "no_title": (edit("page/index.html", "<title>page", "<title> "), {"NO TITLE"}),
    "no_heading": (edit("page/index.html", "h1", "h2"), {"NO H1"}),
    "two_headings": (add("<h1>Again</h1>"), {"NO H1"}),
    "no_description": (edit("page/index.html", "About page.", ""), {"NO DESCRIPTION"}),
    "same_description": (
        edit("page/index.html", "About page", "About other"),
        {"NO DESCRIPTION"},
    ),
    "twin_tabs": (
        add('<div class="tabbed-labels"><label>A</label><label>A</label></div>'),
        {"TWIN TABS"},
    ),
    "no_alt": (add('<img src="../assets/site.css">'), {"NO ALT TEXT"}),
    "empty_alt": (add('<img alt="" src="../assets/site.css">'), {"NO ALT TEXT"}),
    "drawing": (add("<svg><path d='M0 0'/></svg>"), {"NO LABEL"}),
    "canvas": (add("<canvas></canvas>"), {"NO LABEL"}),
    "heavy_pages": (make_pages_heavy, {"MEDIAN PAGE"}),
    "heavy_visit": (
        edit("assets/site.css", "}", f"}} /* {noise(260_000)} */"),
        {"FIRST VISIT"},
    ),
}


def site_problems(site):
    checks = [getattr(check_site, name) for name in dir(check_site) if "check_" in name]
    found = check_site.Site(site)
    return [problem for check in checks for problem in check(found)]


@pytest.mark.parametrize("name", FAULTS)
def test_the_site_gate_reports_a_fault(root, name):
    site = build(root)
    change, expected = FAULTS[name]
    change(site)
    assert kinds(site_problems(site)) == expected


def test_the_site_gate_passes_on_a_clean_site(root):
    site = build(root)
    add(
        '<svg aria-label="A line"></svg><svg><title>A line</title></svg>'
        '<span aria-hidden="true"><svg></svg></span>'
        '<span class="twemoji"><svg></svg></span>'
        '<a href="https://example.com/" title="Elsewhere"><svg></svg></a>'
        '<a href="mailto:x@example.com">x</a><a href="#">x</a>'
        '<img alt="A dot" src="data:image/gif;base64,AA==">'
    )(site)
    assert site_problems(site) == []


def test_a_first_visit_counts_what_the_page_loads_and_no_link(root):
    site = build(root)
    put(site / "large.txt", noise(260_000))
    add('<a href="../large.txt">x</a>')(site)
    assert site_problems(site) == []
    add('<img alt="x" src="../large.txt">')(site)
    assert kinds(site_problems(site)) == {"FIRST VISIT"}


def test_the_validator_reports_the_faulty_page_alone(root):
    site = build(root)
    add("<p id='a'>1</p><p id='a'>2</p>")(site)
    edit("other/index.html", "<body>", "<body><br/>")(site)
    problem, *more = check_html.check(site)
    assert problem.startswith("page/index.html:")
    assert "Duplicate ID" in problem
    assert {line.split(":")[0] for line in more} <= {"page/index.html"}


def test_without_java_the_validator_says_what_to_do(monkeypatch):
    monkeypatch.setattr(check_html.shutil, "which", lambda name: None)
    monkeypatch.setattr(check_html.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"^check_html needs Java: [^\n]+$"):
        check_html.java()


@pytest.mark.parametrize("gate", [check_site, check_html, check_fences])
def test_a_gate_without_a_site_says_what_to_do(gate, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["gate", str(tmp_path / "site")])
    with pytest.raises(SystemExit, match="run `make docs` first"):
        gate.main()


@pytest.mark.parametrize("gate", [check_site, check_fences])
def test_a_gate_ends_with_a_count_and_an_exit_status(gate, root, monkeypatch, capsys):
    site = build(root)
    arguments = ["--root", str(root)] if gate is check_fences else []
    monkeypatch.setattr("sys.argv", ["gate", str(site), *arguments])
    assert gate.main() == 0
    assert capsys.readouterr().out.endswith(", 0 problems\n")
    add(CODE.format("python", "planted()") + '<a href="#gone">x</a>')(site)
    assert gate.main() == 1
    problem, last = capsys.readouterr().out.splitlines()
    name = "docs/page.md" if gate is check_fences else "page/index.html"
    assert problem.startswith(f"{name}:")
    assert last.endswith(", 1 problems")


def test_a_browser_is_found_on_the_path(tmp_path, monkeypatch):
    program = tmp_path / "chromium"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.find() == str(program)


def test_a_missing_browser_skips_unless_one_is_required(monkeypatch):
    monkeypatch.setattr(chromium, "find", lambda: None)
    monkeypatch.delenv("DLCOOKBOOK_REQUIRE_BROWSER", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"tools\.chromium --install"):
        required_browser()
    monkeypatch.setenv("DLCOOKBOOK_REQUIRE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match=r"tools\.chromium --install"):
        required_browser()
