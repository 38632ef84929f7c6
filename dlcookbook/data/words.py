"""Texts to numbers: cut into words, count a vocabulary, look up, pad."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

__all__ = ["encode", "make_vocabulary", "split_words"]

# words with their apostrophes ("don't" is one), numbers, single signs
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+|[^\w\s]")


def split_words(text: str) -> list[str]:
    """Cut a text into lower-case words, numbers and signs.

    An underscore separates words, as a space does.

    Parameters
    ----------
    text : str
        Of a language that puts spaces between its words. A combining mark (an accent
        of its own in NFD, a vowel sign of Hindi) is a sign, and cuts its word.

    Returns
    -------
    list of str
        In their order.

    Examples
    --------
    >>> split_words("Don't close fd_2; return -1.")
    ["don't", 'close', 'fd', '2', ';', 'return', '-', '1', '.']

    References
    ----------
    Manning, Raghavan & Schütze, "Introduction to Information Retrieval", 2008, section
    2.2.1. <https://nlp.stanford.edu/IR-book/html/htmledition/tokenization-1.html>
    """
    return _WORD.findall(text.lower())


def make_vocabulary(
    texts: Iterable[str], *, size: int = 10_000, at_least: int = 2
) -> dict[str, int]:
    """Give the words of the training texts their numbers, the most frequent first.

    Give it the training part alone: a word that only the test has is unknown in use.
    Of words that are as frequent as each other the alphabet decides.

    Parameters
    ----------
    texts : iterable of str
        Of the training part.
    size : int >= 3
        Most numbers, those of padding (0) and of unknown words (1) included.
    at_least : int >= 1
        How often a word must occur; with 1 no word of the training is unknown, and the
        row of unknown words learns nothing.

    Returns
    -------
    dict of str to int
        Numbers 2, 3, ... by word.

    Raises
    ------
    ValueError
        If an option is out of its range, or no word is left.

    Examples
    --------
    >>> make_vocabulary(["the cat sat", "the cat ran"])
    {'cat': 2, 'the': 3}

    References
    ----------
    Jurafsky & Martin, "Speech and Language Processing", 3rd ed., chapter 2.
    <https://web.stanford.edu/~jurafsky/slp3/>
    """
    if size < 3 or at_least < 1:
        raise ValueError(
            f"size must be >= 3 and at_least >= 1. Received: {size}, {at_least}"
        )
    counts = Counter(word for text in texts for word in split_words(text))
    order = sorted(counts, key=lambda word: (-counts[word], word))
    kept = [word for word in order if counts[word] >= at_least][: size - 2]
    if not kept:
        raise ValueError(
            f"texts must hold a word {at_least} times. Received: {len(counts)} words"
        )
    return {word: number for number, word in enumerate(kept, start=2)}


def encode(
    texts: Iterable[str], vocabulary: Mapping[str, int], length: int
) -> np.ndarray:
    """Look words up; fill short texts with 0 at their end, cut long ones there.

    Parameters
    ----------
    texts : iterable of str
        N of them.
    vocabulary : mapping of str to int
        From `make_vocabulary`; words that are not in it become 1.
    length : int >= 1
        T: words that are read of a text.

    Returns
    -------
    ndarray, shape (N, T), int64
        Numbers of words, then zeros. A text without a word is all zeros.

    Raises
    ------
    ValueError
        If `length` < 1.

    Examples
    --------
    >>> encode(["the cat slept", ""], {"cat": 2, "the": 3}, 4).tolist()
    [[3, 2, 1, 0], [0, 0, 0, 0]]

    References
    ----------
    <https://keras.io/api/data_loading/timeseries/#padsequences-function>
    """
    if length < 1:
        raise ValueError(f"length must be >= 1. Received: {length}")
    rows = [
        [vocabulary.get(word, 1) for word in split_words(text)[:length]]
        for text in texts
    ]
    found = np.zeros((len(rows), length), np.int64)
    for row, numbers in zip(found, rows, strict=True):
        row[: len(numbers)] = numbers
    return found
