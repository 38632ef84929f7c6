"""The chrF score: how many pieces of words a translation shares with a reference."""

import re
from collections.abc import Sequence

__all__ = ["chrf"]

MARK = r"[!-/:-@\[-`{-~]"


def chrf(
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    char_order: int = 6,
    word_order: int = 0,
    beta: float = 2.0,
) -> float:
    r"""Corpus chrF by crossing shared n-grams off, one after another.

    $(1 + \beta^2) P R / (\beta^2 P + R)$ with both averaged over the orders.

    Parameters
    ----------
    hypotheses : sequence of str
        The translations.
    references : sequence of lists of str
        Their references.
    char_order : int
        Longest n-gram of characters.
    word_order : int
        Longest n-gram of words.
    beta : float
        How many times recall weighs what precision does.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> chrf(["the cat"], [["the cat"]])
    1.0

    References
    ----------
    Popovic, "chrF: character n-gram F-score for automatic MT evaluation", 2015.
    <https://aclanthology.org/W15-3049/>
    """

    def split(text):
        # a mark at the end of a word, else one in front of it, is a word of its own
        last = rf"(\S+)({MARK})(?!\S)|(?<!\S)({MARK})(\S+)|(\S+)"
        return [part for word in re.findall(last, text) for part in word if part]

    def grams(text):
        for units, most in (
            ("".join(text.split()), char_order),
            (split(text), word_order),
        ):
            for n in range(1, most + 1):
                yield [tuple(units[i : i + n]) for i in range(len(units) - n + 1)]

    def compared(text, reference):
        rows = []
        for mine, theirs in zip(grams(text), grams(reference), strict=True):
            left, shared = list(theirs), 0
            for gram in mine:
                if gram in left:
                    left.remove(gram)
                    shared += 1
            rows.append((len(mine) if theirs else 0, len(theirs), shared))
        return rows

    def score(rows):
        known = [row for row in rows if row[0] and row[1]]
        p = sum(s / m for m, _, s in known) / max(1, len(known))
        r = sum(s / t for _, t, s in known) / max(1, len(known))
        return (1 + beta**2) * p * r / (beta**2 * p + r) if p * r else 0.0

    total = [[0, 0, 0] for _ in range(char_order + word_order)]
    for text, others in zip(hypotheses, references, strict=True):
        best = max((compared(text, r) for r in others), key=score)
        for row, found in zip(total, best, strict=True):
            row[:] = [a + b for a, b in zip(row, found, strict=True)]
    return score(total)
