"""BLEU: the share of a translation's n-grams that a reference holds as well."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Self

import numpy as np

__all__ = ["Bleu", "bleu"]


class Bleu:
    r"""Corpus BLEU of as many translations as there are.

    $b \exp(\frac14 \sum_n \ln p_n)$ with the shares $p_n$ of n-grams, of all
    translations together, that stand in a reference, and the penalty
    $b = \min(1, e^{1 - r/c})$ for a length $c$ below that of the references. Perfect is
    1. It is no mean over sentences: merge, do not average.

    Parameters
    ----------
    max_order : int
        Longest n-gram.
    smoothing : {"none", "add_k", "exp"}
        What an order without a match counts: 0, so that BLEU is 0; `k` more matches and
        n-grams, in every order above 1; or half a match, a quarter in the next such
        order, and so on.
    k : float
        For "add_k".

    Raises
    ------
    ValueError
        If an option is out of range.

    Examples
    --------
    >>> metric = Bleu(max_order=2)
    >>> metric.update([[["the", "cat", "sat"]]], [["the", "cat", "sat"]])
    >>> metric.update([[["on", "the", "mat"]]], [["on", "a", "mat"]])
    >>> round(metric.compute(), 4)
    0.6455

    References
    ----------
    Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation",
    2002. <https://aclanthology.org/P02-1040/>
    """

    def __init__(
        self, *, max_order: int = 4, smoothing: str = "none", k: float = 1.0
    ) -> None:
        if max_order < 1:
            raise ValueError(f"max_order must be >= 1. Received: {max_order}")
        if smoothing not in ("none", "add_k", "exp"):
            raise ValueError(
                f"smoothing must be 'none', 'add_k' or 'exp'. Received: {smoothing}"
            )
        if not k > 0:
            raise ValueError(f"k must be > 0. Received: {k}")
        self.max_order, self.smoothing, self.k = max_order, smoothing, k
        self.reset()

    def reset(self) -> None:
        """Forget every translation."""
        # matches and n-grams of each order, then the two lengths
        self.counts = np.zeros((2, self.max_order + 1), np.int64)

    def update(
        self,
        y_true: Sequence[Sequence[Sequence[str]]],
        y_pred: Sequence[Sequence[str]],
    ) -> None:
        """Count a batch; a batch that is refused leaves the counts as they were.

        Parameters
        ----------
        y_true : sequence of lists of references
            Each reference is a list of tokens. How a text is split into tokens moves
            BLEU more than most models do: say how you did it.
        y_pred : sequence of lists of tokens
            The translations, as many.

        Raises
        ------
        ValueError
            If the lengths differ, there is no reference or something is not a list of
            tokens.
        """
        if len(y_true) != len(y_pred):
            raise ValueError(
                "y_pred must have as many texts as y_true. "
                f"Received: {len(y_true)}, {len(y_pred)}"
            )
        counts = self.counts.copy()
        for references, tokens in zip(y_true, y_pred, strict=True):
            self._check("y_pred", tokens)
            if isinstance(references, str) or not len(references):
                raise ValueError(
                    "y_true must hold a list of references per text. "
                    f"Received: {references!r:.80}"
                )
            for reference in references:
                self._check("y_true", reference)
            for n in range(1, self.max_order + 1):
                mine, theirs = self._grams(tokens, n), Counter[tuple[str, ...]]()
                for reference in references:
                    theirs |= self._grams(reference, n)
                counts[0, n - 1] += (mine & theirs).total()
                counts[1, n - 1] += mine.total()
            size = len(tokens)
            # the closest length, the shorter one of two
            closest = min((abs(len(r) - size), len(r)) for r in references)[1]
            counts[:, -1] += size, closest
        self.counts = counts

    def _check(self, name: str, tokens: Sequence[str]) -> None:
        if isinstance(tokens, str) or not all(isinstance(t, str) for t in tokens):
            raise ValueError(
                f"{name} must be split into lists of tokens. Received: {tokens!r:.80}"
            )

    def _grams(self, tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
        return Counter(zip(*(tokens[i:] for i in range(n)), strict=False))

    def compute(self) -> float:
        """Return BLEU of everything so far.

        Returns
        -------
        float
            From 0 to 1: papers print 100 times that. 0 if all translations are too
            short for the longest n-gram.

        Raises
        ------
        ValueError
            If there is no text.
        """
        matches, grams = self.counts[:, :-1].astype(float).tolist()
        size, wanted = self.counts[:, -1].tolist()
        if not size + wanted:
            raise ValueError("y_true must hold a text to compare. Received: none")
        if not sum(matches):
            return 0.0
        total, half = 0.0, 1.0
        for n in range(self.max_order):
            match, gram = matches[n], grams[n]
            if self.smoothing == "add_k" and n:
                match, gram = match + self.k, gram + self.k
            elif self.smoothing == "exp" and not match:
                half /= 2
                match = half
            if not match or not gram:
                return 0.0
            total += math.log(match / gram)
        return math.exp(total / self.max_order + min(0.0, 1 - wanted / size))

    def merge(self, other: Self) -> Self:
        """Add what another worker has counted; `other` stays as it is.

        Parameters
        ----------
        other : Bleu
            With the same options.

        Returns
        -------
        Bleu
            This one.

        Raises
        ------
        ValueError
            If an option differs.
        """
        for name in ("max_order", "smoothing", "k"):
            if (mine := getattr(self, name)) != (theirs := getattr(other, name)):
                raise ValueError(f"other must have {name}={mine}. Received: {theirs}")
        self.counts = self.counts + other.counts
        return self


def bleu(
    y_true: Sequence[Sequence[Sequence[str]]],
    y_pred: Sequence[Sequence[str]],
    *,
    max_order: int = 4,
    smoothing: str = "none",
    k: float = 1.0,
) -> float:
    r"""Corpus BLEU of a list of translations.

    The geometric mean of the shares of n-grams that stand in a reference, with a
    penalty for too short a text. Perfect is 1.

    Parameters
    ----------
    y_true : sequence of lists of references
        Each reference is a list of tokens. How a text is split into tokens moves BLEU
        more than most models do: say how you did it.
    y_pred : sequence of lists of tokens
        The translations, as many.
    max_order : int
        Longest n-gram.
    smoothing : {"none", "add_k", "exp"}
        What an order without a match counts: 0, so that BLEU is 0; `k` more matches and
        n-grams, in every order above 1; or half a match, a quarter in the next such
        order, and so on.
    k : float
        For "add_k".

    Returns
    -------
    float
        From 0 to 1: papers print 100 times that. 0 if all translations are too short
        for the longest n-gram.

    Raises
    ------
    ValueError
        If the lengths differ, something is not a list of tokens, an option is out of
        range or there is no text.

    Examples
    --------
    >>> truth = [[["the", "cat", "sat"]], [["on", "the", "mat"]]]
    >>> round(bleu(truth, [["the", "cat", "sat"], ["on", "a", "mat"]], max_order=2), 4)
    0.6455

    References
    ----------
    Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation",
    2002. <https://aclanthology.org/P02-1040/>
    Chen, Cherry, "A Systematic Comparison of Smoothing Techniques for Sentence-Level
    BLEU", 2014. <https://aclanthology.org/W14-3346/>
    """
    metric = Bleu(max_order=max_order, smoothing=smoothing, k=k)
    metric.update(y_true, y_pred)
    return metric.compute()
