"""Tversky loss: Dice that prices false alarms and misses apart."""

import numpy as np

__all__ = ["binary_tversky_loss", "tversky_loss"]


def tversky_loss(
    logits,
    targets,
    *,
    alpha=0.3,
    beta=0.7,
    smooth=1.0,
    absent="count",
    ignore_index=None,
):
    r"""Mean over classes of $1 - (TP + s) / (TP + \alpha FP + \beta FN + s)$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`.
    alpha, beta : float >= 0
        Price of a false alarm (FP) and of a miss (FN).
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
    >>> tversky_loss(np.zeros((1, 2, 4)), np.array([[0, 0, 1, 1]]), smooth=0.0)
    array([0.5])

    References
    ----------
    Salehi et al., "Tversky loss function for image segmentation using 3D fully
    convolutional deep networks", 2017, eq. 3. <https://arxiv.org/abs/1706.05721>
    """
    losses = []
    for z, labels in zip(np.asarray(logits, float), np.asarray(targets), strict=True):
        kept = labels != ignore_index
        p = np.exp(z - np.logaddexp.reduce(z, axis=0))[:, kept]
        masks = [labels[kept] == c for c in range(len(p))]
        terms = [
            1 - tversky_index(p[c], mask, alpha, beta, smooth)
            for c, mask in enumerate(masks)
            if absent == "count" or mask.any()
        ]
        losses.append(np.mean(terms) if terms else 0.0)
    return np.array(losses)


def binary_tversky_loss(logits, targets, *, alpha=0.3, beta=0.7, smooth=1.0):
    r"""$1 - (TP + s) / (TP + \alpha FP + \beta FN + s)$ for each mask.

    Parameters
    ----------
    logits : ndarray, shape (N, ...)
        Raw scores.
    targets : ndarray, shape (N, ...)
        0 or 1.
    alpha, beta : float >= 0
        Price of a false alarm (FP) and of a miss (FN).
    smooth : float >= 0
        $s$, in pixels.

    Returns
    -------
    ndarray, shape (N,)
        One loss per image, float64.

    Examples
    --------
    >>> binary_tversky_loss(np.zeros((1, 4)), np.array([[0, 0, 1, 1]]), smooth=0.0)
    array([0.5])

    References
    ----------
    Salehi et al., 2017, eq. 3. <https://arxiv.org/abs/1706.05721>
    """
    p = np.exp(-np.logaddexp(0.0, -np.asarray(logits, float)))
    masks = zip(p, np.asarray(targets), strict=True)
    return np.array(
        [1 - tversky_index(found, mask, alpha, beta, smooth) for found, mask in masks]
    )


def tversky_index(p, mask, alpha, beta, smooth):
    """Hits over hits and priced errors; 1 if there is nothing at all."""
    hits = (p * mask).sum()
    false_alarms = (p * (1 - mask)).sum()
    misses = ((1 - p) * mask).sum()
    whole = hits + alpha * false_alarms + beta * misses + smooth
    return (hits + smooth) / whole if whole > 0 else 1.0
