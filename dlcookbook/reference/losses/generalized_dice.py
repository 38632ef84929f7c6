"""Generalised Dice loss: rare classes weigh as much as common ones."""

import numpy as np

__all__ = ["generalized_dice_loss"]


def generalized_dice_loss(logits, targets, *, absent="count", ignore_index=None):
    r"""$1 - 2 \sum_c w_c \sum p y / \sum_c w_c \sum (p + y)$, $w_c = 1 / (\sum y)^2$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`.
    absent : "count" or "skip"
        Weight of a class without a pixel in the image: that of the rarest one, or 0.
    ignore_index : int, optional
        Pixels with this target are left out.

    Returns
    -------
    ndarray, shape (N,)
        One loss per image, float64.

    Examples
    --------
    >>> generalized_dice_loss(np.zeros((1, 2, 4)), np.array([[0, 0, 0, 1]]))
    array([0.625])

    References
    ----------
    Sudre et al., "Generalised Dice overlap as a deep learning loss function for highly
    unbalanced segmentations", 2017, section 2.1. <https://arxiv.org/abs/1707.03237>
    """
    losses = []
    for z, labels in zip(np.asarray(logits, float), np.asarray(targets), strict=True):
        kept = labels != ignore_index
        p = np.exp(z - np.logaddexp.reduce(z, axis=0))[:, kept]
        masks = [labels[kept] == c for c in range(len(p))]
        weights = [1 / mask.sum() ** 2 if mask.any() else 0.0 for mask in masks]
        if absent == "count":
            weights = [w or max(weights) for w in weights]
        terms = list(zip(weights, p, masks, strict=True))
        overlap = sum(w * (q * mask).sum() for w, q, mask in terms)
        sizes = sum(w * (q.sum() + mask.sum()) for w, q, mask in terms)
        losses.append(1 - 2 * overlap / sizes if sizes > 0 else 0.0)
    return np.array(losses)
