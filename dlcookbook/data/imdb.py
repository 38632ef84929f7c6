"""Large Movie Review Dataset: 50,000 reviews, praise or blame, split by film."""

import os
import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np

__all__ = ["load_imdb_split"]

_BREAK = re.compile(r"<br\s*/?>")
_NAME = re.compile(r"(\d+)_(\d+)\.txt")
_FILM = re.compile(r"/title/(tt\d+)")
# Ratings of 1 to 10 that either class has: those between are in neither.
_RATINGS = {"neg": range(1, 5), "pos": range(7, 11)}


class Part(NamedTuple):
    """Texts and their classes, in the same order."""

    texts: np.ndarray
    targets: np.ndarray


def load_imdb_split(
    folder: str | os.PathLike, seed: int = 0, *, validation: float = 0.2
) -> tuple[Part, Part, Part]:
    """Read the reviews, and set aside films of the training part for validation.

    The test part is the published one, of other films than the training part. A film
    has up to 30 reviews: they share names that tell the film, and with it the class,
    so all of a film go to one part. Line breaks of HTML become spaces. Dropped are
    reviews of the training folder that are word for word in the test folder, and
    copies within it, the first one aside.

    Parameters
    ----------
    folder : path
        `aclImdb`, with `train` and `test`, which have `pos` and `neg` each; `train`
        also `urls_pos.txt` and `urls_neg.txt`.
    seed : int >= 0
        Decides which films become validation.
    validation : float in (0, 1)
        Share of the films of the training folder.

    Returns
    -------
    tuple of (texts, targets), three of them: training, validation, test
        `texts`: ndarray, shape (N,), of str, all in memory; `targets`: ndarray, shape
        (N,), int64, 1 for praise (7 stars or more), 0 for blame (4 or fewer).

    Raises
    ------
    FileNotFoundError
        If a folder, its reviews or a list of URLs is missing: what to fetch.
    ValueError
        If a name is not ID_RATING.txt, a rating is not of its folder, an ID is there
        twice or has no film in the list, a review has no word, or `validation` leaves a
        part empty.

    Examples
    --------
    >>> load_imdb_split("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: train/urls_neg.txt is not in nowhere...

    References
    ----------
    Maas et al., "Learning Word Vectors for Sentiment Analysis", 2011.
    <https://ai.stanford.edu/~amaas/data/sentiment/>
    """
    folder = Path(folder)
    found: dict[str, tuple[list[str], list[int], list[str]]] = {}
    for part in ("train", "test"):
        texts, targets, films = found[part] = [], [], []
        for target, name in enumerate(("neg", "pos")):
            urls = _urls(folder, f"urls_{name}.txt") if part == "train" else None
            for number, text in _reviews(folder, part, name):
                texts.append(text)
                targets.append(target)
                films.append(_film(number, name, urls))
    test_texts, test_targets, _ = found["test"]
    test = Part(np.array(test_texts, object), np.array(test_targets, np.int64))
    seen, rows = set(test_texts), []
    for i, text in enumerate(found["train"][0]):
        if text not in seen:
            seen.add(text)
            rows.append(i)
    every, kinds, titles = (np.array(x, object)[rows] for x in found["train"])
    names = sorted(set(titles.tolist()))
    count = round(validation * len(names))
    if not 0 < count < len(names):
        raise ValueError(
            f"validation must leave films for both parts. Received: {validation} of "
            f"{len(names)} films"
        )
    order = np.random.default_rng(seed).permutation(names)
    held = np.isin(titles.astype(str), order[:count])
    kinds = kinds.astype(np.int64)
    return Part(every[~held], kinds[~held]), Part(every[held], kinds[held]), test


def _reviews(folder: Path, part: str, name: str) -> list[tuple[int, str]]:
    """Read all reviews of one folder, in the order of their numbers."""
    paths = sorted((folder / part / name).glob("*.txt"))
    if not paths:
        _missing(f"{part}/{name}", folder)
    found = []
    for path in paths:
        fits = _NAME.fullmatch(path.name)
        if not fits or int(fits[2]) not in _RATINGS[name]:
            raise ValueError(
                f"{path.parent} must hold ID_RATING.txt with ratings of "
                f"{_RATINGS[name][0]} to {_RATINGS[name][-1]}. Received: {path.name}"
            )
        try:
            text = " ".join(_BREAK.sub(" ", path.read_text("utf-8")).split())
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} must be UTF-8. Received: {error}") from None
        if not text:
            raise ValueError(f"{path} must hold a review. Received: an empty file")
        found.append((int(fits[1]), text))
    found.sort()
    # two of one ID would be taken to be about one film
    for (number, _), (other, _) in pairwise(found):
        if number == other:
            raise ValueError(
                f"{folder / part / name} must have an ID once. Received: {number} twice"
            )
    return found


def _urls(folder: Path, name: str) -> list[str]:
    """Read the list whose line ID, from 0 on, has the address of a review's film."""
    path = folder / "train" / name
    if not path.is_file():
        _missing(f"train/{name}", folder)
    return path.read_text("utf-8").splitlines()


def _film(number: int, name: str, urls: list[str] | None) -> str:
    """Return the film of a review."""
    if urls is None:
        return ""
    line = urls[number] if number < len(urls) else "no such line"
    fits = _FILM.search(line)
    if not fits:
        raise ValueError(
            f"urls_{name}.txt must have a film in line {number}, from 0 on. Received: "
            f"{line}"
        )
    return fits[1]


def _missing(name: str, folder: Path) -> NoReturn:
    """Say what is missing, and where it is to be had."""
    raise FileNotFoundError(
        f"{name} is not in {folder}. Fetch aclImdb_v1.tar.gz from "
        "https://ai.stanford.edu/~amaas/data/sentiment/, unpack it, and name the "
        "folder aclImdb that results"
    )
