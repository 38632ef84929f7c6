"""Kaggle's leaf classification: 192 measures and a picture of each leaf, 99 species."""

import csv
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from sklearn.model_selection import StratifiedKFold, train_test_split

__all__ = ["load_leaf_folds", "read_leaf"]

COLUMNS = tuple(
    f"{kind}{i}" for kind in ("margin", "shape", "texture") for i in range(1, 65)
)


class Part(NamedTuple):
    """Measures, pictures and species of leaves, in the same order."""

    numbers: np.ndarray
    images: np.ndarray
    targets: np.ndarray


def load_leaf_folds(
    folder: str | os.PathLike,
    seed: int = 0,
    *,
    folds: int = 5,
    validation: float = 0.25,
    size: int = 32,
) -> list[tuple[Part, Part, Part]]:
    """Read `train.csv` and the pictures, and split them so that each is tested once.

    Ten leaves of each species: one test part of two each says little. The measures are
    not scaled. Species are numbered in the order of the alphabet. The published test
    file has no answers and is not read.

    Parameters
    ----------
    folder : path
        With `train.csv` and the folder `images` of `<id>.jpg`.
    seed : int in [0, 2**32)
        Decides which leaf goes where.
    folds : int in [2, 10]
        How many; every species has as many leaves or more.
    validation : float in [0.1, 0.5]
        Share of what is not the test part.
    size : int in [8, 512]
        Height and width to which pictures are shrunk: all of them are in memory.

    Returns
    -------
    list of (training, validation, test), one for each fold
        Each of the parts has `numbers`: ndarray, shape (N, 192), float32; `images`:
        ndarray, shape (N, size, size), float32, 0 (ground) to 1 (leaf); `targets`:
        ndarray, shape (N,), int64, from 0.

    Raises
    ------
    FileNotFoundError
        If the table or a picture is missing: what to fetch, and where to put it.
    ValueError
        If a column is missing or there twice, a line has not as many fields as the
        first, an id is no number or there twice, a measure is not finite, a picture
        cannot be read, there are fewer leaves of a species than folds, or an argument
        is out of its range.

    Examples
    --------
    >>> load_leaf_folds("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: train.csv is not in nowhere...

    References
    ----------
    Mallah, Cope & Orwell, "Plant Leaf Classification Using Probabilistic Integration of
    Shape, Texture and Margin Features", 2013.
    <https://www.kaggle.com/competitions/leaf-classification>
    """
    if not isinstance(folds, int) or not 2 <= folds <= 10:
        raise ValueError(f"folds must be in [2, 10]. Received: {folds!r}")
    if not 0.1 <= validation <= 0.5:
        raise ValueError(f"validation must be in [0.1, 0.5]. Received: {validation!r}")
    folder = Path(folder)
    path = folder / "train.csv"
    if not path.is_file():
        raise FileNotFoundError(
            f"train.csv is not in {folder}. Fetch train.csv.zip and images.zip from "
            "https://www.kaggle.com/competitions/leaf-classification/data, unpack both "
            "into one folder (train.csv, images/1.jpg, ...), and name that folder"
        )
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, *lines = list(csv.reader(file)) or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} must be a CSV in UTF-8. Received: {error}") from None
    if lost := [name for name in ("id", "species", *COLUMNS) if name not in head]:
        raise ValueError(
            f"{path} must have 194 columns. Received: {len(lost)} missing, such as "
            f"{lost[0]}"
        )
    if len(set(head)) < len(head):
        raise ValueError(
            f"{path} must have a column once. Received: {max(head, key=head.count)}"
        )
    if odd := [i for i, line in enumerate(lines, 2) if len(line) != len(head)]:
        raise ValueError(
            f"{path} must have {len(head)} fields in every line. Received: "
            f"{len(lines[odd[0] - 2])} in line {odd[0]}"
        )
    at = {name: head.index(name) for name in ("id", "species", *COLUMNS)}
    ids = [line[at["id"]] for line in lines]
    # also keeps a path out of the name of a file
    wrong = [i for i in ids if not (i.isascii() and i.isdigit())]
    if wrong or len(set(ids)) < len(ids):
        raise ValueError(
            f"{path} must have numbers for ids, each once. Received: "
            f"{wrong[0] if wrong else max(ids, key=ids.count)!r}"
        )
    try:
        values = [[float(line[at[name]]) for name in COLUMNS] for line in lines]
    except ValueError as error:
        raise ValueError(f"{path} must have numbers. Received: {error}") from None
    numbers = np.array(values, "float32").reshape(len(lines), len(COLUMNS))
    if not np.isfinite(numbers).all():
        raise ValueError(f"{path} must have finite numbers. Received: NaN or infinity")
    names, targets = np.unique(
        np.array([line[at["species"]] for line in lines]), return_inverse=True
    )
    counts = np.bincount(targets, minlength=1)
    if len(names) < 2 or counts.min() < max(folds, 4):
        raise ValueError(
            f"{path} must have two species, {max(folds, 4)} leaves of each. "
            f"Received: {len(names)} species, {counts.min()} leaves"
        )
    pictures = [folder / "images" / f"{number}.jpg" for number in ids]
    if gone := [picture for picture in pictures if not picture.is_file()]:
        raise FileNotFoundError(
            f"{gone[0]} is missing, and {len(gone) - 1} more. Unpack images.zip from "
            f"https://www.kaggle.com/competitions/leaf-classification/data in {folder}"
        )
    images = np.stack([read_leaf(picture, size) for picture in pictures])
    whole = Part(numbers, images, targets.astype("int64"))
    split, found = StratifiedKFold(folds, shuffle=True, random_state=seed), []
    for rest, test in split.split(numbers, targets):
        kept, held = train_test_split(
            rest,
            test_size=max(round(validation * len(rest)), len(names)),
            stratify=targets[rest],
            random_state=seed,
        )
        train, validated, tested = (
            Part(*(column[rows] for column in whole)) for rows in (kept, held, test)
        )
        found.append((train, validated, tested))
    return found


def read_leaf(path: str | os.PathLike, size: int = 32) -> np.ndarray:
    """Read a picture, shrink it as it is, and put it in the middle of a square.

    Pictures have other sizes and other shapes; a leaf that is long stays long.

    Parameters
    ----------
    path : path
        Grey values: the leaf is white on black.
    size : int in [8, 512]
        Height and width.

    Returns
    -------
    ndarray, shape (size, size), float32
        0 (ground) to 1 (leaf).

    Raises
    ------
    ValueError
        If it is no picture, is cut off, or `size` is out of its range.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "1.jpg"
    ...     Image.new("L", (60, 30), 255).save(path)
    ...     read_leaf(path, size=8).astype(int)[:, 0].tolist()
    [0, 0, 1, 1, 1, 1, 0, 0]

    References
    ----------
    <https://pillow.readthedocs.io/en/stable/reference/ImageOps.html>
    """
    if not isinstance(size, int) or not 8 <= size <= 512:
        raise ValueError(f"size must be in [8, 512]. Received: {size!r}")
    try:
        with Image.open(path) as image:
            grey = image.convert("L")
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{path} cannot be read. Received: {error}") from None
    scale = size / max(grey.size)
    width, height = (max(1, round(side * scale)) for side in grey.size)
    grey = grey.resize((width, height), Image.Resampling.BOX)
    square = np.zeros((size, size), "float32")
    top, left = (size - height) // 2, (size - width) // 2
    square[top : top + height, left : left + width] = np.asarray(grey) / np.float32(255)
    return square
