"""A file of ages and answers: read whole, refused where it is wrong."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from dlcookbook.data.insurance import load_insurance_split

ROWS = [(age, int(age > 38)) for age in range(20, 60)]
HEAD = "age,bought_insurance\n"


def text(rows=ROWS):
    return HEAD + "".join(f"{age},{answer}\n" for age, answer in rows)


def put(folder, content, encoding="utf-8"):
    path = folder / "insurance_data.csv"
    path.write_text(content, encoding)
    return path


def pairs(*parts):
    inputs = np.concatenate([part.inputs[:, 0] for part in parts])
    return sorted(zip(inputs, np.concatenate([p.targets for p in parts]), strict=True))


def test_every_row_is_in_one_part(tmp_path):
    parts = load_insurance_split(put(tmp_path, text()), seed=4)
    assert pairs(*parts) == ROWS
    assert [len(part.targets) for part in parts] == [24, 8, 8]
    assert all({0, 1} == set(part.targets) for part in parts)
    assert parts[0].inputs.dtype == np.float32
    assert parts[0].targets.dtype == np.int64


def test_people_of_one_age_and_answer_are_kept(tmp_path):
    twice = sorted(ROWS + ROWS[:5])
    assert pairs(*load_insurance_split(put(tmp_path, text(twice)))) == twice


def test_other_columns_another_order_and_a_byte_order_mark_are_no_harm(tmp_path):
    lines = "".join(f"{answer},x,{age}\r\n" for age, answer in ROWS)
    path = put(tmp_path, "bought_insurance,name,age\r\n" + lines, "utf-8-sig")
    assert pairs(*load_insurance_split(path)) == ROWS


def test_the_seed_decides(tmp_path):
    path = put(tmp_path, text())
    first, again, other = (load_insurance_split(path, seed)[2] for seed in (0, 0, 1))
    assert np.array_equal(first.inputs, again.inputs)
    assert not np.array_equal(first.inputs, other.inputs)


def test_a_missing_file_is_told_how_to_make(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"age,bought_insurance.*codebasics"):
        load_insurance_split(tmp_path / "insurance_data.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "must have the columns"),
        (text().replace("age,", "years,"), "no .'age'"),
        (text() + "abc,1\n", "'abc', '1' in line 42"),
        (text() + "-3,1\n", "'-3'"),
        (text() + "nan,1\n", "'nan'"),
        (text() + "33,2\n", "'33', '2'"),
        (text() + "33\n", "'33', ''"),
        (text() + ",1\n", "'', '1'"),
        (text() + "33,1,1\n", "2 fields .* Received: 1 more in line 42"),
        (text(ROWS[:23]), "five rows"),
        (text([(age, 1) for age, _ in ROWS]), "five rows"),
        (HEAD, "five rows"),
    ],
)
def test_a_wrong_file_is_refused(content, message, tmp_path):
    with pytest.raises(ValueError, match=message) as error:
        load_insurance_split(put(tmp_path, content))
    assert "Received: " in str(error.value)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = put(tmp_path, text())
    path.write_bytes(path.read_bytes() + b"3\xff,1\n")
    with pytest.raises(ValueError, match=r"an age of 0 to 130 .* in line 42"):
        load_insurance_split(path)


@pytest.mark.parametrize("shares", [(0.0, 0.2), (0.2, 0.01), (0.5, 0.5), (0.9, 0.2)])
def test_empty_parts_are_refused(shares, tmp_path):
    validation, test = shares
    with pytest.raises(ValueError, match="validation and test"):
        load_insurance_split(put(tmp_path, text()), validation=validation, test=test)
