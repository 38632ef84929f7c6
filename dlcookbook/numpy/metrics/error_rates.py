"""Word and character error rate: the edits that turn a transcript into the truth."""

from collections.abc import Sequence
from typing import Self

import numpy as np

__all__ = ["ErrorRate", "error_rate"]

# an edit in the upper half of an int64, a substitution in the lower: the smallest sum
# has the fewest edits, and of these the fewest substitutions
EDIT = 1 << 32


class ErrorRate:
    r"""Word or character error rate of as many texts as there are.

    $(S + D + I) / N$: the fewest words to substitute, delete and insert between
    transcripts and truth, over the number of true words. Perfect is 0; a talkative
    model can exceed 1.

    Parameters
    ----------
    unit : {"word", "character"}
        What is compared: words between blanks, or characters, blanks included. Lower
        the case and take punctuation off before, or it counts.

    Raises
    ------
    ValueError
        If `unit` is none of the above.

    Examples
    --------
    >>> metric = ErrorRate()
    >>> metric.update(["the cat sat"], ["the hat sat"])
    >>> metric.update(["on the mat"], ["on mat"])
    >>> round(metric.compute()["rate"], 4)
    0.3333

    References
    ----------
    Levenshtein, "Binary codes capable of correcting deletions, insertions, and
    reversals", 1966. <https://ui.adsabs.harvard.edu/abs/1966SPhD...10..707L>
    """

    def __init__(self, *, unit: str = "word") -> None:
        if unit not in ("word", "character"):
            raise ValueError(f"unit must be 'word' or 'character'. Received: {unit}")
        self.unit = unit
        self.reset()

    def reset(self) -> None:
        """Forget every text."""
        # substitutions, deletions, insertions, true words
        self.counts = np.zeros(4, np.int64)

    def update(self, y_true: Sequence[str], y_pred: Sequence[str]) -> None:
        """Count a batch; a batch that is refused leaves the counts as they were.

        Parameters
        ----------
        y_true : sequence of str
            What was said.
        y_pred : sequence of str
            What was understood, as many texts. Not one text alone: put it in a list.

        Raises
        ------
        ValueError
            If the lengths differ or an element is no string.
        """
        for name, texts in (("y_true", y_true), ("y_pred", y_pred)):
            if isinstance(texts, str) or not all(isinstance(t, str) for t in texts):
                raise ValueError(
                    f"{name} must be a list of strings. Received: {texts!r:.80}"
                )
        if len(y_true) != len(y_pred):
            raise ValueError(
                "y_pred must have as many texts as y_true. "
                f"Received: {len(y_true)}, {len(y_pred)}"
            )
        counts = self.counts
        for true, predicted in zip(y_true, y_pred, strict=True):
            pair = (true, predicted)
            if self.unit == "word":
                counts = counts + self._edits(*(x.split() for x in pair))
            else:
                counts = counts + self._edits(*(list(x) for x in pair))
        self.counts = counts

    def _edits(self, true: list[str], predicted: list[str]) -> np.ndarray:
        known: dict[str, int] = {}
        rows, columns = (
            np.array([known.setdefault(x, len(known)) for x in words], np.int64)
            for words in (true, predicted)
        )
        ramp = np.arange(len(columns) + 1) * EDIT
        costs = ramp
        for word in rows:
            # a pair of words, or a deletion
            new = np.empty_like(costs)
            new[0] = costs[0] + EDIT
            change = np.where(columns == word, 0, EDIT + 1)
            np.minimum(costs[:-1] + change, costs[1:] + EDIT, out=new[1:])
            # insertions cost a step each: the smallest one so far, on a ramp
            costs = np.minimum.accumulate(new - ramp) + ramp
        edits, substitutions = divmod(int(costs[-1]), EDIT)
        longer = len(true) - len(predicted)
        deletions = (edits - substitutions + longer) // 2
        return np.array(
            [substitutions, deletions, deletions - longer, len(true)], np.int64
        )

    def compute(self) -> dict[str, float]:
        """Return the rate of everything so far, and what it is made of.

        Returns
        -------
        dict of float
            `rate`, from 0; `substitutions`, `deletions` (missing from the transcript)
            and `insertions` (too many), of all ways with the fewest edits that with the
            most words right; `length`, the number of true words.

        Raises
        ------
        ValueError
            If there is no true word.
        """
        substitutions, deletions, insertions, length = self.counts.tolist()
        if not length:
            raise ValueError(f"y_true must hold a {self.unit}. Received: none")
        return {
            "rate": (substitutions + deletions + insertions) / length,
            "substitutions": substitutions,
            "deletions": deletions,
            "insertions": insertions,
            "length": length,
        }

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : ErrorRate
            With the same options.

        Returns
        -------
        ErrorRate
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        if (mine := self.unit) != (theirs := other.unit):
            raise ValueError(f"other must have unit={mine}. Received: {theirs}")
        self.counts = self.counts + other.counts
        return self


def error_rate(
    y_true: Sequence[str], y_pred: Sequence[str], *, unit: str = "word"
) -> dict[str, float]:
    r"""Word or character error rate of a list of texts.

    $(S + D + I) / N$: the fewest words to substitute, delete and insert between
    transcripts and truth, over the number of true words. Perfect is 0.

    Parameters
    ----------
    y_true : sequence of str
        What was said.
    y_pred : sequence of str
        What was understood, as many texts. Not one text alone: put it in a list.
    unit : {"word", "character"}
        What is compared: words between blanks, or characters, blanks included. Lower
        the case and take punctuation off before, or it counts.

    Returns
    -------
    dict of float
        `rate`, from 0; `substitutions`, `deletions` (missing from the transcript) and
        `insertions` (too many), of all ways with the fewest edits that with the most
        words right; `length`, the number of true words.

    Raises
    ------
    ValueError
        If the lengths differ, an element is no string, `unit` is none of the above or
        there is no true word.

    Examples
    --------
    >>> error_rate(["the cat sat"], ["a cat sat down"])["insertions"]
    1
    >>> round(error_rate(["kitten"], ["sitting"], unit="character")["rate"], 2)
    0.5

    References
    ----------
    Levenshtein, "Binary codes capable of correcting deletions, insertions, and
    reversals", 1966. <https://ui.adsabs.harvard.edu/abs/1966SPhD...10..707L>
    """
    metric = ErrorRate(unit=unit)
    metric.update(y_true, y_pred)
    return metric.compute()
