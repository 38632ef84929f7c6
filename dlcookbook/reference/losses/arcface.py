"""Angular-margin softmax losses: ArcFace and CosFace."""

import numpy as np

__all__ = ["arcface_loss", "cosface_loss"]


def arcface_loss(cosines, targets, *, margin=0.5, scale=64.0):
    r"""Cross-entropy of scaled cosines, the true angle enlarged by the margin.

    Parameters
    ----------
    cosines : ndarray, shape (N, C)
        Cosines with each class direction.
    targets : ndarray of int, shape (N,)
        Class indices from 0 to C - 1.
    margin : float in [0, pi / 2]
        In radians; beyond the angle `pi - margin` the cosine is lowered instead.
    scale : float > 0
        Factor of the cosines.

    Returns
    -------
    ndarray, shape (N,)
        One loss per example, in nats, float64.

    Examples
    --------
    >>> arcface_loss([[0.0, 0.0]], [0], margin=0.0) / np.log(2)
    array([1.])

    References
    ----------
    Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition",
    2019, eq. 3. <https://arxiv.org/abs/1801.07698>
    """

    def enlarge(cosine):
        angle = np.arccos(cosine)
        if angle < np.pi - margin:
            return np.cos(angle + margin)
        return cosine - margin * np.sin(margin)

    return cross_entropy(cosines, targets, enlarge, scale)


def cosface_loss(cosines, targets, *, margin=0.35, scale=64.0):
    r"""Cross-entropy of scaled cosines, the true one lowered by the margin.

    Parameters
    ----------
    cosines : ndarray, shape (N, C)
        Cosines with each class direction.
    targets : ndarray of int, shape (N,)
        Class indices from 0 to C - 1.
    margin : float >= 0
        In cosine.
    scale : float > 0
        Factor of the cosines.

    Returns
    -------
    ndarray, shape (N,)
        One loss per example, in nats, float64.

    Examples
    --------
    >>> cosface_loss([[0.0, 0.0]], [0], margin=0.0) / np.log(2)
    array([1.])

    References
    ----------
    Wang et al., "CosFace: Large Margin Cosine Loss for Deep Face Recognition", 2018,
    eq. 4. <https://arxiv.org/abs/1801.09414>
    """
    return cross_entropy(cosines, targets, lambda cosine: cosine - margin, scale)


def cross_entropy(cosines, targets, change, scale):
    """Cross-entropy of scaled scores after a change of the true one."""
    losses = []
    for row, y in zip(np.array(cosines, np.float64), targets, strict=True):
        row[y] = change(row[y])
        losses.append(np.logaddexp.reduce(scale * row) - scale * row[y])
    return np.array(losses)
