"""Words beside the words around them, and beside foreign ones, to tell them apart."""

import numpy as np

__all__ = ["word_pairs"]


def word_pairs(
    words: np.ndarray, seed: int = 0, *, window: int = 4, negatives: int = 5
) -> tuple[np.ndarray, np.ndarray]:
    """Pair each word with its neighbours, and with neighbours of others.

    The neighbours of all words are shuffled for the negatives: they are the same words,
    each as often. Frequency alone tells nothing then, and the best score of a pair is
    the log of how much more often it occurs than by chance, less the log of
    `negatives`. Words 0 and 1, padding and unknown, keep their places and are in no
    pair.

    Parameters
    ----------
    words : ndarray, shape (N,), int64
        A text, as numbers of a vocabulary.
    seed : int >= 0
        Of the shuffling.
    window : int >= 1
        How many words before and behind are neighbours.
    negatives : int >= 1
        Foreign words for each neighbour.

    Returns
    -------
    inputs : ndarray, shape (M, 1 + 2 * window * (1 + negatives)), int64
        A word, its neighbours, foreign ones; 0 where there is none.
    targets : ndarray, shape (M, 2 * window * (1 + negatives)), int64
        For each after the first: 1 for a neighbour, 0 for a foreign word, -1 for none.

    Raises
    ------
    ValueError
        If there are no two known words beside each other, or an option is less than 1.

    Examples
    --------
    >>> inputs, targets = word_pairs(np.array([5, 6, 1, 7]), window=1, negatives=1)
    >>> inputs.tolist()
    [[5, 0, 6, 0, 6], [6, 5, 0, 5, 0]]
    >>> targets.tolist()
    [[-1, 1, -1, 0], [1, -1, 0, -1]]

    References
    ----------
    Mikolov et al., "Distributed Representations of Words and Phrases and their
    Compositionality", 2013, section 2.2. <https://arxiv.org/abs/1310.4546>;
    Levy & Goldberg, "Neural Word Embedding as Implicit Matrix Factorization", 2014.
    """
    if window < 1 or negatives < 1:
        raise ValueError(
            f"window and negatives must be >= 1. Received: {window}, {negatives}"
        )
    words = np.asarray(words)
    wide = np.pad(words, window)
    shifts = [k for k in range(2 * window + 1) if k != window]
    near = np.stack([wide[k : k + len(words)] for k in shifts], axis=1)
    near = np.where((near > 1) & (words > 1)[:, None], near, 0)
    kept = near.any(1)
    if not kept.any():
        raise ValueError(
            "words must have two known ones beside each other. Received: "
            f"{int((words > 1).sum())} known of {len(words)}"
        )
    words, near = words[kept], near[kept]
    there, rng = near > 0, np.random.default_rng(seed)
    rows, known = [words[:, None], near], [np.where(there, 1, -1)]
    for _ in range(negatives):
        foreign = np.zeros_like(near)
        foreign[there] = rng.permutation(near[there])
        rows.append(foreign)
        known.append(np.where(there, 0, -1))
    return np.concatenate(rows, 1), np.concatenate(known, 1)
