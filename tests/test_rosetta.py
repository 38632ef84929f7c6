"""Every row of the Rosetta page is executed: how far apart, and with its lines."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dlcookbook import choose
from dlcookbook.sheet import rosetta
from tools.fences import scan

pytest.importorskip("torch")
keras = pytest.importorskip("keras")

from tools import rosetta_evidence as evidence  # noqa: E402

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "rosetta.md"
ROWS = rosetta.ROWS
SLUGS = {row.slug: row for row in ROWS}
RECORD = json.loads(evidence.FILE.read_text(encoding="utf-8"))
BACKEND = keras.backend.backend()
# As much as the rounding of another processor can add to what is left.
ROUNDING = 2e-6

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
on_both = pytest.mark.skipif(
    BACKEND not in evidence.BACKENDS, reason="measured on TensorFlow and torch"
)


def agrees(told, row):
    """Return whether two calls count as the same."""
    return told["kind"] == "number" and told["apart"] <= evidence.near(row)


def holds(row, found, published):
    """Compare what was found with what is published, and with what the row claims."""
    first, then = found["first"], found.get("then")
    if published["first"]["kind"] == "number":
        far = published["first"]["apart"]
        tiny = max(evidence.near(row), ROUNDING)
        assert first["kind"] == "number"
        assert first["apart"] == pytest.approx(far, rel=0.01, abs=tiny)
    else:
        assert first == published["first"]
    assert (then is None) == ("then" not in published)
    if row.kind == "name":
        assert agrees(first, row)
    # on torch, Keras can do what PyTorch does
    if row.kind != "name" and BACKEND == "tensorflow":
        assert not agrees(first, row)
    if row.kind == "default":
        assert agrees(then, row)
        left = published["then"]["apart"]
        assert then["apart"] <= max(2 * left, left + ROUNDING)


@on_both
@each_row
def test_keras_and_torch_are_as_far_apart_as_published(row):
    holds(row, evidence.measure(row), RECORD["rows"][row.slug][BACKEND])


@on_both
@pytest.mark.parametrize(
    ("slug", "field", "old", "new"),
    [
        ("layer-norm-epsilon", "agree_keras", "1e-5", "1e-4"),
        ("layer-norm-epsilon", "keras", "()(x)", "(epsilon=1e-5)(x)"),
        ("gates-of-a-gru", "agree_keras", "b[:, zrn]", "b"),
        ("standard-deviation", "agree_torch", "correction=0", "correction=1"),
        ("gelu-of-keras-ops", "keras", "x)", "x, approximate=False)"),
        ("type-of-argmax", "agree_torch", ".int()", ""),
        ("bilinear", "torch", "'bilinear'", "'bicubic'"),
        ("linear-and-dense", "keras", "layers.Dense(3)", "layers.Dense(3, 'relu')"),
        ("mask-of-multiheadattention", "agree_torch", "~mask", "mask"),
        ("kl-divergence", "agree_torch", "batchmean", "sum"),
        ("batch-norm-the-same-momentum", "agree_keras", "0.1", "0.11"),
        ("what-an-lstm-returns", "agree_keras", "return_sequences", "return_state"),
        ("radam", "keras", "RAdam", "Adam"),
        ("sgd-rate", "agree_keras", "0.001", "0.0011"),
        ("plateau-patience", "agree_keras", "patience=4", "patience=5"),
    ],
)
def test_keras_row_that_is_wrong_is_caught(slug, field, old, new):
    row = SLUGS[slug]
    assert old in getattr(row, field)
    wrong = replace(row, **{field: getattr(row, field).replace(old, new)})
    with pytest.raises(AssertionError):
        holds(wrong, evidence.measure(wrong), RECORD["rows"][slug][BACKEND])


@pytest.mark.parametrize("call", ["F.gelu(nothing)", "F.gelu(x"])
def test_a_row_with_a_slip_is_no_refusal(call):
    wrong = replace(SLUGS["gelu"], torch=call)
    with pytest.raises((NameError, SyntaxError)):
        evidence.measure(wrong)


def test_words_are_not_compared_with_numbers():
    wrong = replace(SLUGS["type-of-argmax"], torch="x.argmax(1)")
    with pytest.raises(TypeError, match="words on one side"):
        evidence.measure(wrong)


@pytest.mark.parametrize("backend", evidence.BACKENDS)
def test_the_record_holds_what_the_rows_claim(backend):
    assert list(RECORD["rows"]) == list(SLUGS)
    for row in ROWS:
        found = RECORD["rows"][row.slug][backend]
        assert ("then" in found) == (row.kind == "default"), row.slug
        if row.kind == "name":
            assert agrees(found["first"], row), row.slug
        elif backend == "tensorflow":
            assert not agrees(found["first"], row), row.slug
        if row.kind == "default":
            assert agrees(found["then"], row), row.slug


@each_row
def test_what_is_not_there_is_said_to_be_missing(row):
    first = RECORD["rows"][row.slug]["tensorflow"]["first"]
    refused = first["kind"] == "refused"
    for wing, name in {"torch": "PyTorch", "keras": "Keras"}.items():
        missing = refused and first[wing] == "AttributeError"
        if missing:
            assert f"none in {name}" in row.why or f"In {name} it is" in row.why
    if refused:
        # a row about what one of them refuses needs the other to accept it
        assert "" in (first["torch"], first["keras"])


@each_row
def test_a_row_is_filled_in(row):
    assert row.section in rosetta.SECTIONS
    assert row.kind in rosetta.KINDS
    assert row.measured in rosetta.MEASURED
    assert (row.kind == "default") == bool(row.agree_torch or row.agree_keras)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
    assert re.fullmatch(r"\S.* https://\S+", row.source)
    for text in filter(None, (row.why, row.costs)):
        assert text.endswith(".")
    # a cell of a table breaks at it, and its code ends at the other
    assert not re.search(r"[|`]", row.torch + row.keras + row.agree_torch)
    page, _, anchor = row.see.partition("#")
    if row.see:
        text = (ROOT / "docs" / (page or "rosetta.md")).read_text(encoding="utf-8")
        assert not anchor or f"{{ #{anchor} }}" in text


def test_rows_are_many_and_none_is_there_twice():
    assert len(ROWS) >= 130
    assert len(SLUGS) == len(ROWS)
    calls = [(row.torch, row.keras, row.setup, row.measured) for row in ROWS]
    assert len(set(calls)) == len(calls)
    assert {row.section for row in ROWS} == set(rosetta.SECTIONS)
    assert sum(bool(row.costs) for row in ROWS) == 10
    assert set(evidence.PROBES) == set(rosetta.MEASURED)
    assert {row.measured for row in ROWS} == set(rosetta.MEASURED)


def test_what_costs_the_most_raises_no_error():
    for row in ROWS:
        if row.costs:
            for told in RECORD["rows"][row.slug].values():
                assert told["first"]["kind"] == "number", row.slug


def test_every_row_has_its_place_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    for row in ROWS:
        assert text.count(f'<a id="{row.slug}"></a>') == 1, row.slug
    for section in rosetta.SECTIONS:
        assert f"<!-- sheet:rosetta {section} -->" in text
        assert f"{{ #{section} }}" in text
    assert text.index("rosetta-filter") < text.index("sheet:rosetta names")
    assert text.index("rosetta-end") > text.index("sheet:rosetta dtypes")


def test_both_tabs_of_a_snippet_print_the_same():
    text = PAGE.read_text(encoding="utf-8")
    printed = [fence.code for fence in scan(text) if fence.is_output]
    assert len(printed) == 6
    assert printed[::2] == printed[1::2]
    assert len(set(printed)) == 3


def test_the_advisor_knows_the_rows():
    asked = choose.answer("rosetta", None, None)
    assert asked.startswith("What do you compare?")
    for section, words in rosetta.SECTIONS.items():
        assert words in asked
        listed = choose.answer("rosetta", None, section)
        first, *rest = [row for row in ROWS if row.section == section]
        assert listed.startswith(f"{first.name}\n")
        assert all(row.name in listed for row in rest)
    card = choose.answer("rosetta", "layer-norm-epsilon", None)
    assert "layers.LayerNormalization(epsilon=1e-5)" in card
