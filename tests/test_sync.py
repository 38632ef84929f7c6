"""The pages hold what the sheet says, and `tools.sync --check` knows when not."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from dlcookbook.sheet import losses
from tools import blocks, figures, svg, sync
from tools.fences import scan

HOMES = [chapter.FIGURES for chapter in sync.CHAPTERS if chapter.FIGURES]


def written(text):
    """Render one page."""
    return sync.render({"page": text})["page"]


def block(name, body=""):
    """Return a page that asks for one block."""
    return f"Before.\n\n<!-- sheet:{name} -->\n{body}<!-- /sheet -->\n\nAfter.\n"


@pytest.fixture(scope="module")
def pages():
    """Every page of the repository as it stands."""
    return {path: path.read_text(encoding="utf-8") for path in sync.pages()}


def test_the_repository_is_fresh(capsys):
    assert sync.main(["--check"]) == 0, capsys.readouterr().out


def test_writing_twice_changes_nothing(pages):
    once = sync.render(pages)
    assert sync.render(once) == once


def test_text_around_a_block_is_left_alone():
    page = written(block("losses"))
    assert page.startswith("Before.\n\n<!-- sheet:losses -->\n")
    assert page.endswith("<!-- /sheet -->\n\nAfter.\n")
    assert page.count("|") > 100


@pytest.mark.parametrize(
    "name", ["losses", "tasks", "differences", "home", "loss focal"]
)
def test_a_table_has_the_same_number_of_cells_in_every_row(name):
    lines = [line for line in written(block(name)).split("\n") if line.startswith("|")]
    cells = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
    assert len(lines) > 3
    assert len(cells) == 1


def test_a_stale_block_is_named(tmp_path, monkeypatch, capsys):
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text(written(block("losses")) + written(block("tasks")))
    monkeypatch.setattr(sync, "ROOT", tmp_path)
    for home in HOMES:
        monkeypatch.setattr(home, "drawings", dict)
    assert sync.main(["--check"]) == 0
    edited = page.read_text().replace("one yes or no", "one yes or none")
    page.write_text(edited)
    assert sync.main(["--check"]) == 1
    out = capsys.readouterr().out
    assert "docs/page.md (sheet:losses)" in out
    assert page.read_text() == edited
    assert sync.main([]) == 0
    assert "one yes or no " in page.read_text()
    assert sync.main(["--check"]) == 0


def test_a_stale_figure_is_named(tmp_path, monkeypatch, capsys):
    drawing = tmp_path / "huber.svg"
    monkeypatch.setattr(sync, "ROOT", tmp_path)
    monkeypatch.setattr(figures, "drawings", lambda: {drawing: "<svg/>\n"})
    assert sync.main(["--check"]) == 1
    assert "huber.svg" in capsys.readouterr().out
    assert sync.main([]) == 0
    assert sync.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (block("nonsense"), "unknown block"),
        (block("loss nonsense"), "no row has the section 'nonsense'"),
        (block("figure nonsense"), "no figure 'nonsense'"),
        (block("trap nonsense"), "no trap 'nonsense'"),
        ("<!-- sheet:losses -->\n", "without its"),
        ("<!-- /sheet -->\n", "without its"),
    ],
)
def test_what_cannot_be_written_is_an_error(page, message):
    with pytest.raises(sync.SyncError, match=message):
        written(page)


def test_an_unknown_block_fails_the_command(tmp_path, monkeypatch, capsys):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text(block("nonsense"))
    monkeypatch.setattr(sync, "ROOT", tmp_path)
    assert sync.main([]) == 1
    assert "nonsense" in capsys.readouterr().err


def test_a_trap_keeps_its_output_until_its_code_changes(monkeypatch):
    ran = []
    monkeypatch.setattr(
        blocks, "run", lambda code: ran.append(code) or "wrong 2.5000   right -0.0000\n"
    )
    page = written(block("trap too_many_units"))
    assert len(ran) == 1
    assert written(page) == page
    assert len(ran) == 1
    assert written(page.replace("100)", "101)")) == page
    assert len(ran) == 2
    assert "**2.5** instead of 0\n" in page


def test_a_trap_becomes_a_script_that_prints(pages):
    for name, (node, source) in sync.trap_functions().items():
        code = sync.trap_code(node, source)
        compile(code, name, "exec")
        assert code.endswith('print(f"wrong {wrong:.4f}   right {right:.4f}")\n')
        assert not code.startswith((" ", "\n"))


def test_the_proof_counts_the_snippets_of_every_page():
    page = block("proof") + "```python\nx = 1\n```\n"
    texts = sync.render({"a": page, "b": "```python\ny = 1\n```\n" * 2})
    assert "- **3** snippets" in texts["a"]


def test_every_section_of_the_losses_has_a_figure():
    assert set(figures.figures()) == {row.section or row.slug for row in losses.ROWS}


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.FOLDER.name)
def test_every_figure_is_drawn_and_shown(home, pages):
    assert set(home.drawings()) == set(home.FOLDER.glob("*.svg"))
    text = "".join(pages.values())
    for slug in home.figures():
        assert f"assets/figures/{home.FOLDER.name}/{slug}.svg" in text


@pytest.mark.parametrize(
    ("home", "slug"),
    [(home, slug) for home in HOMES for slug in home.figures()],
    ids=lambda part: part if isinstance(part, str) else part.FOLDER.name,
)
def test_a_figure_is_small_valid_and_drawn_inside_its_frame(home, slug):
    # the file is what the reference draws: see the test of freshness
    text = (home.FOLDER / f"{slug}.svg").read_text(encoding="utf-8")
    assert len(text) < 7000
    root = ET.fromstring(text)
    names = {name: "{http://www.w3.org/2000/svg}" + name for name in ("title", "desc")}
    for name, tag in names.items():
        assert root.find(tag).attrib["id"] == f"{slug}-{name}"
        assert root.find(tag).text
    for words in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 <= float(words.attrib["x"]) <= svg.WIDTH
        assert 0 < float(words.attrib["y"]) < svg.HEIGHT
    # the short lines of the legend have no `L`
    lines = [p.attrib["d"] for p in root.iter() if {"class", "d"} <= set(p.attrib)]
    curves = [line for line in lines if "L" in line]
    figure = home.figures()[slug]
    assert len(lines) == 2 * len(curves) == 2 * len(figure.curves)
    assert curves or figure.shapes
    for curve in curves:
        x, y = np.array(re.findall(r"([\d.]+) ([\d.]+)", curve), float).T
        assert svg.LEFT - 0.5 <= x.min() < x.max() <= svg.RIGHT + 0.5
        assert svg.TOP - 0.1 <= y.min() <= y.max() <= svg.BOTTOM + 0.1


def test_a_figure_draws_the_function_and_its_slope():
    figure = svg.Figure(
        "title",
        "text",
        (-1, 1),
        (-2, 2),
        "x",
        (
            svg.Curve("f", lambda x: x**2),
            svg.Curve("slope", lambda x: x**2, slope=True),
        ),
        points=3,
    )
    drawn = re.findall(
        r'class="c k1(?: s)?" d="([^"]+L[^"]+)"', svg.svg("slug", figure)
    )
    low, middle, high = svg.BOTTOM, (svg.TOP + svg.BOTTOM) / 2, svg.TOP
    quarter = (high + middle) / 2
    assert drawn[0] == f"M32 {quarter:g}L192 {middle:g}L352 {quarter:g}"
    assert drawn[1] == f"M32 {low:g}L352 {high:g}"


def test_a_line_is_cut_at_its_frame_and_thinned_where_it_is_straight():
    x = np.linspace(0, 100, 101)
    steep = svg.path(x, 4 * x)
    # it enters the frame at the top and leaves it at the bottom
    assert steep == f"M{svg.TOP / 4:g} {svg.TOP}L{svg.BOTTOM / 4:g} {svg.BOTTOM}"
    arc = svg.path(x, 100 - 0.01 * (x - 50) ** 2)
    places = np.array(re.findall(r"([\d.]+) ([\d.]+)", arc), float)
    assert 5 < len(places) < 30
    between = np.interp(x, *places.T)
    assert np.abs(between - (100 - 0.01 * (x - 50) ** 2)).max() < 0.3


def test_the_page_shows_traps_whose_code_is_the_demonstration(pages):
    shown = {
        fence.code for page in pages.values() for fence in scan(page) if fence.is_run
    }
    for node, source in sync.trap_functions().values():
        assert sync.trap_code(node, source) in shown
