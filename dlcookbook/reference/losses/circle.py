"""Circle loss: every pair pulls as hard as it is still wrong."""

import numpy as np

__all__ = ["circle_loss"]


def circle_loss(embeddings, labels, *, margin=0.25, scale=256.0):
    r"""Circle loss over the pairs of a batch, for every anchor.

    Parameters
    ----------
    embeddings : ndarray, shape (N, D)
        One vector per row.
    labels : ndarray of int, shape (N,)
        Which rows belong together.
    margin : float in [0, 1]
        Distance of the two goals from the cosines 1 and 0.
    scale : float > 0
        Factor of the weighted cosines.

    Returns
    -------
    ndarray, shape (N,)
        One loss per anchor, float64.

    Examples
    --------
    >>> circle_loss([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]], [0, 0, 1], scale=4.0).round(4)
    array([0.4741, 0.4741, 0.    ])

    References
    ----------
    Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization",
    2020, eq. 6 and 8. <https://arxiv.org/abs/2002.10857>
    """
    embeddings = np.asarray(embeddings, np.float64)
    losses = []
    for a, anchor in enumerate(embeddings):
        pull, push = -np.inf, -np.inf
        for b, other in enumerate(embeddings):
            cosine = anchor @ other / np.sqrt((anchor @ anchor) * (other @ other))
            if labels[a] != labels[b]:
                weight = max(0.0, cosine + margin)
                push = np.logaddexp(push, scale * weight * (cosine - margin))
            elif a != b:
                weight = max(0.0, 1 + margin - cosine)
                pull = np.logaddexp(pull, -scale * weight * (cosine - 1 + margin))
        losses.append(np.logaddexp(0, pull + push))
    return np.array(losses)
