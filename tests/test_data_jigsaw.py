"""The comments are read as they are published: unscored rows dropped, faults named."""

import csv

import numpy as np
import pytest

from dlcookbook.data.jigsaw import LABELS, load_jigsaw_split

COMMENTS = 40


def write(path, columns, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([columns, *rows])


@pytest.fixture
def folder(tmp_path):
    """Write the three files; every third comment of the test file is unscored."""
    rows = []
    for i in range(COMMENTS):
        labels = [int(i % (j + 2) == 0) for j in range(6)]
        text = f'Number {i}, says "who"?\n\n  == É ==, label 0 is {labels[0]}'
        rows.append([f"{i:016x}", text, *labels])
    write(tmp_path / "train.csv", ["id", "comment_text", *LABELS], rows)
    tests = [[f"t{i:015x}", f"another comment {i}"] for i in range(30)]
    write(tmp_path / "test.csv", ["id", "comment_text"], tests)
    scores = [
        [key, *([-1] * 6 if i % 3 == 0 else [i % 2, 0, 0, 0, 1, 0])]
        for i, (key, _) in enumerate(tests)
    ]
    # the order of the rows is not promised
    write(tmp_path / "test_labels.csv", ["id", *LABELS], scores[::-1])
    return tmp_path


def test_comments_keep_their_labels_commas_quotes_and_letters(folder):
    train, validation, _ = load_jigsaw_split(folder, validation=0.25)
    assert (len(train.texts), len(validation.texts)) == (30, 10)
    for part in (train, validation):
        assert part.targets.dtype == np.float32
        assert part.targets.shape == (len(part.texts), 6)
        for text, row in zip(*part, strict=True):
            number = int(text.split()[1].strip(","))
            assert text.startswith(f'Number {number}, says "who"? == É ==,')
            assert row.tolist() == [number % (j + 2) == 0 for j in range(6)]


def test_rows_without_a_score_are_dropped(folder):
    *_, test = load_jigsaw_split(folder)
    numbers = [int(text.split()[-1]) for text in test.texts]
    assert sorted(numbers) == [i for i in range(30) if i % 3]
    assert set(np.unique(test.targets)) == {0, 1}
    for number, row in zip(numbers, test.targets, strict=True):
        assert row.tolist() == [number % 2, 0, 0, 0, 1, 0]


def test_the_seed_decides_and_no_comment_is_in_two_parts(folder):
    first, again, other = (load_jigsaw_split(folder, seed) for seed in (0, 0, 1))
    assert np.array_equal(first[1].texts, again[1].texts)
    assert set(first[1].texts) != set(other[1].texts)
    assert not set(first[0].texts) & set(first[1].texts)


def test_copies_leave_the_training_part(folder):
    path = folder / "train.csv"
    with path.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    rows[3][1] = "another  comment\n4"
    rows[5][1] = rows[4][1] + "  "
    write(path, columns, rows)
    train, validation, test = load_jigsaw_split(folder)
    texts = [*train.texts, *validation.texts]
    assert len(texts) == len(set(texts)) == COMMENTS - 2
    assert "another comment 4" in test.texts
    assert "another comment 4" not in texts


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("train.csv", '"threat"', '"menace"', r"train.csv must .* threat missing"),
        ("test.csv", '"comment_text"', '"text"', r"test.csv must .* comment_text miss"),
        ("test_labels.csv", '"1"', '"2"', r"labels must be 0 or 1. Received: .*'2'"),
        ("test_labels.csv", '"-1","-1"\n', '"-1","0"\n', r"labels must be 0 or 1"),
        ("train.csv", f'"{3:016x}"', f'"{2:016x}"', r"train.csv must have an ID once"),
        ("test.csv", '"t000000000000001"', '"new"', r"must have the same IDs"),
        ("test_labels.csv", '"-1","-1"\n', '"-1"\n', r"must have 7 cells in each row"),
    ],
)
def test_faults_are_named(folder, name, old, new, message):
    path = folder / name
    text = path.read_text("utf-8").replace("\r\n", "\n")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ValueError, match=message):
        load_jigsaw_split(folder)


def test_a_file_that_was_cut_off_in_a_comment_is_named(folder):
    path = folder / "test.csv"
    path.write_text(path.read_text("utf-8").rstrip()[:-1], "utf-8")
    with pytest.raises(ValueError, match=r"test.csv must be whole"):
        load_jigsaw_split(folder)


def test_a_byte_order_mark_is_no_harm_and_another_encoding_is_named(folder):
    path = folder / "train.csv"
    text = path.read_text("utf-8")
    path.write_text(text, "utf-8-sig")
    assert len(load_jigsaw_split(folder)[0].texts) == 36
    path.write_text(text, "latin-1")
    with pytest.raises(ValueError, match=r"train.csv must be .* UTF-8. Received"):
        load_jigsaw_split(folder)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_part_without_comments_is_refused(folder, share):
    with pytest.raises(ValueError, match="validation must leave comments"):
        load_jigsaw_split(folder, validation=share)


@pytest.mark.parametrize("name", ["train.csv", "test.csv", "test_labels.csv"])
def test_a_missing_file_is_named_and_where_it_is_to_be_had(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is not in .*kaggle.com"):
        load_jigsaw_split(folder)


def test_a_comment_longer_than_csv_allows_by_default_is_read(folder):
    path = folder / "test.csv"
    text = path.read_text("utf-8").replace("another comment 1\n", "no")
    long = text.replace('another comment 2"', "word " * 40_000 + '"')
    assert long != text
    path.write_text(long, "utf-8")
    *_, test = load_jigsaw_split(folder)
    assert max(map(len, test.texts)) > 150_000
