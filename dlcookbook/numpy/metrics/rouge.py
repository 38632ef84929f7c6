"""ROUGE: how much of a reference text a summary brings, in n-grams or in order."""

from collections import Counter
from collections.abc import Sequence
from typing import Self

import numpy as np

__all__ = ["Rouge", "rouge"]


class Rouge:
    r"""ROUGE-N or ROUGE-L, averaged over as many summaries as there are.

    Recall is the share of the reference's n-grams that the summary holds, precision the
    share of the summary's that the reference holds. ROUGE-L takes the longest common
    subsequence instead: words in the same order, with gaps. Perfect is 1.

    Parameters
    ----------
    order : int, optional
        Length of the n-grams: 1 for ROUGE-1. None for ROUGE-L.

    Raises
    ------
    ValueError
        If `order` is below 1.

    Examples
    --------
    >>> metric = Rouge()
    >>> metric.update([["the", "cat", "sat", "down"]], [["the", "cat", "down"]])
    >>> metric.update([["a", "b"]], [["b", "a"]])
    >>> metric.compute()["recall"]
    0.625

    References
    ----------
    Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004.
    <https://aclanthology.org/W04-1013/>
    Hyyro, "Bit-Parallel LCS-length Computation Revisited", 2004 (the algorithm).
    <https://en.wikipedia.org/wiki/Longest_common_subsequence>
    """

    def __init__(self, *, order: int | None = None) -> None:
        if order is not None and order < 1:
            raise ValueError(f"order must be >= 1 or None. Received: {order}")
        self.order = order
        self.reset()

    def reset(self) -> None:
        """Forget every summary."""
        self.sums, self.texts = np.zeros(3), 0

    def update(
        self, y_true: Sequence[Sequence[str]], y_pred: Sequence[Sequence[str]]
    ) -> None:
        """Add a batch; a batch that is refused leaves the sums as they were.

        Parameters
        ----------
        y_true : sequence of lists of tokens
            The reference of each summary. Stem and lower the words before, or their
            endings and capitals count.
        y_pred : sequence of lists of tokens
            The summaries, as many.

        Raises
        ------
        ValueError
            If the lengths differ or something is not a list of tokens.
        """
        if len(y_true) != len(y_pred):
            raise ValueError(
                "y_pred must have as many texts as y_true. "
                f"Received: {len(y_true)}, {len(y_pred)}"
            )
        for name, texts in (("y_true", y_true), ("y_pred", y_pred)):
            for text in texts:
                if isinstance(text, str) or not all(isinstance(t, str) for t in text):
                    raise ValueError(
                        f"{name} must be split into lists of tokens. "
                        f"Received: {text!r:.80}"
                    )
        for true, predicted in zip(y_true, y_pred, strict=True):
            self.sums = self.sums + self._scores(true, predicted)
            self.texts += 1

    def _scores(self, true: Sequence[str], predicted: Sequence[str]) -> np.ndarray:
        if self.order is None:
            both, most, mine = self._common(true, predicted), len(true), len(predicted)
        else:
            parts = [
                Counter(zip(*(x[i:] for i in range(self.order)), strict=False))
                for x in (true, predicted)
            ]
            both, most, mine = (
                (parts[0] & parts[1]).total(),
                *(p.total() for p in parts),
            )
        if not both:
            return np.zeros(3)
        return np.array([both / mine, both / most, 2 * both / (mine + most)])

    def _common(self, true: Sequence[str], predicted: Sequence[str]) -> int:
        """Return the length of the longest common subsequence."""
        places: dict[str, int] = {}
        for i, word in enumerate(true):
            places[word] = places.get(word, 0) | 1 << i
        # a 0 at place i says that the subsequence of true[: i + 1] is longer by one
        full = (1 << len(true)) - 1
        steps = full
        for word in predicted:
            hit = steps & places.get(word, 0)
            steps = ((steps + hit) | (steps - hit)) & full
        return len(true) - steps.bit_count()

    def compute(self) -> dict[str, float]:
        """Return the means of everything so far.

        Returns
        -------
        dict of float
            `precision`, `recall` and `f1` from 0 to 1, each the mean over the
            summaries; 0 for one that shares nothing, be it empty.

        Raises
        ------
        ValueError
            If there is no text.
        """
        if not self.texts:
            raise ValueError("y_true must hold a text to compare. Received: none")
        means = (self.sums / self.texts).tolist()
        return dict(zip(("precision", "recall", "f1"), means, strict=True))

    def merge(self, other: Self) -> Self:
        """Add what another worker has summed; `other` stays as it is.

        Parameters
        ----------
        other : Rouge
            With the same options.

        Returns
        -------
        Rouge
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        if (mine := self.order) != (theirs := other.order):
            raise ValueError(f"other must have order={mine}. Received: {theirs}")
        self.sums, self.texts = self.sums + other.sums, self.texts + other.texts
        return self


def rouge(
    y_true: Sequence[Sequence[str]],
    y_pred: Sequence[Sequence[str]],
    *,
    order: int | None = None,
) -> dict[str, float]:
    r"""ROUGE-N or ROUGE-L, averaged over a list of summaries.

    The share of the reference's n-grams that the summary holds and the other way round,
    or of the longest common subsequence. Perfect is 1.

    Parameters
    ----------
    y_true : sequence of lists of tokens
        The reference of each summary. Stem and lower the words before, or their endings
        and capitals count.
    y_pred : sequence of lists of tokens
        The summaries, as many.
    order : int, optional
        Length of the n-grams: 1 for ROUGE-1. None for ROUGE-L.

    Returns
    -------
    dict of float
        `precision`, `recall` and `f1` from 0 to 1, each the mean over the summaries; 0
        for one that shares nothing, be it empty.

    Raises
    ------
    ValueError
        If the lengths differ, something is not a list of tokens, `order` is below 1 or
        there is no text.

    Examples
    --------
    >>> rouge([["the", "cat", "sat", "down"]], [["the", "cat", "down"]], order=2)
    {'precision': 0.5, 'recall': 0.3333333333333333, 'f1': 0.4}

    References
    ----------
    Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004.
    <https://aclanthology.org/W04-1013/>
    """
    metric = Rouge(order=order)
    metric.update(y_true, y_pred)
    return metric.compute()
