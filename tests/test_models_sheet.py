"""Every row of the sheet of models is built and counted in both wings."""

import inspect
import math
import re
from collections import Counter
from pathlib import Path

import pytest

from dlcookbook import choose
from dlcookbook.sheet import models
from tests import wings

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "models.md"
SECTIONS = {row.section or row.slug for row in models.ROWS}

each_row = pytest.mark.parametrize("row", models.ROWS, ids=lambda row: row.slug)


def shapes(text):
    """Return the shapes that a row speaks of, with one example."""
    found = re.findall(r"\(N((?:, \d+)*),?\)", text)
    return [(1, *map(int, re.findall(r"\d+", shape))) for shape in found]


def recipe(wing, row):
    return vars(wings.module(wing, *row.recipe.split("/")))


@each_row
def test_the_torch_call_has_the_size_and_the_work_of_the_row(row):
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    kind = torch.float32 if row.inputs.startswith("float") else torch.int64
    with torch.device("meta"):
        model = eval(row.torch, recipe("torch", row)).eval()
        given = [torch.zeros(shape, dtype=kind) for shape in shapes(row.inputs)]
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        out = model(*given)
    found = [x.shape for x in (out if isinstance(out, tuple) else (out,))]
    assert found == shapes(row.output)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert f"{trained:,}" == row.parameters
    assert f"{counter.get_total_flops() // 2:,}" == row.multiply_adds


@each_row
def test_the_keras_call_has_the_size_of_the_row(row):
    keras = pytest.importorskip("keras")
    with keras.StatelessScope():
        model = eval(row.keras, recipe("keras", row))
    sizes = [math.prod(w.shape) for w in model.trainable_weights]
    assert f"{sum(sizes):,}" == row.parameters
    channels_last = [s[-1] if len(s) < 4 else s[1] for s in shapes(row.output)]
    assert [x.shape[-1] for x in model.outputs] == channels_last
    assert len(model.inputs) == len(shapes(row.inputs))


@each_row
def test_the_builder_is_what_the_file_offers(row):
    for wing, call in (("torch", row.torch), ("keras", row.keras)):
        name = call.partition("(")[0]
        offered = wings.module(wing, *row.recipe.split("/"))
        assert name in offered.__all__
        assert inspect.isfunction(getattr(offered, name))


def test_every_model_has_a_row():
    assert {row.recipe for row in models.ROWS} == {
        f"models/{file}" for file in wings.files("torch", "models")
    }


def test_every_row_has_an_address_of_its_own():
    slugs = [row.slug for row in models.ROWS]
    assert len(set(slugs)) == len(slugs)
    assert len({row.name for row in models.ROWS}) == len(slugs)
    for row in models.ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug


def test_every_section_is_on_the_page_and_belongs_to_a_row():
    text = PAGE.read_text("utf-8")
    headings = re.findall(r"^### .* \{ #(\S+) \}$", text, re.MULTILINE)
    told = [slug for slug in headings if slug in SECTIONS]
    assert Counter(told) == Counter(SECTIONS)
    assert re.findall(r"<!-- sheet:model (\S+) -->", text) == told
    assert set(re.findall(r"<!-- sheet:model-figure (\S+) -->", text)) <= SECTIONS


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("model", None, task)
        assert row.torch in answer or f"choose model {row.slug}\n" in answer
    assert row.torch in choose.answer("model", row.slug, None)


@pytest.mark.parametrize("slug", ["lenet", "resnet-small"])
def test_a_wrong_row_is_caught(slug):
    from dataclasses import replace

    [row] = [row for row in models.ROWS if row.slug == slug]
    for field, value in (("parameters", "61,707"), ("multiply_adds", "416,521")):
        with pytest.raises(AssertionError):
            test_the_torch_call_has_the_size_and_the_work_of_the_row(
                replace(row, **{field: value})
            )
