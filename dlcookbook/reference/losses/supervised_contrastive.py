"""Supervised contrastive loss: pull a class together, push all others away."""

import numpy as np

__all__ = ["supervised_contrastive_loss"]


def supervised_contrastive_loss(embeddings, labels, *, temperature=0.1):
    r"""Mean surprise at finding each positive among all other rows.

    $-\frac{1}{|P|} \sum_{p \in P} \ln \frac{\exp(s_{ap})}{\sum_{k \ne a} \exp(s_{ak})}$
    with $s$ the cosines over $\tau$.

    Parameters
    ----------
    embeddings : ndarray, shape (N, D)
        One vector per row, none of them zero.
    labels : ndarray of int, shape (N,)
        Which rows belong together.
    temperature : float > 0
        Divides the cosines.

    Returns
    -------
    ndarray, shape (N,)
        One loss per anchor, in nats, float64; 0 without a positive.

    Examples
    --------
    >>> np.exp(supervised_contrastive_loss(np.ones((4, 2)), [7, 7, 7, 1]))
    array([3., 3., 3., 1.])

    References
    ----------
    Khosla et al., "Supervised Contrastive Learning", 2020, eq. 2.
    <https://arxiv.org/abs/2004.11362>
    """
    embeddings = np.asarray(embeddings, np.float64)
    z = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    loss = np.zeros(len(z))
    for a in range(len(z)):
        others = [k for k in range(len(z)) if k != a]
        positives = [p for p in others if labels[p] == labels[a]]
        if positives:
            log_sum = np.logaddexp.reduce([z[a] @ z[k] / temperature for k in others])
            loss[a] = np.mean([log_sum - z[a] @ z[p] / temperature for p in positives])
    return loss
