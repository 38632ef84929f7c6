"""Mixup: train on the weighted mean of two examples and of their labels."""

import numpy as np

__all__ = ["mixup"]


def mixup(
    images: np.ndarray, labels: np.ndarray, partner: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    r"""Mix every example with its partner, and the labels alike.

    $\tilde x_i = \lambda_i x_i + (1 - \lambda_i) x_{\pi(i)}$. With $\lambda = 1$
    nothing changes.

    Parameters
    ----------
    images : ndarray, shape (N, ...)
        A batch.
    labels : ndarray, shape (N, C)
        One row of class shares for every example.
    partner : ndarray, shape (N,)
        Whom each is mixed with.
    weight : ndarray, shape (N,)
        Share that each keeps, in [0, 1].

    Returns
    -------
    tuple of ndarray, shapes (N, ...) and (N, C)
        Mixed images and labels.

    Examples
    --------
    >>> images, labels = np.array([[0.0], [8.0]]), np.eye(2)
    >>> mixed, soft = mixup(images, labels, np.array([1, 0]), np.array([0.75, 1.0]))
    >>> mixed.tolist(), soft.tolist()
    ([[2.0], [8.0]], [[0.75, 0.25], [0.0, 1.0]])

    References
    ----------
    Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2017, eq. 1.
    <https://arxiv.org/abs/1710.09412>
    """
    images, labels = np.asarray(images, float), np.asarray(labels, float)
    mixed, soft = np.empty_like(images), np.empty_like(labels)
    for i, (j, share) in enumerate(zip(partner, weight, strict=True)):
        mixed[i] = share * images[i] + (1 - share) * images[j]
        soft[i] = share * labels[i] + (1 - share) * labels[j]
    return mixed, soft
