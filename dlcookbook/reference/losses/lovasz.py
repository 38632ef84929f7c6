"""Lovász losses: the intersection over union itself, made differentiable."""

import numpy as np

__all__ = ["lovasz_hinge_loss", "lovasz_softmax_loss"]


def lovasz_hinge_loss(logits, targets):
    r"""Lovász extension of 1 - IoU at the errors $\max(0, 1 - s z)$ of each mask.

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
    >>> lovasz_hinge_loss([[0.0, 0.0, 0.0]], [[1, 0, 0]])
    array([1.])

    References
    ----------
    Berman et al., "The Lovász-Softmax Loss", 2018, eq. 9 and algorithm 1.
    <https://arxiv.org/abs/1705.08790>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    errors = np.maximum(0, 1 - np.where(targets == 1, logits, -logits))
    images = zip(errors, targets, strict=True)
    return np.array([extension(e.ravel(), mask.ravel() == 1) for e, mask in images])


def lovasz_softmax_loss(logits, targets, *, absent="skip", ignore_index=None):
    r"""Mean over classes of the Lovász extension of 1 - IoU at the errors $|y - p|$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1, or `ignore_index`.
    absent : "skip" or "count"
        Whether a class without a pixel in the image stands in the mean.
    ignore_index : int, optional
        Pixels with this target are left out.

    Returns
    -------
    ndarray, shape (N,)
        One loss per image, float64.

    Examples
    --------
    >>> lovasz_softmax_loss(np.zeros((1, 2, 4)), np.array([[0, 0, 1, 1]]))
    array([0.5])

    References
    ----------
    Berman et al., "The Lovász-Softmax Loss", 2018, eq. 11 and algorithm 1.
    <https://arxiv.org/abs/1705.08790>
    """
    losses = []
    for z, labels in zip(np.asarray(logits, float), np.asarray(targets), strict=True):
        kept = labels != ignore_index
        p = np.exp(z - np.logaddexp.reduce(z, axis=0))[:, kept]
        masks = [labels[kept] == c for c in range(len(p))]
        terms = [
            extension(np.abs(mask - p[c]), mask)
            for c, mask in enumerate(masks)
            if absent == "count" or mask.any()
        ]
        losses.append(np.mean(terms) if terms else 0.0)
    return np.array(losses)


def extension(errors, mask):
    """Let pixels become wrong one by one, the largest error first; weigh each step."""
    wrong, before, total = np.zeros(len(mask), bool), 0.0, 0.0
    for pixel in np.argsort(-errors, kind="stable"):
        wrong[pixel] = True
        # of a prediction that is wrong exactly there
        now = wrong.sum() / (mask | wrong).sum()
        total += errors[pixel] * (now - before)
        before = now
    return total
