"""BLEU: the share of a translation's n-grams that a reference holds as well."""

import math
from collections.abc import Sequence

__all__ = ["bleu"]


def bleu(
    hypotheses: Sequence[Sequence[str]],
    references: Sequence[Sequence[Sequence[str]]],
    *,
    max_order: int = 4,
    smoothing: str = "none",
    k: float = 1.0,
) -> float:
    r"""Corpus BLEU by searching the references for each n-gram.

    $b \exp(\frac14 \sum_n \ln p_n)$ with the clipped precisions $p_n$ of the corpus.

    Parameters
    ----------
    hypotheses : sequence of lists of tokens
        The translations.
    references : sequence of lists of references
        Each of them a list of tokens.
    max_order : int
        Longest n-gram.
    smoothing : {"none", "add_k", "exp"}
        What an order without a match counts.
    k : float
        For "add_k".

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> bleu([["a", "b", "c", "d"]], [[["a", "b", "c", "d"]]])
    1.0

    References
    ----------
    Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation",
    2002. <https://aclanthology.org/P02-1040/>
    """

    def grams(tokens, n):
        return [list(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]

    def closest(text, others):
        return min((abs(len(r) - len(text)), len(r)) for r in others)[1]

    pairs = list(zip(hypotheses, references, strict=True))
    product, zeros = 1.0, 0
    for n in range(1, max_order + 1):
        match = total = 0.0
        for text, others in pairs:
            mine = grams(text, n)
            total += len(mine)
            distinct = [g for i, g in enumerate(mine) if g not in mine[:i]]
            for g in distinct:
                allowed = max(grams(r, n).count(g) for r in others)
                match += min(mine.count(g), allowed)
        if n == 1 and not match:
            return 0.0
        if smoothing == "add_k" and n > 1:
            match, total = match + k, total + k
        if smoothing == "exp" and not match:
            zeros += 1
            match = 2.0**-zeros
        product *= match / total if total else 0.0
    size = sum(len(text) for text, _ in pairs)
    wanted = sum(closest(*pair) for pair in pairs)
    brevity = 1.0 if size >= wanted else math.exp(1 - wanted / size)
    return brevity * product ** (1 / max_order)
