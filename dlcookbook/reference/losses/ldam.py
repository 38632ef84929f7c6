"""LDAM loss: larger margins for rarer classes."""

import numpy as np

__all__ = ["ldam_loss"]


def ldam_loss(logits, targets, *, class_counts, max_margin=0.5, scale=30.0):
    r"""Cross-entropy of $s\,(z - \Delta_y e_y)$ with $\Delta_c \propto n_c^{-1/4}$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Cosines or raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1.
    class_counts : sequence of C numbers > 0
        Examples of each class in the training set.
    max_margin : float >= 0
        Margin of the rarest class.
    scale : float > 0
        Factor of the scores.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, in nats, float64.

    Examples
    --------
    >>> ldam_loss([[0.0, 0.0]], [0], class_counts=[1, 1], max_margin=0) / np.log(2)
    array([1.])

    References
    ----------
    Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin
    Loss", 2019, eq. 13. <https://arxiv.org/abs/1906.07413>
    """
    lowered = np.moveaxis(np.array(logits, np.float64), 1, -1)
    rarity = np.asarray(class_counts, np.float64) ** -0.25
    margins = max_margin * rarity / rarity.max()
    losses = np.empty(np.shape(targets))
    for place, y in np.ndenumerate(targets):
        lowered[place][y] -= margins[y]
        scores = scale * lowered[place]
        losses[place] = np.logaddexp.reduce(scores) - scores[y]
    return losses
