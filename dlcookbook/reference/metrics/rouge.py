"""ROUGE: how much of a reference text a summary brings, in n-grams or in order."""

import math
from collections.abc import Sequence

__all__ = ["rouge"]


def rouge(
    hypotheses: Sequence[Sequence[str]],
    references: Sequence[Sequence[str]],
    *,
    order: int | None = None,
) -> dict[str, float]:
    r"""ROUGE-N by crossing n-grams off, ROUGE-L by the table of all beginnings.

    Precision and recall are what both share over what each of them has.

    Parameters
    ----------
    hypotheses : sequence of lists of tokens
        The summaries.
    references : sequence of lists of tokens
        Their references.
    order : int, optional
        Length of the n-grams. None for ROUGE-L.

    Returns
    -------
    dict of float
        `precision`, `recall` and `f1`, means over the summaries.

    Examples
    --------
    >>> rouge([["a", "b"]], [["a", "b", "c", "d"]])["recall"]
    0.5

    References
    ----------
    Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004.
    <https://aclanthology.org/W04-1013/>
    """
    scores = []
    for mine, theirs in zip(hypotheses, references, strict=True):
        if order is None:
            table = [[0] * (len(theirs) + 1) for _ in range(len(mine) + 1)]
            for i, a in enumerate(mine, 1):
                for j, b in enumerate(theirs, 1):
                    longer = max(table[i - 1][j], table[i][j - 1])
                    table[i][j] = table[i - 1][j - 1] + 1 if a == b else longer
            shared, sizes = table[-1][-1], [len(mine), len(theirs)]
        else:
            grams = [
                [list(text[i : i + order]) for i in range(len(text) - order + 1)]
                for text in (mine, theirs)
            ]
            shared, sizes = 0, [len(part) for part in grams]
            for gram in grams[0]:
                if gram in grams[1]:
                    grams[1].remove(gram)
                    shared += 1
        p, r = (shared / size if size else 0.0 for size in sizes)
        scores.append((p, r, 2 * p * r / (p + r) if shared else 0.0))
    means = (math.fsum(x) / len(scores) for x in zip(*scores, strict=True))
    return dict(zip(("precision", "recall", "f1"), means, strict=True))
