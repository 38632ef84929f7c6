"""Python's help topics and text files: cut in honest places, read strictly."""

import codecs
import sys

import numpy as np
import pytest

from dlcookbook.data import python_docs
from dlcookbook.data.python_docs import distinct_topics, load_python_docs_split
from dlcookbook.data.text_file import load_text_split, read_text, text_windows

LONG = "A paragraph that is said twice, word for word, and is long enough to matter: "
LONG += "more than a hundred letters of it."


def text_of(part) -> str:
    return bytes(part.targets.astype("uint8")).decode()


def paragraphs(text: str) -> set[str]:
    return {" ".join(p.split()) for p in text.split("\n\n") if len(p.split()) > 8}


def lines(*, start: int, count: int) -> str:
    return "".join(f"line number {i} of a text\n" for i in range(start, start + count))


@pytest.mark.parametrize("seed", [0, 1, 100])
def test_a_topic_and_a_paragraph_are_in_one_part(seed):
    texts = [text_of(part) for part in load_python_docs_split(seed)]
    for text in distinct_topics().values():
        assert sum(text in part for part in texts) == 1
    train, validation, test = map(paragraphs, texts)
    assert len(test) > 50
    assert not train & test
    assert not train & validation
    assert not validation & test
    total = sum(map(len, texts))
    for text in texts[1:]:
        assert 0.08 * total < len(text) < 0.11 * total


def test_topics_that_are_chapters_of_others_would_leak_and_are_gone(monkeypatch):
    kept = distinct_topics()
    left_out = set(python_docs.topics) - set(kept)
    assert "class" in left_out
    everything = paragraphs("\n\n".join(kept.values()))
    lost = paragraphs("\n\n".join(python_docs.topics[name] for name in left_out))
    assert len(lost & everything) > 0.8 * len(lost)
    # the same, planted: indented, and broken in other places
    broken = "   " + LONG.replace(" said twice, ", " said twice,\n   ")
    topics = {"long": f"{LONG}\n\n{lines(start=0, count=20)}", "chapter": broken}
    topics |= {"other": f"{broken}\n\n{lines(start=30, count=10)}"}
    monkeypatch.setattr(python_docs, "topics", topics)
    found = distinct_topics()
    assert list(found) == ["long", "other"]
    assert "said twice" not in found["other"]
    assert "line number 39" in found["other"]


def test_the_seed_decides_about_topics():
    first, again, other = (load_python_docs_split(seed) for seed in (3, 3, 4))
    for mine, yours in zip(first, again, strict=True):
        assert np.array_equal(mine.targets, yours.targets)
    assert text_of(first[2]) != text_of(other[2])
    for part in first:
        assert part.inputs.dtype == part.targets.dtype == np.int64
        assert part.inputs[0] == ord("\n")
        assert np.array_equal(part.inputs[1:], part.targets[:-1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, r"seed must be .* Received: -1$"),
        ({"seed": 0.5}, r"seed must be .* Received: 0.5$"),
        ({"test": 0.01}, r"test must be .* Received: 0.01$"),
        ({"validation": 0.5}, r"validation must be .* Received: 0.5$"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_python_docs_split(**arguments)


def test_a_python_with_hardly_any_topics_is_refused(monkeypatch):
    monkeypatch.setattr(python_docs, "topics", {"one": LONG})
    with pytest.raises(ValueError, match="fill every part") as found:
        load_python_docs_split(0)
    assert sys.version.split()[0] in str(found.value)


def test_a_file_is_cut_in_order_at_the_ends_of_lines(tmp_path):
    whole = lines(start=100, count=200)
    (tmp_path / "text").write_text(whole)
    parts = [text_of(part) for part in load_text_split(tmp_path / "text")]
    assert "".join(parts) == whole
    assert [text.count("\n") for text in parts] == [160, 20, 20]
    assert all(text.endswith("\n") for text in parts)


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_line_ends_and_marks_make_no_difference(ends, mark, tmp_path):
    text = "Grün, 東京\nline\n\nlast\n"
    data = mark + text.replace("\n", ends).encode()
    (tmp_path / "text").write_bytes(data)
    assert read_text(tmp_path / "text") == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("Grün".encode("latin-1"), "must be in UTF-8.* fc 6e at byte 2"),
        ("text".encode("utf-16"), "must be in UTF-8.* ff fe .* at byte 0"),
        (b"\xed\xa0\x80", "must be in UTF-8"),  # half a pair of UTF-16
        ("cut off: ü".encode()[:-1], "must be in UTF-8.* c3 at byte 9"),
        (b"a\0b", "must be a text. Received: a zero at character 1"),
        (b"", "must have text. Received: 0 bytes"),
        (codecs.BOM_UTF8, "must have text. Received: 3 bytes"),
        (b" \n\r\n", "must have text. Received: 4 bytes, blank"),
        (b"one line only", "must have lines for three parts"),
    ],
)
def test_what_is_no_text_is_refused(data, message, tmp_path):
    (tmp_path / "text").write_bytes(data)
    with pytest.raises(ValueError, match=message):
        load_text_split(tmp_path / "text")


def test_a_missing_file_says_what_to_do(tmp_path):
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(FileNotFoundError, match="must be a text file"):
            load_text_split(path)


def test_a_paragraph_that_comes_again_is_taken_out_and_said(tmp_path):
    short = "Again.\n\n"
    pieces = [lines(start=100, count=160), lines(start=300, count=20)]
    pieces += [lines(start=500, count=20)]
    text = "\n".join(f"{LONG}\n\n{short}{piece}" for piece in pieces)
    (tmp_path / "text").write_text(text)
    with pytest.warns(UserWarning, match="2 paragraphs of .* were taken out"):
        parts = load_text_split(tmp_path / "text", validation=0.12, test=0.12)
    assert [text_of(part).count(LONG) for part in parts] == [1, 0, 0]
    assert [text_of(part).count("Again.") for part in parts] == [1, 1, 1]
    assert "line number 519" in text_of(parts[2])


def test_a_part_of_nothing_but_repetition_is_refused(tmp_path):
    (tmp_path / "text").write_text(f"{LONG}\n\n" * 30)
    with pytest.raises(ValueError, match="text of its own in every part"):
        load_text_split(tmp_path / "text")


@pytest.mark.parametrize("size", [1, 5, 16, 17, 31, 32, 100])
@pytest.mark.parametrize("step", [1, 5, 8, 16])
def test_every_byte_is_a_target_once_with_enough_before_it(size, step):
    inputs, targets = np.arange(size), np.arange(1, size + 1)
    x, y = text_windows(inputs, targets, length=16, step=step)
    assert y[y >= 0].tolist() == targets.tolist()
    rows, columns = np.nonzero(y >= 0)
    assert np.array_equal(x[rows, columns] + 1, y[rows, columns])
    later = y[rows, columns] > 16
    assert (columns[later] >= 16 - step).all()


def test_windows_of_impossible_sizes_are_refused():
    for step in (0, 9):
        with pytest.raises(ValueError, match=rf"step must be .* Received: {step}, 8"):
            text_windows(np.arange(20), np.arange(20), length=8, step=step)
    for other in (19, 0):
        with pytest.raises(ValueError, match="inputs and targets must"):
            text_windows(np.arange(other), np.arange(20 * (other > 0)), 8, 8)
