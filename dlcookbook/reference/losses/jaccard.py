"""Jaccard loss (soft IoU): one minus intersection over union, in probabilities."""

import numpy as np

__all__ = ["binary_jaccard_loss", "jaccard_loss"]


def jaccard_loss(logits, targets, *, smooth=1.0, absent="count", ignore_index=None):
    r"""Mean over classes of $1 - (\sum p y + s) / (\sum p + \sum y - \sum p y + s)$.

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
    >>> jaccard_loss(np.zeros((1, 2, 4)), np.array([[0, 0, 1, 1]]), smooth=0.0)
    array([0.66666667])

    References
    ----------
    Rahman and Wang, "Optimizing Intersection-Over-Union in Deep Neural Networks for
    Image Segmentation", 2016. <https://doi.org/10.1007/978-3-319-50835-1_22>
    """
    losses = []
    for z, labels in zip(np.asarray(logits, float), np.asarray(targets), strict=True):
        kept = labels != ignore_index
        p = np.exp(z - np.logaddexp.reduce(z, axis=0))[:, kept]
        masks = [labels[kept] == c for c in range(len(p))]
        overlaps = [
            1 - jaccard(p[c], mask, smooth)
            for c, mask in enumerate(masks)
            if absent == "count" or mask.any()
        ]
        losses.append(np.mean(overlaps) if overlaps else 0.0)
    return np.array(losses)


def binary_jaccard_loss(logits, targets, *, smooth=1.0):
    r"""$1 - (\sum p y + s) / (\sum p + \sum y - \sum p y + s)$ for each mask.

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
    >>> binary_jaccard_loss(np.zeros((1, 4)), np.array([[0, 0, 1, 1]]), smooth=0.0)
    array([0.66666667])

    References
    ----------
    Rahman and Wang, "Optimizing Intersection-Over-Union in Deep Neural Networks for
    Image Segmentation", 2016. <https://doi.org/10.1007/978-3-319-50835-1_22>
    """
    p = np.exp(-np.logaddexp(0.0, -np.asarray(logits, float)))
    masks = zip(p, np.asarray(targets), strict=True)
    return np.array([1 - jaccard(found, mask, smooth) for found, mask in masks])


def jaccard(p, mask, smooth):
    """Intersection over union, in probabilities; 1 if there is nothing at all."""
    intersection = (p * mask).sum()
    union = p.sum() + mask.sum() - intersection + smooth
    return (intersection + smooth) / union if union > 0 else 1.0
