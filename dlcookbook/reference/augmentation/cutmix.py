"""CutMix: paste a rectangle of another image, label by the area that it covers."""

import numpy as np

__all__ = ["cutmix"]


def cutmix(
    images: np.ndarray, labels: np.ndarray, partner: np.ndarray, boxes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    r"""Paste each partner's rectangle, and weigh the labels by what is seen of both.

    $\tilde y_i = (1 - a_i) y_i + a_i y_{\pi(i)}$ with $a_i$ the share of the pixels
    that were pasted. A box without a pixel changes nothing.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        A batch.
    labels : ndarray, shape (N, C)
        One row of class shares for every example.
    partner : ndarray, shape (N,)
        Whose pixels each gets.
    boxes : ndarray, shape (N, 4)
        First row, first column, and the row and column after the last, in pixels.

    Returns
    -------
    tuple of ndarray, shapes (N, C, H, W) and (N, C)
        Images with their rectangles, and labels.

    Examples
    --------
    >>> images = np.array([0.0, 1.0]).reshape(2, 1, 1, 1) * np.ones((2, 1, 2, 2))
    >>> boxes = np.array([[0, 0, 1, 2], [0, 0, 0, 0]])
    >>> mixed, soft = cutmix(images, np.eye(2), np.array([1, 0]), boxes)
    >>> mixed[0, 0].tolist(), soft.tolist()
    ([[1.0, 1.0], [0.0, 0.0]], [[0.5, 0.5], [0.0, 1.0]])

    References
    ----------
    Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with
    Localizable Features", 2019, eq. 1 and 2. <https://arxiv.org/abs/1905.04899>
    """
    images, labels = np.array(images), np.asarray(labels, float)
    mixed, soft = images.copy(), np.empty_like(labels)
    height, width = images.shape[-2:]
    for i, (j, (top, left, bottom, right)) in enumerate(
        zip(partner, boxes, strict=True)
    ):
        own = np.ones((height, width), bool)
        own[top:bottom, left:right] = False
        mixed[i] = np.where(own, images[i], images[j])
        soft[i] = own.mean() * labels[i] + (~own).mean() * labels[j]
    return mixed, soft
