"""The chrF score: how many pieces of words a translation shares with a reference."""

import string
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np

__all__ = ["Chrf", "chrf"]


class Chrf:
    r"""Corpus chrF of as many translations as there are; chrF++ with word n-grams.

    $(1 + \beta^2) P R / (\beta^2 P + R)$ with the precision $P$ and recall $R$ of
    character n-grams, of all translations together, averaged over the orders. Perfect
    is 1. It knows no tokens, so that there is no tokenisation to disagree about.

    Parameters
    ----------
    char_order : int
        Longest n-gram of characters, blanks left out.
    word_order : int
        Longest n-gram of words, punctuation split off: 0 for chrF, 2 for chrF++.
    beta : float
        How many times recall weighs what precision does.

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> metric = Chrf()
    >>> metric.update([["the cat sat"]], ["the cat sits"])
    >>> metric.update([["on the mat"]], ["on the mat"])
    >>> round(metric.compute(), 4)
    0.813

    References
    ----------
    Popovic, "chrF: character n-gram F-score for automatic MT evaluation", 2015.
    <https://aclanthology.org/W15-3049/>
    Popovic, "chrF++: words helping character n-grams", 2017.
    <https://aclanthology.org/W17-4770/>
    """

    def __init__(
        self, *, char_order: int = 6, word_order: int = 0, beta: float = 2.0
    ) -> None:
        if char_order < 1:
            raise ValueError(f"char_order must be >= 1. Received: {char_order}")
        if word_order < 0:
            raise ValueError(f"word_order must be >= 0. Received: {word_order}")
        if not beta > 0:
            raise ValueError(f"beta must be > 0. Received: {beta}")
        self.char_order, self.word_order, self.beta = char_order, word_order, beta
        self.reset()

    def reset(self) -> None:
        """Forget every translation."""
        # n-grams of the translation, of the reference and of both, by order
        orders = self.char_order + self.word_order
        self.counts, self.texts = np.zeros((3, orders), np.int64), 0

    def update(self, y_true: Sequence[Sequence[str]], y_pred: Sequence[str]) -> None:
        """Count a batch; a batch that is refused leaves the counts as they were.

        Parameters
        ----------
        y_true : sequence of lists of str
            The references of each translation; of several the most similar one counts.
        y_pred : sequence of str
            The translations, as many.

        Raises
        ------
        ValueError
            If the lengths differ, there is no reference or something is no string.
        """
        if len(y_true) != len(y_pred):
            raise ValueError(
                "y_pred must have as many texts as y_true. "
                f"Received: {len(y_true)}, {len(y_pred)}"
            )
        counts = self.counts
        for references, text in zip(y_true, y_pred, strict=True):
            if not isinstance(text, str):
                raise ValueError(f"y_pred must be strings. Received: {text!r:.80}")
            if (
                isinstance(references, str)
                or not len(references)
                or not all(isinstance(r, str) for r in references)
            ):
                raise ValueError(
                    "y_true must hold a list of strings per text. "
                    f"Received: {references!r:.80}"
                )
            mine = list(self._grams(text))
            found = [self._shared(mine, list(self._grams(r))) for r in references]
            # the first one of equal scores
            counts = counts + max(found, key=self._score)
        self.counts, self.texts = counts, self.texts + len(y_pred)

    def _grams(self, text: str) -> Iterator[Counter]:
        letters = "".join(text.split())
        for n in range(1, self.char_order + 1):
            yield Counter(letters[i : i + n] for i in range(len(letters) - n + 1))
        if self.word_order:
            words = [part for word in text.split() for part in self._parts(word)]
        for n in range(1, self.word_order + 1):
            yield Counter(zip(*(words[i:] for i in range(n)), strict=False))

    def _parts(self, word: str) -> list[str]:
        if len(word) > 1 and word[-1] in string.punctuation:
            return [word[:-1], word[-1]]
        if len(word) > 1 and word[0] in string.punctuation:
            return [word[0], word[1:]]
        return [word]

    def _shared(self, mine: list[Counter], theirs: list[Counter]) -> np.ndarray:
        # an order that the reference is too short for does not count
        rows = [
            (a.total() if b else 0, b.total(), (a & b).total())
            for a, b in zip(mine, theirs, strict=True)
        ]
        return np.array(rows).T

    def _score(self, counts: np.ndarray) -> float:
        # an order that one of the two is too short for says nothing
        known = counts[:, (counts[:2] > 0).all(axis=0)]
        if not known[2].any():
            return 0.0
        precision, recall = (known[2] / known[:2]).mean(axis=1)
        square = self.beta**2
        return float((1 + square) * precision * recall / (square * precision + recall))

    def compute(self) -> float:
        """Return chrF of everything so far.

        Returns
        -------
        float
            From 0 to 1: papers print 100 times that.

        Raises
        ------
        ValueError
            If there is no text.
        """
        if not self.texts:
            raise ValueError("y_true must hold a text to compare. Received: none")
        return self._score(self.counts)

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : Chrf
            With the same options.

        Returns
        -------
        Chrf
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("char_order", "word_order", "beta"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.counts, self.texts = self.counts + other.counts, self.texts + other.texts
        return self


def chrf(
    y_true: Sequence[Sequence[str]],
    y_pred: Sequence[str],
    *,
    char_order: int = 6,
    word_order: int = 0,
    beta: float = 2.0,
) -> float:
    r"""Corpus chrF of a list of translations; chrF++ with word n-grams.

    $(1 + \beta^2) P R / (\beta^2 P + R)$ with the precision $P$ and recall $R$ of
    character n-grams, averaged over the orders. Perfect is 1.

    Parameters
    ----------
    y_true : sequence of lists of str
        The references of each translation; of several the most similar one counts.
    y_pred : sequence of str
        The translations, as many.
    char_order : int
        Longest n-gram of characters, blanks left out.
    word_order : int
        Longest n-gram of words, punctuation split off: 0 for chrF, 2 for chrF++.
    beta : float
        How many times recall weighs what precision does.

    Returns
    -------
    float
        From 0 to 1: papers print 100 times that.

    Raises
    ------
    ValueError
        If the lengths differ, something is no string, an option is out of range or
        there is no text.

    Examples
    --------
    >>> truth = [["the cat sat"], ["on the mat"]]
    >>> round(chrf(truth, ["the cat sits", "on the mat"]), 4)
    0.813

    References
    ----------
    Popovic, "chrF: character n-gram F-score for automatic MT evaluation", 2015.
    <https://aclanthology.org/W15-3049/>
    """
    metric = Chrf(char_order=char_order, word_order=word_order, beta=beta)
    metric.update(y_true, y_pred)
    return metric.compute()
