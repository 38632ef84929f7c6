"""Circle loss: each similarity is pulled as hard as it is far from its optimum."""

import numpy as np

__all__ = ["circle_loss"]


def circle_loss(embeddings, labels, *, margin=0.25, scale=256.0):
    r"""Logarithm of one plus a sum over all pairs of a negative and a positive.

    $\ln(1 + \sum_n \sum_p e^{\gamma (\alpha_n (s_n - m) - \alpha_p (s_p - 1 + m))})$
    with $\alpha_p = [1 + m - s_p]_+$ and $\alpha_n = [s_n + m]_+$.

    Parameters
    ----------
    embeddings : ndarray, shape (N, D)
        One vector per row, none of them zero; $s$ are their cosines.
    labels : ndarray of int, shape (N,)
        Which rows belong together.
    margin : float
        Relaxation $m$.
    scale : float > 0
        The factor $\gamma$.

    Returns
    -------
    ndarray, shape (N,)
        One loss per anchor, float64; 0 without a positive or a negative.

    Examples
    --------
    >>> circle_loss(np.ones((3, 2)), [0, 0, 1], margin=0.5, scale=1.0)
    array([0.97407698, 0.97407698, 0.        ])

    References
    ----------
    Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization",
    2020, eq. 6 and 8. <https://arxiv.org/abs/2002.10857>
    """
    embeddings, labels = np.asarray(embeddings, np.float64), np.asarray(labels)
    loss = np.zeros(len(labels))
    for a, anchor in enumerate(embeddings):
        lengths = np.linalg.norm(embeddings, axis=1) * np.linalg.norm(anchor)
        s = embeddings @ anchor / lengths
        terms = [0.0]
        for p in (i for i in np.flatnonzero(labels == labels[a]) if i != a):
            for n in np.flatnonzero(labels != labels[a]):
                pull = max(1 + margin - s[p], 0) * (s[p] - (1 - margin))
                push = max(s[n] + margin, 0) * (s[n] - margin)
                terms.append(scale * (push - pull))
        loss[a] = np.logaddexp.reduce(terms)
    return loss
