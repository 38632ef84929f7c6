"""Lovász losses: train on intersection over union itself, made convex."""

import numpy as np

__all__ = ["lovasz_hinge_loss", "lovasz_softmax_loss"]


def lovasz_softmax_loss(logits, targets, *, classes="present", ignore_index=None):
    r"""Mean over classes of the Lovász extension of 1 - IoU at $m = |y - p|$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`.
    classes : "present" or "all"
        Which classes the mean takes: those in the image, or all.
    ignore_index : int, optional
        Pixels with this target are left out.

    Returns
    -------
    ndarray, shape (N,)
        One loss per image, float64.

    Examples
    --------
    >>> lovasz_softmax_loss(np.zeros((1, 2, 3)), np.array([[0, 1, 1]]))
    array([0.5])

    References
    ----------
    Berman et al., "The Lovász-Softmax loss", 2018, definition 2.
    <https://arxiv.org/abs/1705.08790>
    """
    losses = []
    for z, labels in zip(np.asarray(logits, float), np.asarray(targets), strict=True):
        kept = labels != ignore_index
        p = np.exp(z - np.logaddexp.reduce(z, axis=0))[:, kept]
        terms = []
        for c in range(len(p)):
            mask = labels[kept] == c
            others = np.delete(p, c, axis=0).sum(axis=0)
            if classes == "all" or mask.any():
                terms.append(lovasz_extension(np.where(mask, others, p[c]), mask))
        losses.append(np.mean(terms) if terms else 0.0)
    return np.array(losses)


def lovasz_hinge_loss(logits, targets):
    r"""Lovász extension of 1 - IoU at the hinge losses of every mask.

    Parameters
    ----------
    logits : ndarray, shape (N, ...)
        Raw scores.
    targets : ndarray, shape (N, ...)
        0 or 1.

    Returns
    -------
    ndarray, shape (N,)
        One loss per image, float64.

    Examples
    --------
    >>> lovasz_hinge_loss(np.array([[2.0, 2.0, -2.0]]), np.array([[1, 0, 0]]))
    array([1.5])

    References
    ----------
    Berman et al., "The Lovász-Softmax loss", 2018, section 2.
    <https://arxiv.org/abs/1705.08790>
    """
    logits, targets = np.asarray(logits, float), np.asarray(targets)
    errors = np.maximum(0.0, 1 - np.where(targets == 1, logits, -logits))
    masks = zip(errors, targets == 1, strict=True)
    return np.array([lovasz_extension(m.ravel(), mask.ravel()) for m, mask in masks])


def lovasz_extension(errors, mask):
    """Integral over t of 1 - IoU where pixels with errors of at least t are wrong."""
    total, below = 0.0, 0.0
    for t in np.unique(errors):
        total += (t - below) * jaccard_distance(errors >= t, mask)
        below = t
    return total


def jaccard_distance(wrong, mask):
    """Return 1 - IoU of a mask and the prediction that is wrong in some pixels."""
    predicted = mask ^ wrong
    union = (mask | predicted).sum()
    return 1 - (mask & predicted).sum() / union if union else 0.0
