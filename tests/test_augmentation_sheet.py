"""Every row of augmentation is executed: calls, labels, tasks, pictures, numbers."""

import colorsys
import json
import random
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dlcookbook import choose
from dlcookbook.sheet import augmentation
from tests import wings
from tests.augmentation import array
from tools.chapters import augmentation as chapter
from tools.fences import scan

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "augmentation.md"
ROWS = augmentation.ROWS
SECTIONS = {row.section or row.slug for row in ROWS}
WORDS = ["the", "film", "was", "not", "good", "at", "all", "and", "much", "too", "long"]

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.slug)
each_call = pytest.mark.parametrize(
    ("row", "wing"),
    [(row, wing) for row in ROWS for wing in wings.WINGS],
    ids=lambda part: getattr(part, "slug", part),
)


def swapped(words, rng):
    """Swap two words."""
    words = list(words)
    i, j = rng.sample(range(len(words)), 2)
    words[i], words[j] = words[j], words[i]
    return words


def scope(row, wing):
    """Return everything that a row's call may mention."""
    rng = np.random.default_rng(0)
    images = rng.random((8, 3, 32, 40)).astype("float32")
    names = {
        "images": images if wing == "torch" else np.moveaxis(images, 1, -1),
        "labels": np.arange(8),
        "masks": rng.integers(0, 3, (8, 32, 40)),
        "boxes": np.tile(np.float32([4, 4, 20, 16]), (8, 2, 1)),
        "matrices": np.tile(np.float32([[1, 0, 5], [0, 1, 0], [0, 0, 1]]), (8, 1, 1)),
        "series": rng.normal(size=(8, 48, 48)).astype("float32"),
    }
    names = {name: wings.tensor(wing, x) for name, x in names.items()}
    words = {"good": "gut", "gut": "fine"}

    def translate(text):
        return " ".join(words.get(word, word) for word in text.split())

    names |= {"words": WORDS, "rng": random.Random(1), "swapped": swapped}
    names |= {"text": "a good film", "to_german": translate, "to_english": translate}
    if row.recipe:
        names |= wings.names(wing, row.recipe)
        names |= wings.names(wing, "augmentation/warp")
    if wing == "keras":
        import keras

        names["keras"] = keras
    return names


# Keras' own layer says so on PyTorch.
@pytest.mark.filterwarnings("ignore:.*Tensor.T is deprecated")
@each_call
def test_the_call_does_what_the_row_says(row, wing):
    names = scope(row, wing)
    got = eval(getattr(row, wing), names)
    if row.section == "text":
        before = names["text"] if row.slug == "back-translation" else names["words"]
        assert got != before
        assert set(got) <= set(before) or row.slug == "back-translation"
        return
    parts = [array(part) for part in (got if isinstance(got, tuple) else (got,))]
    assert len(parts[0]) == 8
    if row.slug in ("masks", "boxes"):
        given = array(names[row.slug])
        # everything moves by five to the right
        if row.slug == "masks":
            np.testing.assert_array_equal(parts[0][:, :, 5:], given[:, :, :-5])
            assert (parts[0][:, :, :5] == 255).all()
        else:
            np.testing.assert_allclose(parts[0], given + np.array([5, 0, 5, 0]))
            assert parts[1].all()
        return
    source = "series" if row.section == "time-series" else "images"
    given = array(names[source])
    if parts[0].shape == given.shape:
        changed = (parts[0] != given).any(axis=tuple(range(1, given.ndim)))
        assert changed.mean() > 0.5
    if source == "images":
        assert parts[0].min() >= 0
        assert parts[0].max() <= 1 + 1e-6
    mixes = len(parts) == 2
    assert mixes == row.label.startswith("mixed")
    if mixes:
        assert parts[1].shape == (8, 10)
        np.testing.assert_allclose(parts[1].sum(axis=1), 1, atol=1e-6)


def spread_of(wing, slug, images):
    """Return what a row's call makes of images of its own, channels last."""
    row = next(row for row in ROWS if row.slug == slug)
    given = wings.tensor(
        wing, np.moveaxis(images, -1, 1) if wing == "torch" else images
    )
    new = array(eval(getattr(row, wing), scope(row, wing) | {"images": given}))
    return np.moveaxis(new, 1, -1) if wing == "torch" else new


@pytest.mark.parametrize("wing", wings.WINGS)
def test_both_calls_of_a_row_do_as_much(wing):
    hidden = 1 - spread_of(wing, "random-erasing", np.ones((600, 24, 24, 1), "float32"))
    # a share of the image, drawn from 0.02 to 0.33
    assert hidden.mean() == pytest.approx(0.17, abs=0.03)
    assert 0.25 < hidden.mean(axis=(1, 2, 3)).max() < 0.38
    grey = np.full((900, 1, 1, 3), [0.5, 0.44, 0.41], "float32")
    colours = spread_of(wing, "color-jitter", grey)[:, 0, 0]
    inside = ((colours > 0) & (colours < 1)).all(axis=1)
    hues = [colorsys.rgb_to_hsv(*colour)[0] for colour in colours[inside]]
    apart = (np.array(hues) - colorsys.rgb_to_hsv(*grey[0, 0, 0])[0] + 0.5) % 1 - 0.5
    # even from -0.05 to 0.05 of the wheel
    assert 0.045 < np.abs(apart).max() < 0.051
    assert apart.std() == pytest.approx(0.1 / 12**0.5, rel=0.1)


@each_row
def test_choose_finds_the_row_by_each_of_its_tasks(row):
    for task in row.tasks:
        answer = choose.answer("augmentation", None, task)
        assert row.torch in answer or f"choose augmentation {row.slug}\n" in answer
    assert row.unsafe in choose.answer("augmentation", row.slug, None)


def test_every_task_is_asked_in_words_and_has_a_line_of_the_table():
    tasks = choose.tasks(augmentation)
    assert all(rows[0].augmenting for rows in tasks.values())
    lines = [row for row in ROWS if row.augmenting]
    assert {id(rows[0]) for rows in tasks.values()} <= {id(row) for row in lines}
    text = PAGE.read_text("utf-8")
    for row in lines:
        assert (
            f"| {row.augmenting} | [{row.name}](#{row.slug}) | {row.unsafe} |" in text
        )


def test_every_row_has_an_address_of_its_own():
    assert len({row.slug for row in ROWS}) == len({r.name for r in ROWS}) == len(ROWS)
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.slug)
        assert re.fullmatch(r"\S.* \d{4} https://\S+", row.source), row.slug


def test_every_section_is_on_the_page_and_belongs_to_a_row():
    text = PAGE.read_text("utf-8")
    shown = re.findall(r"<!-- sheet:augmentation (\S+) -->", text)
    assert Counter(shown) == Counter(SECTIONS)
    headings = re.findall(r"^##+ .* \{ #(\S+) \}$", text, re.MULTILINE)
    assert set(headings) >= SECTIONS
    anchors = set(headings) | set(re.findall(r'<a id="([^"]+)">', text))
    assert {row.slug for row in ROWS} <= anchors


def test_every_recipe_belongs_to_a_row():
    named = {row.recipe.removeprefix("augmentation/") for row in ROWS if row.recipe}
    files = wings.files("torch", "augmentation") | wings.files("keras", "augmentation")
    assert named == files


def test_every_section_has_both_tabs_and_they_show_the_same_numbers():
    fences = scan(PAGE.read_text("utf-8"))
    shown = [fence for fence in fences if fence.is_output and fence.tab]
    pairs = [
        (a, b) for a, b in pairwise(shown) if (a.tab, b.tab) == ("PyTorch", "Keras")
    ]
    assert 2 * len(pairs) == len(shown)
    # text is plain Python
    assert len(pairs) == len(SECTIONS) - 1
    for torch, keras in pairs:
        assert torch.code == keras.code, f"lines {torch.line} and {keras.line}"


def test_the_pictures_are_what_the_recipes_make_and_small():
    pytest.importorskip("torch")
    image = pytest.importorskip("PIL.Image")
    from tools import augmentation_pictures

    text = PAGE.read_text("utf-8")
    for name, rows in augmentation_pictures.sheets().items():
        file = augmentation_pictures.FOLDER / f"{name}.jpg"
        assert file.stat().st_size <= 40_000
        kept = np.asarray(image.open(file)).astype(float)
        wanted = augmentation_pictures.sheet(rows)
        assert kept.shape == wanted.shape
        # what is left is that of the JPEG
        assert np.abs(kept - wanted).mean() < 6
        height, width = kept.shape[:2]
        size = (
            f"augmentation/{name}.jpg){{ width={width} height={height} loading=lazy }}"
        )
        assert size in text


def test_the_measured_effects_are_of_the_variants_and_can_be_measured_again():
    pytest.importorskip("torch")
    from tools import augmentation_evidence as evidence

    measured = json.loads(evidence.FILE.read_text("utf-8"))
    for count in evidence.SIZES:
        rows = measured[str(count)]
        assert list(rows) == list(evidence.variants())
        base = np.array(rows["none"]["seeds"])
        for name, row in rows.items():
            assert row["accuracy"] == pytest.approx(np.mean(row["seeds"]), abs=0.01)
            if name != "none":
                apart = np.array(row["seeds"]) - base
                assert row["difference"] == pytest.approx(apart.mean(), abs=0.01)
    again, _ = evidence.accuracy("flip left to right", 100, 0)
    kept = measured["100"]["flip left to right"]["seeds"][0]
    assert again == pytest.approx(kept, abs=4)


def test_the_measured_speed_was_checked_and_is_what_was_promised():
    measured = json.loads(chapter.SPEED.read_text("utf-8"))
    for name in ("mixup", "cutmix"):
        found = measured[name]
        for method, row in found.items():
            if "ours" in method:
                assert row["label off by"] < 1e-6
        for peer in ("kornia", "keras"):
            assert found["PyTorch, ours, buffer used again"][peer] >= 3
    for method in ("Keras, ours", "Keras, ours, compiled by XLA"):
        assert measured["cutmix"][method]["keras"] >= 3
        assert measured["cutmix"][method]["kornia"] >= 3
        # what nothing that makes a new batch can pass
        floor = measured["mixup"]["a new batch alone: x + 1"]["keras"]
        assert 1 < measured["mixup"][method]["keras"] < floor < 3
