"""ArcFace and CosFace: softmax over cosines, with a margin for the true class."""

import numpy as np

__all__ = ["arcface_loss", "cosface_loss"]


def arcface_loss(cosines, targets, *, margin=0.5, scale=64.0):
    r"""Cross-entropy of scaled cosines, with $\cos(\theta_y + m)$ for the true class.

    Beyond $\theta_y = \pi - m$ it is $\cos\theta_y - m \sin m$.

    Parameters
    ----------
    cosines : ndarray, shape (N, C)
        Cosine of each embedding with the weight vector of each class.
    targets : ndarray of int, shape (N,)
        Class indices from 0 to C - 1.
    margin : float in [0, pi]
        Angle $m$ in radians.
    scale : float > 0
        Turns cosines into logits.

    Returns
    -------
    ndarray, shape (N,)
        One loss per example, in nats, float64.

    Examples
    --------
    >>> arcface_loss([[1.0, 0.5]], [0], margin=np.pi / 3) / np.log(2)
    array([1.])

    References
    ----------
    Deng et al., "ArcFace: Additive Angular Margin Loss for Deep Face Recognition",
    2019, eq. 3. <https://arxiv.org/abs/1801.07698>
    """
    logits = scale * np.array(cosines, np.float64)
    for row, target in zip(logits, targets, strict=True):
        angle = np.arccos(np.clip(row[target] / scale, -1, 1))
        if angle <= np.pi - margin:
            row[target] = scale * np.cos(angle + margin)
        else:
            row[target] -= scale * margin * np.sin(margin)
    return cross_entropy(logits, targets)


def cosface_loss(cosines, targets, *, margin=0.35, scale=64.0):
    r"""Cross-entropy of scaled cosines, less $m$ for the true class.

    Parameters
    ----------
    cosines : ndarray, shape (N, C)
        Cosine of each embedding with the weight vector of each class.
    targets : ndarray of int, shape (N,)
        Class indices from 0 to C - 1.
    margin : float >= 0
        What the true class must be ahead by, $m$.
    scale : float > 0
        Turns cosines into logits.

    Returns
    -------
    ndarray, shape (N,)
        One loss per example, in nats, float64.

    Examples
    --------
    >>> cosface_loss([[0.75, 0.5]], [0], margin=0.25) / np.log(2)
    array([1.])

    References
    ----------
    Wang et al., "CosFace: Large Margin Cosine Loss for Deep Face Recognition", 2018,
    eq. 4. <https://arxiv.org/abs/1801.09414>
    """
    logits = scale * np.array(cosines, np.float64)
    logits[np.arange(len(logits)), targets] -= scale * margin
    return cross_entropy(logits, targets)


def cross_entropy(logits, targets):
    """Minus the log-probability of the true class, one per row."""
    return np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(logits)), targets]
