"""Toxic Comment Classification Challenge: Wikipedia's comments, six labels each."""

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["load_jigsaw_split"]

LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")


class Part(NamedTuple):
    """Comments and their labels, in the same order."""

    texts: np.ndarray
    targets: np.ndarray


def load_jigsaw_split(
    folder: str | os.PathLike, seed: int = 0, *, validation: float = 0.1
) -> tuple[Part, Part, Part]:
    """Read the comments, and set aside a part of the training file for validation.

    The test part is the published one, without the rows that were never scored: their
    labels are -1 in `test_labels.csv`, and to take them for 0 or 1 spoils every metric.
    Most comments have no label at all; nothing is balanced. Spaces and line breaks
    become single spaces. Dropped are comments of the training file that are word for
    word in the test file, and copies within it, the first one aside.

    Parameters
    ----------
    folder : path
        With `train.csv`, `test.csv` and `test_labels.csv`, unpacked.
    seed : int >= 0
        Decides which comments become validation.
    validation : float in (0, 1)
        Share of the training comments.

    Returns
    -------
    tuple of (texts, targets), three of them: training, validation, test
        `texts`: ndarray, shape (N,), of str, all in memory; `targets`: ndarray, shape
        (N, 6), float32, 1 for each label of a comment, in the order of `LABELS`.

    Raises
    ------
    FileNotFoundError
        If a file is missing: what to fetch, and where to put it.
    ValueError
        If a column is missing, a row is cut off, a label is not 0 or 1 (in the test
        file, -1 in all six columns), an ID is there twice or in one test file only, or
        `validation` leaves a part empty.

    Examples
    --------
    >>> load_jigsaw_split("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: train.csv is not in nowhere...

    References
    ----------
    Jigsaw & Conversation AI, 2017.
    <https://www.kaggle.com/c/jigsaw-toxic-comment-classification-challenge>
    """
    folder = Path(folder)
    every = _table(folder / "train.csv", ("comment_text", *LABELS))
    comments = _table(folder / "test.csv", ("comment_text",))
    scores = _table(folder / "test_labels.csv", LABELS)
    if comments.keys() != scores.keys():
        odd = sorted(comments.keys() ^ scores.keys())[0]
        raise ValueError(
            "test.csv and test_labels.csv must have the same IDs. Received: "
            f"{odd} in one of them"
        )
    texts, rows = [], []
    for key, cells in scores.items():
        if set(cells) != {"-1"}:
            texts.append(_clean(comments[key][0]))
            rows.append(_labels(cells, f"test_labels.csv, {key}"))
    test = _part(texts, rows)
    seen = set(texts)
    texts, rows = [], []
    for key, (text, *cells) in every.items():
        text = _clean(text)
        labels = _labels(cells, f"train.csv, {key}")
        if text not in seen:
            seen.add(text)
            texts.append(text)
            rows.append(labels)
    whole, count = _part(texts, rows), round(validation * len(texts))
    if not 0 < count < len(texts) or not len(test.texts):
        raise ValueError(
            "validation must leave comments for each part. Received: "
            f"{validation} of {len(texts)}, and {len(test.texts)} with a score to test"
        )
    order = np.random.default_rng(seed).permutation(len(texts))
    held, kept = np.sort(order[:count]), np.sort(order[count:])
    return Part(*(x[kept] for x in whole)), Part(*(x[held] for x in whole)), test


def _table(path: Path, columns: tuple[str, ...]) -> dict[str, list[str]]:
    """Read the cells of some columns, by ID."""
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.name} is not in {path.parent}. Fetch train.csv, test.csv and "
            "test_labels.csv of https://www.kaggle.com/c/"
            "jigsaw-toxic-comment-classification-challenge/data (an account and its "
            "rules accepted are needed), unpack them into one folder, and name it"
        )
    found: dict[str, list[str]] = {}
    for row in _rows(path, ("id", *columns)):
        if row["id"] in found:
            raise ValueError(f"{path.name} must have an ID once. Received: {row['id']}")
        found[row["id"]] = [row[name] for name in columns]
    return found


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Read the rows of a file, whose comments hold commas, quotes and line breaks."""
    # a comment may be longer than what csv takes for a mistake
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file, strict=True)
        try:
            names = table.fieldnames or []
            if missing := [name for name in columns if name not in names]:
                raise ValueError(
                    f"{path.name} must have the columns {', '.join(columns)}. "
                    f"Received: {', '.join(names)}; {', '.join(missing)} missing"
                )
            for row in table:
                if None in row or None in row.values():
                    raise ValueError(
                        f"{path.name} must have {len(names)} cells in each row. "
                        f"Received: another number before line {table.line_num + 1}"
                    )
                yield row
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(
                f"{path.name} must be whole, in UTF-8. Received: {error} in line "
                f"{table.line_num}"
            ) from None


def _labels(cells: list[str], place: str) -> list[int]:
    """Return six labels as numbers."""
    if not set(cells) <= {"0", "1"}:
        raise ValueError(f"labels must be 0 or 1. Received: {cells} in {place}")
    return [int(cell) for cell in cells]


def _clean(text: str) -> str:
    return " ".join(text.split())


def _part(texts: list[str], rows: list[list[int]]) -> Part:
    targets = np.array(rows, np.float32).reshape(len(rows), len(LABELS))
    return Part(np.array(texts, object), targets)
