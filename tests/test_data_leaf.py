"""Leaves in the publisher's files: a table, and pictures of other sizes."""

import csv

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("PIL")

from PIL import Image

from dlcookbook.data.leaf import COLUMNS, load_leaf_folds, read_leaf

HEAD = ["id", "species", *COLUMNS]
SPECIES = ["Acer_Opalus", "Quercus_Rubra", "Tilia_Tomentosa"]


def leaves(n=30):
    rng = np.random.default_rng(0)
    for i in range(n):
        kind = i % len(SPECIES)
        numbers = rng.normal(kind, 0.5, len(COLUMNS)).round(6)
        yield {"id": 7 * i + 1, "species": SPECIES[kind]} | dict(
            zip(COLUMNS, numbers, strict=True)
        )


def put(folder, rows=None, head=HEAD):
    """Write the two things that Kaggle's archives unpack to."""
    rows = list(leaves()) if rows is None else rows
    with (folder / "train.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, head, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    (folder / "images").mkdir(exist_ok=True)
    for i, row in enumerate(leaves()):
        # a number for a leaf, as its height in the picture
        image = np.zeros((40 + 5 * i, 60), "uint8")
        image[:, 20:40] = 255
        Image.fromarray(image).save(folder / "images" / f"{row['id']}.jpg")
    return folder


def changed(at, **values):
    rows = list(leaves())
    rows[at] |= values
    return rows


def test_every_leaf_is_tested_once_with_its_measures_and_species(tmp_path):
    folds = load_leaf_folds(put(tmp_path), seed=1)
    assert len(folds) == 5
    wanted = {
        tuple(np.array([row[c] for c in COLUMNS], "float32").tolist()): i % 3
        for i, row in enumerate(leaves())
    }
    found = {}
    for parts in folds:
        sizes = [len(part.targets) for part in parts]
        assert sizes == [18, 6, 6]
        for part in parts:
            assert set(part.targets) == {0, 1, 2}
            assert part.images.shape == (len(part.targets), 32, 32)
            assert (part.images.dtype, part.numbers.dtype) == (np.float32, np.float32)
            assert part.targets.dtype == np.int64
        rows = [set(map(tuple, part.numbers.tolist())) for part in parts]
        assert len(set.union(*rows)) == 30
        keys = map(tuple, parts[2].numbers.tolist())
        found |= dict(zip(keys, parts[2].targets.tolist(), strict=True))
    assert found == wanted


def test_a_picture_stays_with_its_row(tmp_path):
    put(tmp_path)
    tall = {1 + 7 * i: 40 + 5 * i for i in range(30)}
    by_row = {
        tuple(np.array([row[c] for c in COLUMNS], "float32").tolist()): row["id"]
        for row in leaves()
    }
    for part in load_leaf_folds(tmp_path, folds=2)[0]:
        for numbers, image in zip(part.numbers.tolist(), part.images, strict=True):
            height = tall[by_row[tuple(numbers)]]
            wide = 20 * 32 / max(60, height)
            assert image[16].sum() == pytest.approx(wide, abs=1.5)


def test_a_picture_is_shrunk_as_it_is_and_put_in_the_middle(tmp_path):
    Image.new("L", (100, 50), 255).save(tmp_path / "1.jpg")
    image = read_leaf(tmp_path / "1.jpg", size=20)
    assert image.shape == (20, 20)
    assert image[5:15].min() > 0.99
    assert image[:5].max() == image[15:].max() == 0


def test_the_seed_decides_and_columns_may_be_in_any_order(tmp_path):
    first = load_leaf_folds(put(tmp_path))[0][2]
    again = load_leaf_folds(put(tmp_path, head=HEAD[::-1]))[0][2]
    other = load_leaf_folds(tmp_path, 1)[0][2]
    assert all(map(np.array_equal, first, again))
    assert not np.array_equal(first.numbers, other.numbers)


def test_what_is_missing_is_told_where_to_fetch(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"train.csv is not in .*kaggle"):
        load_leaf_folds(tmp_path)
    put(tmp_path)
    (tmp_path / "images" / "8.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"8.jpg is missing.*images.zip"):
        load_leaf_folds(tmp_path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (changed(2, id="../../secret"), "numbers for ids.*secret"),
        (changed(2, id="-3"), "numbers for ids"),
        (changed(2, id=1), "each once. Received: '1'"),
        (changed(2, margin3="much"), "must have numbers. Received: .*much"),
        (changed(2, shape64=""), "must have numbers"),
        (changed(2, texture9="inf"), "finite"),
        (changed(2, species="Rara"), "5 leaves of each. Received: 4 species, 1"),
        ([], "two species"),
    ],
)
def test_a_wrong_table_is_refused(rows, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        load_leaf_folds(put(tmp_path, rows))


def test_a_missing_column_and_a_line_cut_off_are_named(tmp_path):
    put(tmp_path, head=[name for name in HEAD if name != "shape7"])
    with pytest.raises(ValueError, match="1 missing, such as shape7"):
        load_leaf_folds(tmp_path)
    put(tmp_path)
    path = tmp_path / "train.csv"
    path.write_text(path.read_text()[:-200])
    with pytest.raises(ValueError, match=r"194 fields .* Received: \d+ in line 31"):
        load_leaf_folds(tmp_path)
    content = put(tmp_path).joinpath("train.csv").read_bytes()
    path.write_bytes(content.replace(b"Acer", b"Ac\xe8r", 1))
    with pytest.raises(ValueError, match=r"train.csv must be a CSV in UTF-8. Received"):
        load_leaf_folds(tmp_path)
    rows = content.splitlines()
    path.write_bytes(rows[0] + b",id\n" + b",9\n".join(rows[1:]) + b",9\n")
    with pytest.raises(ValueError, match=r"a column once. Received: id"):
        load_leaf_folds(tmp_path)
    path.write_text("")
    with pytest.raises(ValueError, match="194 columns"):
        load_leaf_folds(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a picture", None])
def test_a_picture_that_is_none_is_refused(content, tmp_path):
    path = put(tmp_path) / "images" / "8.jpg"
    path.write_bytes(path.read_bytes()[:-150] if content is None else content)
    with pytest.raises(ValueError, match=r"8.jpg cannot be read. Received: "):
        load_leaf_folds(tmp_path)


@pytest.mark.parametrize("wrong", [{"folds": 1}, {"validation": 0.9}, {"size": 4}])
def test_arguments_out_of_range_are_refused(wrong, tmp_path):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be .* Received: "):
        load_leaf_folds(put(tmp_path), **wrong)
