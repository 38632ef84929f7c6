"""Focal Tversky loss: a power that shifts the gradient between good and bad masks."""

import numpy as np

__all__ = ["binary_focal_tversky_loss", "focal_tversky_loss"]


def focal_tversky_loss(
    logits,
    targets,
    *,
    alpha=0.3,
    beta=0.7,
    gamma=4 / 3,
    smooth=1.0,
    absent="count",
    ignore_index=None,
):
    r"""Mean over classes of $(1 - T)^{1 / \gamma}$ with the Tversky index $T$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`.
    alpha, beta : float >= 0
        Price of a false alarm (FP) and of a miss (FN).
    gamma : float > 0
        Inverse of the exponent.
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
    >>> targets = np.array([[0, 0, 1, 1]])
    >>> focal_tversky_loss(np.zeros((1, 2, 4)), targets, gamma=0.5, smooth=0.0)
    array([0.25])

    References
    ----------
    Abraham and Khan, "A novel Focal Tversky loss function with improved Attention U-Net
    for lesion segmentation", 2019. <https://arxiv.org/abs/1810.07842>
    """
    losses = []
    for z, labels in zip(np.asarray(logits, float), np.asarray(targets), strict=True):
        kept = labels != ignore_index
        p = np.exp(z - np.logaddexp.reduce(z, axis=0))[:, kept]
        terms = []
        for c in range(len(p)):
            mask = labels[kept] == c
            others = np.delete(p, c, axis=0).sum(axis=0)
            if absent == "count" or mask.any():
                terms.append(distance(p[c], others, mask, alpha, beta, smooth))
        losses.append(np.mean(np.power(terms, 1 / gamma)) if terms else 0.0)
    return np.array(losses)


def binary_focal_tversky_loss(
    logits, targets, *, alpha=0.3, beta=0.7, gamma=4 / 3, smooth=1.0
):
    r"""$(1 - T)^{1 / \gamma}$ for each mask, with its Tversky index $T$.

    Parameters
    ----------
    logits : ndarray, shape (N, ...)
        Raw scores.
    targets : ndarray, shape (N, ...)
        0 or 1.
    alpha, beta : float >= 0
        Price of a false alarm (FP) and of a miss (FN).
    gamma : float > 0
        Inverse of the exponent.
    smooth : float >= 0
        $s$, in pixels.

    Returns
    -------
    ndarray, shape (N,)
        One loss per image, float64.

    Examples
    --------
    >>> targets = np.array([[0, 0, 1, 1]])
    >>> binary_focal_tversky_loss(np.zeros((1, 4)), targets, gamma=0.5, smooth=0.0)
    array([0.25])

    References
    ----------
    Abraham and Khan, 2019. <https://arxiv.org/abs/1810.07842>
    """
    logits, targets = np.asarray(logits, float), np.asarray(targets)
    p, q = np.exp(-np.logaddexp(0, -logits)), np.exp(-np.logaddexp(0, logits))
    masks = zip(p, q, targets, strict=True)
    terms = [distance(*mask, alpha, beta, smooth) for mask in masks]
    return np.array(terms) ** (1 / gamma)


def distance(p, q, mask, alpha, beta, smooth):
    """One minus the Tversky index, without the cancellation that a root would show."""
    priced = alpha * (p * (1 - mask)).sum() + beta * (q * mask).sum()
    whole = (p * mask).sum() + priced + smooth
    return priced / whole if whole > 0 else 0.0
