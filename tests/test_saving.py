"""Every kind of file is written and read elsewhere; the page says what came back."""

import ast
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dlcookbook import choose
from dlcookbook.sheet import saving
from tools import saving_facts
from tools.chapters import saving as chapter

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "saving.md"
ROWS = saving.ROWS
MEASURED = json.loads(saving_facts.FILE.read_text("utf-8"))

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
each_wing = pytest.mark.parametrize("wing", saving_facts.WINGS)


@pytest.fixture(scope="module", params=saving_facts.WINGS)
def again(request):
    """Measure anew what comes back."""
    pytest.importorskip(request.param)
    for name in ("onnxruntime", "safetensors"):
        pytest.importorskip(name)
    if request.param == "keras":
        for name in ("tensorflow", "tf2onnx", "ai_edge_litert"):
            pytest.importorskip(name)
    return request.param, saving_facts.facts(request.param)


def test_what_came_back_is_what_the_page_says(again):
    wing, found = again
    assert list(found) == list(MEASURED[wing])
    for slug, fact in found.items():
        said = MEASURED[wing][slug]
        for name in ("without_code", "optimizer", "trains", "any_batch"):
            assert fact[name] is said[name], (slug, name)
        # another version writes another header
        assert fact["bytes"] == pytest.approx(said["bytes"], rel=0.2), slug
        assert fact["difference"] < saving_facts.NEAR


def test_the_questions_tell_the_files_apart(again):
    _, found = again
    for name in ("without_code", "optimizer", "trains"):
        assert {fact[name] for fact in found.values()} == {True, False}


@pytest.mark.parametrize(
    ("slug", "new"),
    [
        # reads nothing, and the model answers as it began
        ("weights", "torch.load(path, weights_only=True)"),
        ("checkpoint", "model.load_state_dict(torch.load(path)['weights'])"),
    ],
)
def test_a_row_that_reads_wrongly_is_noticed(slug, new, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    pytest.importorskip("onnxruntime")
    [row] = [row for row in ROWS if row.slug == slug]
    monkeypatch.setattr(saving_facts, "ROWS", [replace(row, torch_load=new)])
    code = tmp_path / saving_facts.CODE_LIES_IN
    code.mkdir()
    (code / "net.py").write_text(saving_facts.CODE)
    monkeypatch.syspath_prepend(str(code))
    saving_facts.write("torch", tmp_path)
    fact = saving_facts.read("torch", tmp_path)[slug]
    assert "error" in fact or fact["difference"] > 0.01


@each_row
def test_a_row_is_whole(row):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", row.slug)
    assert re.fullmatch(r"\S.* https://\S+", row.source)
    for wing in saving_facts.WINGS:
        calls = getattr(row, wing), getattr(row, f"{wing}_load")
        assert len({bool(t) for t in (*calls, getattr(row, f"{wing}_file"))}) == 1
        for call in calls:
            names = {n.id for n in ast.walk(ast.parse(call)) if isinstance(n, ast.Name)}
            assert "path" in names or not call


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("saving", None, task)
        assert row.keras in answer or f"choose saving {row.slug}\n" in answer
    assert row.keras in choose.answer("saving", row.slug, None)


def test_every_task_has_a_line_of_the_table_and_every_row_a_section():
    text = PAGE.read_text("utf-8")
    lines = [row for row in ROWS if row.handing]
    assert [rows[0] for rows in choose.tasks(saving).values()] == lines
    for row in lines:
        assert f"| {row.handing} | [{row.name}](#{row.slug}) |" in text
    sections = re.findall(r"<!-- sheet:saving (\S+) -->", text)
    assert sections == [row.slug for row in ROWS]
    headings = re.findall(r"^##+ .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert set(headings) == set(sections)


@each_wing
def test_the_page_has_the_numbers_of_the_file(wing):
    [row] = [row for row in ROWS if row.slug == "checkpoint"]
    size = MEASURED[wing]["checkpoint"]["bytes"]
    assert chapter.kilobytes(row, wing) == f"{round(size / 1000)} kB"
    assert chapter.kilobytes(row, wing) in chapter.overview(None)
