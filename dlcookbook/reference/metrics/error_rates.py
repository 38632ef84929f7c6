"""Word and character error rate: the edits that turn a transcript into the truth."""

from collections.abc import Sequence
from functools import lru_cache

__all__ = ["error_rate"]


def error_rate(
    hypotheses: Sequence[str], references: Sequence[str], *, unit: str = "word"
) -> dict[str, float]:
    r"""Word or character error rate by trying every edit.

    $(S + D + I) / N$ over the number $N$ of true words.

    Parameters
    ----------
    hypotheses : sequence of str
        What was understood.
    references : sequence of str
        What was said.
    unit : {"word", "character"}
        What is compared.

    Returns
    -------
    dict of float
        The rate, the edits of each kind and the number of true words.

    Examples
    --------
    >>> error_rate(["a cat sat down"], ["the cat sat"])["insertions"]
    1

    References
    ----------
    Levenshtein, "Binary codes capable of correcting deletions, insertions, and
    reversals", 1966. <https://ui.adsabs.harvard.edu/abs/1966SPhD...10..707L>
    """
    totals = [0, 0, 0]
    length = 0
    for said, heard in zip(references, hypotheses, strict=True):
        true, found = (t.split() if unit == "word" else list(t) for t in (said, heard))

        @lru_cache(None)
        def edits(i: int, j: int, true=tuple(true), found=tuple(found)) -> tuple:
            """Fewest (edits, substitutions, deletions, insertions) of the rests."""
            ways = []
            if i < len(true) and j < len(found):
                same = true[i] == found[j]
                steps = edits(i + 1, j + 1)
                ways.append((steps[0] + (not same), steps[1] + (not same), *steps[2:]))
            if i < len(true):
                n, s, d, more = edits(i + 1, j)
                ways.append((n + 1, s, d + 1, more))
            if j < len(found):
                n, s, d, more = edits(i, j + 1)
                ways.append((n + 1, s, d, more + 1))
            return min(ways, default=(0, 0, 0, 0))

        totals = [a + b for a, b in zip(totals, edits(0, 0)[1:], strict=True)]
        length += len(true)
    names = ("substitutions", "deletions", "insertions")
    counts = dict(zip(names, totals, strict=True))
    return counts | {"rate": sum(totals) / length, "length": length}
