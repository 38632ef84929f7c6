"""Triplet loss: same labels closer than different ones, by a margin."""

import numpy as np

__all__ = ["batch_all_triplet_loss", "triplet_loss"]


def triplet_loss(embeddings, labels, *, margin=0.2):
    r"""$[m + \max_p d(a, p) - \min_n d(a, n)]_+$ for every anchor $a$.

    Parameters
    ----------
    embeddings : ndarray, shape (N, D)
        One vector per row; $d$ is the Euclidean distance.
    labels : ndarray of int, shape (N,)
        Which rows belong together.
    margin : float > 0
        By how much a negative must be farther away than a positive.

    Returns
    -------
    ndarray, shape (N,)
        One loss per anchor, float64; 0 without a positive or a negative.

    Examples
    --------
    >>> triplet_loss([[0.0], [3.0], [4.0]], [0, 0, 1], margin=1.0)
    array([0., 3., 0.])

    References
    ----------
    Hermans, Beyer, Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017, eq. 5. <https://arxiv.org/abs/1703.07737>
    """
    return np.array(
        [
            max([margin + max(positives) - min(negatives), 0])
            if positives and negatives
            else 0.0
            for positives, negatives in distances(embeddings, labels)
        ]
    )


def batch_all_triplet_loss(embeddings, labels, *, margin=0.2):
    r"""Mean of $m + d(a, p) - d(a, n)$ where it is above 0, for every anchor $a$.

    Parameters
    ----------
    embeddings : ndarray, shape (N, D)
        One vector per row; $d$ is the Euclidean distance.
    labels : ndarray of int, shape (N,)
        Which rows belong together.
    margin : float > 0
        By how much a negative must be farther away than a positive.

    Returns
    -------
    ndarray, shape (N,)
        One loss per anchor, float64; 0 where no triplet is wrong.

    Examples
    --------
    >>> batch_all_triplet_loss([[0.0], [3.0], [4.0]], [0, 0, 1], margin=1.0)
    array([0., 3., 0.])

    References
    ----------
    Hermans, Beyer, Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017, eq. 6. <https://arxiv.org/abs/1703.07737>
    """
    losses = []
    for positives, negatives in distances(embeddings, labels):
        excess = [margin + p - n for p in positives for n in negatives]
        wrong = [e for e in excess if e > 0]
        losses.append(np.mean(wrong) if wrong else 0.0)
    return np.array(losses)


def distances(embeddings, labels):
    """Each anchor's distances from its positives, and from its negatives."""
    embeddings = np.asarray(embeddings, np.float64)
    for a, anchor in enumerate(embeddings):
        to = [np.linalg.norm(anchor - other) for other in embeddings]
        rows = [i for i in range(len(to)) if i != a]
        yield (
            [to[i] for i in rows if labels[i] == labels[a]],
            [to[i] for i in rows if labels[i] != labels[a]],
        )
