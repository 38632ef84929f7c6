"""InfoNCE and NT-Xent: find the partner of a vector among a batch of others."""

import numpy as np

__all__ = ["info_nce_loss", "nt_xent_loss"]


def info_nce_loss(queries, keys, *, temperature=0.07):
    r"""Surprise at finding key $i$ for query $i$ among all keys, by cosine over $\tau$.

    Parameters
    ----------
    queries : ndarray, shape (N, D)
        One vector per row, none of them zero.
    keys : ndarray, shape (N, D)
        Row i is the positive of query i and a negative of all others.
    temperature : float > 0
        Divides the cosines.

    Returns
    -------
    ndarray, shape (N,)
        One loss per query, in nats, float64.

    Examples
    --------
    >>> np.exp(info_nce_loss(np.eye(5), np.ones((5, 5))))
    array([5., 5., 5., 5., 5.])

    References
    ----------
    van den Oord, Li, Vinyals, "Representation Learning with Contrastive Predictive
    Coding", 2018, eq. 4. <https://arxiv.org/abs/1807.03748>
    """
    return np.array(
        [surprise(i, query, keys, temperature) for i, query in enumerate(queries)]
    )


def nt_xent_loss(first_views, second_views, *, temperature=0.5):
    r"""Surprise at finding the other view among all other vectors, both ways averaged.

    Parameters
    ----------
    first_views, second_views : ndarray, shape (N, D)
        Row i of both comes from example i; none of them zero.
    temperature : float > 0
        Divides the cosines.

    Returns
    -------
    ndarray, shape (N,)
        One loss per pair, in nats, float64.

    Examples
    --------
    >>> np.exp(nt_xent_loss(np.ones((3, 2)), np.ones((3, 2))))
    array([5., 5., 5.])

    References
    ----------
    Chen et al., "A Simple Framework for Contrastive Learning of Visual
    Representations", 2020, eq. 1. <https://arxiv.org/abs/2002.05709>
    """
    losses = []
    for i, pair in enumerate(zip(first_views, second_views, strict=True)):
        others = np.delete(first_views, i, 0), np.delete(second_views, i, 0)
        each = [
            surprise(0, view, np.concatenate([[partner], *others]), temperature)
            for view, partner in (pair, pair[::-1])
        ]
        losses.append(np.mean(each))
    return np.array(losses)


def surprise(found, vector, candidates, temperature):
    """Minus the log-probability of one candidate, of all that are offered."""
    lengths = np.linalg.norm(candidates, axis=1) * np.linalg.norm(vector)
    logits = np.dot(candidates, vector) / lengths / temperature
    return np.logaddexp.reduce(logits) - logits[found]
