"""CTC: the probability of a label sequence, whatever its alignment in time."""

import itertools

import numpy as np

__all__ = ["ctc_loss"]


def ctc_loss(logits, targets):
    r"""$-\log \sum_\pi \prod_t p_t(\pi_t)$ over all paths $\pi$ that spell the target.

    A path names one symbol per frame. It spells what is left when repeats are merged
    and blanks (class 0) are dropped: `aa-ab` spells `aab`, `aaab` spells `ab`. All
    $C^T$ paths are listed: the definition, and usable only where that number is small.

    Parameters
    ----------
    logits : ndarray, shape (N, T, C)
        Raw scores of C symbols for T frames.
    targets : ndarray of int, shape (N, L)
        Symbols from 1 to C - 1, padded at the end with 0.

    Returns
    -------
    ndarray, shape (N,)
        One loss per sequence, in nats, float64; infinite if no path fits.

    Examples
    --------
    >>> np.exp(-ctc_loss(np.zeros((1, 2, 2)), np.array([[1]])))
    array([0.75])

    References
    ----------
    Graves et al., "Connectionist Temporal Classification", 2006, eq. 3 and 8.
    <https://www.cs.toronto.edu/~graves/icml_2006.pdf>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    _, frames, classes = logits.shape
    log_p = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    wanted = [tuple(int(symbol) for symbol in row if symbol) for row in targets]
    total = np.full(len(targets), -np.inf)
    for path in itertools.product(range(classes), repeat=frames):
        spelled = tuple(symbol for symbol, _ in itertools.groupby(path) if symbol)
        for i in (i for i, word in enumerate(wanted) if word == spelled):
            total[i] = np.logaddexp(total[i], log_p[i, range(frames), path].sum())
    return -total
