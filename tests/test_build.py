"""The site's build: what is derived, what is mended, what it must refuse."""

import ast
import json
import re
import shutil
import subprocess
import threading
import urllib.request
from types import SimpleNamespace

import nbformat
import pytest
from traitlets.config import Config

from dlcookbook.catalog import recipes
from tools import deploy, notebooks, pages, postbuild
from tools.build import build, server
from tools.places import Places

PAGE = """---
title: Home
description: A small site.
---

# Home

Where $a \\ne b$ and {link}.

| You predict | Loss | Call |
| --- | --- | --- |
| one of several classes, and exactly one | Cross-entropy | `F.cross_entropy(a, b)` |
| | | |
"""
NOTEBOOK = """# %% [markdown]
# # Small
#
# The first words, $x^2$ and [home](../index.md#home).

# %%
#| alt: A line that rises.
import matplotlib.pyplot as plt

plt.plot([0, 1])
plt.show()

# %%
print("so < it")
"""


def places(folder, link="no link", notebook=NOTEBOOK):
    docs = folder / "docs"
    shutil.copytree(Places().docs / "assets", docs / "assets")
    (docs / "index.md").write_text(PAGE.format(link=link))
    (docs / "notebooks").mkdir()
    if notebook:
        (docs / "notebooks" / "small.py").write_text(notebook)
    return Places(docs, folder / "work", folder / "site")


@pytest.fixture(scope="module")
def without_recipes():
    """Leave the recipes out of the sites that these tests build."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "recipes", list)
        yield


@pytest.fixture(scope="module")
def site(tmp_path_factory, without_recipes):
    # a space, as in many a reader's folders
    here = places(tmp_path_factory.mktemp("a site"))
    build(here, "http://127.0.0.1:1/")
    return here.site


# ---- derived from the files


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    here = places(tmp_path_factory.mktemp("generated"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "mathematics", dict)
        pages.prepare(here, "http://127.0.0.1:1/")
    return here


def listed(nav):
    for entry in nav:
        value = next(iter(entry.values())) if isinstance(entry, dict) else entry
        yield from [value] if isinstance(value, str) else listed(value)


def test_every_recipe_file_has_a_page_that_holds_it(generated):
    for recipe in recipes():
        page = (generated.sources / f"{recipe.name}.md").read_text()
        assert recipe.text in page
        assert f"dlcookbook copy {recipe.name}\n" in page
        assert re.search(r'^description: ".*\S.*"$', page, re.MULTILINE)
        for name in recipe.functions:
            assert f"\n::: dlcookbook.{recipe.name.replace('/', '.')}.{name}\n" in page


def test_the_navigation_lists_every_page_once(generated):
    nav = json.loads(generated.config.read_text())["nav"]
    sources = generated.sources
    found = [*sources.rglob("*.md"), *sources.rglob("*.py")]
    names = [path.relative_to(sources).as_posix() for path in found]
    assert sorted(listed(nav)) == sorted(names)


def test_chapters_of_a_part_share_an_entry_and_link_to_each_other():
    files = {
        f"{name}.md": f"---\ntitle: {name}\npart: [Heat, {place}]\n---\n\n# {name}\n"
        for name, place in (("boil", 10), ("melt", 2))
    } | {"ice.md": "---\ntitle: ice\n---\n\npart: [Heat, 1]s of it\n"}
    files = {name: text.encode() for name, text in files.items()}
    grouped = pages.parts(files)
    assert grouped == {"Heat": ["melt.md", "boil.md"]}
    nav = pages.navigation(set(files), [], grouped)
    assert {"Heat": ["melt.md", "boil.md"]} in nav
    assert sorted(listed(nav)) == sorted(["index.md", "recipes/index.md", *files])
    chapters = {name: files[name] for name in grouped["Heat"]}
    page = pages.with_neighbours("melt.md", "Heat", chapters).decode()
    head, _, body = page.removeprefix("---\n").partition("\n---\n")
    assert "hide: [navigation, path]" in head.split("\n")
    links, title = body.strip().split("\n\n")
    assert title == "# melt"
    assert re.findall(r"\]\((.+?)\)(\{.*?\})?", links) == [
        ("melt.md", '{ aria-current="page" }'),
        ("boil.md", ""),
    ]


def test_links_of_generated_pages_lead_to_pages(generated):
    for path in generated.sources.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+\.md)", path.read_text()):
            assert (path.parent / target).is_file(), f"{path}: {target}"


def test_every_import_that_a_page_offers_is_one_of_its_file():
    for recipe in recipes():
        statement = ast.parse(pages.import_of(recipe)).body[0]
        assert [alias.name for alias in statement.names] == recipe.functions


# ---- mended


def test_a_notebook_looks_like_the_other_pages(site):
    page = (site / "notebooks/small/index.html").read_text()
    article = page[page.index("<article") : page.index("</article>")]
    assert "<style" not in article
    assert "<script" not in article
    assert "jp-" not in article
    assert 'class="language-python highlight nb-in"' in article
    assert "so &lt; it" in article
    assert "#|" not in article
    assert '<svg aria-label="A line that rises."' in article
    assert "var(--plot-1)" in article
    assert "currentColor" in article
    assert 'href="../..#home"' in article or 'href="../../#home"' in article
    assert article.count('class="katex"') == 1
    assert 'name="description" content="The first words, ' in page
    assert len(page) < 60_000


def test_a_notebook_can_be_downloaded_with_its_outputs(site):
    notebook = nbformat.read(site / "notebooks/small/small.ipynb", 4)
    outputs = [output for cell in notebook.cells[1:] for output in cell.outputs]
    assert any("image/svg+xml" in output.get("data", {}) for output in outputs)
    assert any(output.get("text") == "so < it\n" for output in outputs)


def test_formulas_are_drawn_and_their_stroke_is_no_private_character(site):
    page = (site / "index.html").read_text()
    assert 'class="katex"' in page
    assert "arithmatex" not in page
    assert not re.search("[\ue000-\uf8ff]", page)


def test_fonts_that_no_formula_uses_are_left_out(site):
    fonts = {path.name for path in (site / "assets/katex/fonts").iterdir()}
    assert "KaTeX_Main-Regular.woff2" in fonts
    assert "KaTeX_Fraktur-Regular.woff2" not in fonts
    named = re.findall(
        r"KaTeX_[\w-]+\.\w+", (site / "assets/katex/katex.css").read_text()
    )
    assert set(named) == fonts


def test_tables_can_be_scrolled_by_keyboard_and_read_on_a_phone(site):
    page = (site / "index.html").read_text()
    assert '<div class="table" role="region" aria-label="Home: You predict' in page
    assert '<table class="stacked">' in page
    assert '<td data-label="Loss">Cross-entropy</td>' in page
    assert "F.<wbr/>cross_entropy(<wbr/>a, b)" in page


def test_nothing_is_asked_of_another_host(site):
    scripts = "".join(path.read_text() for path in site.rglob("*.js"))
    assert not re.search(r"unpkg|api\.github|api/v4", scripts)
    assert not list(site.rglob("*.map"))
    for path in site.rglob("*.html"):
        loads = re.findall(
            r'<(?:script|img|iframe)[^>]* src="([^"]+)"', path.read_text()
        )
        assert not [address for address in loads if "//" in address]


def test_a_page_from_disk_finds_its_script_and_its_search(site):
    page = site / "notebooks/small/index.html"
    script = re.search(r'<script src="([^"]+file\.js)">', page.read_text())
    assert (page.parent / script[1]).is_file()
    index = (site / "search/search_index.js").read_text()
    assert json.loads(index.removeprefix("var __index="))["docs"]


def test_the_search_keeps_the_names_of_recipes_and_the_words_of_chapters():
    text = "<p>What it is.</p> <p>More.</p><pre><code>import torch</code></pre>"
    places = ("losses/#focal", "torch/losses/focal/", "torch/losses/focal/#file")
    docs = [{"location": place, "title": "Focal", "text": text} for place in places]
    light = json.loads(postbuild.light_index(json.dumps({"config": {}, "docs": docs})))
    assert light == {"config": {}, "docs": [docs[0], docs[1] | {"text": text[:18]}]}


@pytest.mark.parametrize(
    ("parsed", "written"),
    [
        ("(Tensor, shape(N, C))", "Tensor, shape (N, C)"),
        ("array - like, shape(...)", "array-like, shape (...)"),
        ("nan, 'raise'", '"nan", "raise"'),
    ],
)
def test_types_are_written_as_the_author_did(parsed, written):
    cell = (
        '<td class="doc-param-details">\n<div class="doc-md-description"><p>Scores.</p>'
        '</div>\n<p>\n<span class="doc-param-annotation">\n<b>TYPE:</b>\n'
        f"<code>{parsed}</code></span></p>\n</td>"
    )
    tidy = postbuild.tidy_types(cell)
    assert f"<code>{written}</code>" in tidy
    assert tidy.index(written) < tidy.index("Scores")


def test_drawings_become_part_of_the_page(tmp_path):
    figures = tmp_path / "assets/figures"
    figures.mkdir(parents=True)
    drawing = (
        '<svg class="fig" aria-labelledby="a-title"><title id="a-title">A</title>'
        "<style>.fig{}</style><path/></svg>\n"
    )
    (figures / "a.svg").write_text(drawing)
    picture = '<img alt="A line" src="assets/figures/a.svg">'
    page = postbuild.inline_drawings(picture * 2, tmp_path)
    assert page.count('<svg class="fig" aria-label="A line">') == 2
    assert page.count("<style>") == 1
    assert "id=" not in page


# ---- notebooks: repeatable, and run again when they must


def drawn_by_a_kernel():
    config = Config()
    exec(notebooks.KERNEL, {"get_config": lambda: config})
    from io import StringIO

    import matplotlib as mpl
    from matplotlib.figure import Figure

    inline = config.InlineBackend
    with mpl.rc_context(inline.rc):
        figure = Figure()
        figure.subplots().plot([0, 1], label="rises")
        target = StringIO()
        figure.savefig(target, format="svg", **inline.print_figure_kwargs)
    return target.getvalue()


def test_the_same_numbers_give_the_same_figure():
    first, second = drawn_by_a_kernel(), drawn_by_a_kernel()
    assert first == second
    themed = notebooks.themed(first, "cell1-1", 'A "line"')
    assert themed.startswith('<svg role="img" aria-label="A &quot;line&quot;"')
    assert not re.search("#000000|#0e7c70|<metadata|<!--", themed)
    ids = re.findall(r'\bid="([^"]+)"', themed)
    assert all(name.startswith("cell1-1-") for name in ids)
    used = re.findall(r"(?:href=\"#|url\(#)([^\")]+)", themed)
    assert set(used) <= set(ids)


@pytest.mark.parametrize("source", ["plt.show()", "#| alt:\nplt.show()"])
def test_a_picture_without_description_is_refused(source, tmp_path):
    picture = nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg></svg>"})
    cell = nbformat.v4.new_code_cell(source, outputs=[picture])
    finish = notebooks.Finish(folder=str(tmp_path))
    with pytest.raises(ValueError, match="no description"):
        finish.preprocess(nbformat.v4.new_notebook(cells=[cell]), {})


def test_a_run_is_taken_again_only_while_nothing_changed(tmp_path, monkeypatch):
    here = places(tmp_path)
    notebooks.environment(here)
    run = notebooks.executed(here, here.notebooks[0])
    run.parent.mkdir()
    run.write_text("{}")
    kept = here.cache / "kept"
    kept.touch()
    notebooks.environment(here)
    assert kept.exists()
    monkeypatch.setattr(notebooks, "versions", lambda: ["torch==0"])
    notebooks.environment(here)
    assert not kept.exists()
    assert not run.exists()


# ---- refused


@pytest.mark.parametrize(
    ("link", "notebook", "said"),
    [
        ("[a](nowhere.md) [b](#none)", "", r"(?s)nowhere\.md.*#none"),
        ("no link", "# %%\n1 / 0\n", "ZeroDivisionError"),
    ],
    ids=["links", "notebook"],
)
def test_a_fault_stops_the_build(tmp_path, without_recipes, link, notebook, said):
    with pytest.raises(SystemExit, match=said):
        build(places(tmp_path, link, notebook), "http://127.0.0.1:1/")


def test_a_formula_that_katex_refuses_stops_the_build(tmp_path):
    page = {tmp_path: r'<span class="arithmatex">\(\notacommand\)</span>'}
    with pytest.raises(SystemExit, match="notacommand"):
        postbuild.render_formulas(page)


@pytest.mark.parametrize(
    ("tex", "parts"),
    [
        (r"a = b, \qquad c", ["a = b,", "c"]),
        (r"a \quad b", [r"a \quad b"]),
        (r"\left( a \qquad b \right)", [r"\left( a \qquad b \right)"]),
        (r"\text{a \qquad b} \qquad c", [r"\text{a \qquad b}", "c"]),
        (r"\{ a \qquad b \}", [r"\{ a", r"b \}"]),
        (
            r"\begin{cases} a \qquad b \end{cases} \leftarrow c",
            [r"\begin{cases} a \qquad b \end{cases} \leftarrow c"],
        ),
    ],
)
def test_a_line_of_formulas_may_end_between_them(tmp_path, tex, parts):
    assert postbuild.side_by_side(tex) == parts
    page = {tmp_path: rf'<div class="arithmatex">\[{tex}\]</div>'}
    pages, _ = postbuild.render_formulas(page)
    assert pages[tmp_path].count('class="katex-display"') == len(parts)


def test_a_notebook_may_not_link_to_what_is_not_there(tmp_path):
    (tmp_path / "index.md").touch()
    link = postbuild.site_link("../index.md#a", "notebooks/small.py", tmp_path)
    assert link == "../../#a"
    with pytest.raises(ValueError, match="does not exist"):
        postbuild.site_link("../other.md", "notebooks/small.py", tmp_path)


# ---- served and published


def test_the_server_names_itself_in_the_sitemap(site):
    serving = server(site, 0)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{serving.server_port}/"
    with urllib.request.urlopen(f"{here}sitemap.xml", timeout=10) as answer:
        listed = re.findall(r"<loc>([^<]*)</loc>", answer.read().decode())
    serving.shutdown()
    serving.server_close()
    assert here in listed
    assert all(address.startswith(here) for address in listed)


def test_a_taken_port_is_no_hindrance(site):
    first = server(site, 0)
    second = server(site, first.server_port)
    assert second.server_port != first.server_port
    first.server_close()
    second.server_close()


def git(folder, *arguments):
    run = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return run.stdout


def test_versions_are_published_side_by_side(tmp_path, monkeypatch):
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--bare", str(remote))
    git(tmp_path, "clone", "--quiet", str(remote), str(clone))
    git(clone, "config", "user.name", "Test")
    git(clone, "config", "user.email", "test@example.org")
    monkeypatch.chdir(clone)
    monkeypatch.setattr(deploy, "base_address", lambda: "http://a/")
    here = SimpleNamespace(work=tmp_path / "work", site=tmp_path / "site")
    here.site.mkdir()
    for version in ("0.9", "0.10", "0.2"):
        (here.site / "index.html").write_text(version)
        (here.site / "sitemap.xml").write_text(f"<loc>http://a/{version}/</loc>")
        deploy.publish(here, version, remote="origin", branch="gh-pages", push=True)

    def read(name):
        return git(remote, "show", f"gh-pages:{name}")

    rows = json.loads(read("versions.json"))
    assert [row["version"] for row in rows] == ["0.10", "0.9", "0.2"]
    assert [row["aliases"] for row in rows] == [["latest"], [], []]
    for version in ("0.9", "0.10", "0.2"):
        assert read(f"{version}/index.html") == version
    assert read("latest/index.html") == "0.10"
    assert read("latest/sitemap.xml") == "<loc>http://a/latest/</loc>"
    assert "url=latest/" in read("index.html")
    assert git(remote, "rev-list", "--count", "gh-pages").strip() == "3"
