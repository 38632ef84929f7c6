"""Dice loss: overlap of prediction and mask, blind to how large the background is."""

import numpy as np

__all__ = ["binary_dice_loss", "dice_loss"]


def dice_loss(logits, targets, *, smooth=1.0, absent="count", ignore_index=None):
    r"""Mean over classes of $1 - (2 \sum p y + s) / (\sum p + \sum y + s)$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`.
    smooth : float >= 0
        $s$, in pixels.
    absent : "count" or "skip"
        Whether a class without a pixel in the image stands in the mean.
    ignore_index : int, optional
        Pixels with this target are left out.

    Returns
    -------
    ndarray, shape (N,)
        One loss per image, float64.

    Examples
    --------
    >>> dice_loss(np.zeros((1, 2, 4)), np.array([[0, 0, 1, 1]]), smooth=0.0)
    array([0.5])

    References
    ----------
    Milletari et al., "V-Net", 2016, section 3, without the squares in the
    denominator. <https://arxiv.org/abs/1606.04797>
    """
    losses = []
    for z, labels in zip(np.asarray(logits, float), np.asarray(targets), strict=True):
        kept = labels != ignore_index
        p = np.exp(z - np.logaddexp.reduce(z, axis=0))[:, kept]
        masks = [labels[kept] == c for c in range(len(p))]
        overlaps = [
            1 - dice(p[c], mask, smooth)
            for c, mask in enumerate(masks)
            if absent == "count" or mask.any()
        ]
        losses.append(np.mean(overlaps) if overlaps else 0.0)
    return np.array(losses)


def binary_dice_loss(logits, targets, *, smooth=1.0):
    r"""$1 - (2 \sum p y + s) / (\sum p + \sum y + s)$ for each mask.

    Parameters
    ----------
    logits : ndarray, shape (N, ...)
        Raw scores.
    targets : ndarray, shape (N, ...)
        0 or 1.
    smooth : float >= 0
        $s$, in pixels.

    Returns
    -------
    ndarray, shape (N,)
        One loss per image, float64.

    Examples
    --------
    >>> binary_dice_loss(np.zeros((1, 4)), np.array([[0, 0, 1, 1]]), smooth=0.0)
    array([0.5])

    References
    ----------
    Milletari et al., "V-Net", 2016, section 3, without the squares in the
    denominator. <https://arxiv.org/abs/1606.04797>
    """
    p = np.exp(-np.logaddexp(0.0, -np.asarray(logits, float)))
    masks = zip(p, np.asarray(targets), strict=True)
    return np.array([1 - dice(prediction, mask, smooth) for prediction, mask in masks])


def dice(p, mask, smooth):
    """Twice the overlap over the sum of both sizes; 1 if there is nothing at all."""
    sizes = p.sum() + mask.sum() + smooth
    return (2 * (p * mask).sum() + smooth) / sizes if sizes > 0 else 1.0
