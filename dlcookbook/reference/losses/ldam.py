"""LDAM loss: demand a larger margin of rarer classes."""

import numpy as np

__all__ = ["ldam_loss"]


def ldam_loss(logits, targets, *, class_counts, max_margin=0.5, scale=30.0):
    r"""$\log(1 + \sum_{j \ne y} e^{s (z_j - z_y + \Delta_y)})$ for every example.

    The margin is $\Delta_j = K / n_j^{1/4}$, with $K$ such that the largest is $m$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Cosines of the features with the weights of each class, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices $y$ from 0 to C - 1.
    class_counts : ndarray, shape (C,)
        Training examples $n$ of each class.
    max_margin : float >= 0
        Margin $m$ of the rarest class.
    scale : float > 0
        Factor $s$ that makes a softmax of cosines sharp.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, in nats, float64.

    Examples
    --------
    >>> ldam_loss([[0.0, 0.0]], [0], class_counts=[5, 5], max_margin=0.0) / np.log(2)
    array([1.])

    References
    ----------
    Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin
    Loss", 2019, section 3. <https://arxiv.org/abs/1906.07413>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    roots = np.asarray(class_counts, np.float64) ** -0.25
    margins = max_margin * roots / roots.max()
    true = np.take_along_axis(logits, targets[:, None], axis=1)[:, 0]
    loss = np.zeros(targets.shape)
    for c in range(logits.shape[1]):
        behind = scale * (logits[:, c] - true + margins[targets])
        loss = np.logaddexp(loss, np.where(targets == c, -np.inf, behind))
    return loss
