"""Every row of the sheet of metrics is executed: its calls, its names, its place."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import metrics
from tests import wings
from tests.arrays import build

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "metrics.md"
SECTIONS = {row.section or row.slug for row in metrics.ROWS}
# Enough for every class to be there, and to be predicted.
N = 60
LIBRARIES = ("torch", "keras", "numpy", "sklearn")
CALLS = [
    pytest.param(row, library, id=f"{row.slug}-{library}")
    for row in metrics.ROWS
    for library in LIBRARIES
    if getattr(row, library)
]
each_row = pytest.mark.parametrize("row", metrics.ROWS, ids=lambda row: row.slug)


def inputs(row, rng):
    """Make all that a row's calls mention, in torch's layout."""
    outputs = build(row.outputs, rng, N=N)
    targets = build(row.targets, rng, outputs, N=N)
    given = {name: build(spec, rng, targets, N=N) for name, spec in row.given}
    return {"outputs": outputs, "targets": targets, **given}


def definition(row, arrays):
    """Call the reference as the row says."""
    call = wings.function("reference", row.reference)
    scope = {"call": call, **arrays}
    result = eval(f"call(outputs, targets, {row.arguments})", scope)
    if isinstance(result, dict):
        result = result[re.search(r"\['(\w+)'\]$", row.numpy)[1]]
    return np.asarray(result, np.float64)


def called(row, library, arrays):
    """Run a row's call in a library."""
    scope = {}
    if library == "sklearn":
        scope |= vars(pytest.importorskip("sklearn.metrics"))
    else:
        module = pytest.importorskip(library)
        scope["keras" if library == "keras" else library] = module
        if row.recipe:
            scope |= vars(wings.module(library, *row.recipe.split("/")))
    for name, array in arrays.items():
        # Keras and NumPy have the classes last; scikit-learn knows no other axis
        if library in ("keras", "numpy") and array.ndim == 4:
            array = np.moveaxis(array, 1, -1)
        scope[name] = wings.tensor(library, array)
    return wings.numbers(eval(getattr(row, library), scope))[0]


@pytest.mark.parametrize(("row", "library"), CALLS)
def test_the_call_means_what_the_definition_says(row, library, rng):
    arrays = inputs(row, rng)
    got, want = called(row, library, arrays), definition(row, arrays)
    assert got.shape == want.shape
    assert np.isfinite(want).all()
    # Keras' own metrics compute in float32
    ours = library != "keras" or row.recipe
    np.testing.assert_allclose(got, want, rtol=1e-6 if ours else 1e-5, atol=1e-7)


@each_row
def test_the_definition_depends_on_all_that_it_is_given(row, rng):
    arrays = inputs(row, rng)
    was = definition(row, arrays)
    for name, spec in {"outputs": row.outputs, "targets": row.targets}.items():
        # a count can come out the same by chance, but not three times
        others = [build(spec, rng, arrays["outputs"], N=N) for _ in range(3)]
        found = [definition(row, {**arrays, name: other}) for other in others]
        assert not np.allclose(found, was), name


@pytest.mark.parametrize(
    ("slug", "library", "old", "new"),
    [
        ("f-beta", "torch", "beta=2.0", "beta=1.9"),
        ("f-beta", "sklearn", "'macro'", "'weighted'"),
        ("precision", "keras", "targets, outputs", "outputs, targets"),
        ("top-k-accuracy", "numpy", "k=2", "k=3"),
    ],
)
def test_a_wrong_row_is_caught(slug, library, old, new, rng):
    [row] = [row for row in metrics.ROWS if row.slug == slug]
    assert old in getattr(row, library)
    wrong = replace(row, **{library: getattr(row, library).replace(old, new)})
    with pytest.raises(AssertionError):
        test_the_call_means_what_the_definition_says(wrong, library, rng)


def test_every_row_has_an_address_of_its_own():
    slugs = [row.slug for row in metrics.ROWS]
    assert len(set(slugs)) == len(slugs)
    assert len({row.name for row in metrics.ROWS}) == len(slugs)
    for row in metrics.ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* https://\S+", row.source), row.slug


def test_every_section_is_on_the_page_and_belongs_to_a_row():
    text = PAGE.read_text("utf-8")
    headings = re.findall(r"^### .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert Counter(headings) == Counter(SECTIONS)
    assert re.findall(r"<!-- sheet:metric (\S+) -->", text) == headings
    anchors = set(headings) | set(re.findall(r'<a id="([^"]+)">', text))
    assert {row.slug for row in metrics.ROWS} <= anchors


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("metric", None, task)
        assert row.numpy in answer or f"choose metric {row.slug}\n" in answer
    assert row.numpy in choose.answer("metric", row.slug, None)


@pytest.mark.parametrize("row", metrics.ANSWERS, ids=lambda row: row.question)
def test_libraries_disagree_about_the_same_predictions(row):
    text = PAGE.read_text("utf-8")
    [line] = [line for line in text.splitlines() if f"| {row.question} |" in line]
    said = [cell.strip("` ") for cell in line.split("|")[2:7]]
    asked = [row.ours, row.sklearn, row.torchmetrics, row.torcheval, row.keras]
    for call, answer in zip(asked, said, strict=True):
        assert bool(call) == (answer != "\N{EN DASH}")
    # the snippet on the page recomputes the numbers; here: they do differ
    assert len({answer for answer in said if answer != "\N{EN DASH}"}) > 1
