"""Focal loss: down-weight what the model already gets right."""

import numpy as np

__all__ = ["sigmoid_focal_loss", "softmax_focal_loss"]


def sigmoid_focal_loss(logits, targets, *, alpha=None, gamma=2.0):
    r"""$-\alpha_t (1 - p_t)^\gamma \log p_t$ for every label.

    Parameters
    ----------
    logits : ndarray, shape (...)
        Raw scores.
    targets : ndarray, shape (...)
        0 or 1.
    alpha : float in [0, 1], optional
        Weight of label 1; label 0 gets `1 - alpha`. None weighs both with 1.
    gamma : float >= 0
        Focus.

    Returns
    -------
    ndarray, shape (...)
        One loss per label, in nats, float64.

    Examples
    --------
    >>> sigmoid_focal_loss([0.0], [1], gamma=1.0) / np.log(2)
    array([0.5])

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", 2017, eq. 5.
    <https://arxiv.org/abs/1708.02002>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    cross_entropy = np.where(targets == 1, softplus(-logits), softplus(logits))
    wrong = -np.expm1(-cross_entropy)
    weight = 1.0 if alpha is None else np.where(targets == 1, alpha, 1 - alpha)
    return weight * wrong**gamma * cross_entropy


def softmax_focal_loss(logits, targets, *, alpha=None, gamma=2.0):
    r"""$-\alpha_y (1 - p_y)^\gamma \log p_y$ for every example.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1.
    alpha : ndarray, shape (C,), optional
        Weight of each class. None weighs every class with 1.
    gamma : float >= 0
        Focus.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, in nats, float64.

    Examples
    --------
    >>> softmax_focal_loss(np.zeros((1, 4)), np.array([3]), gamma=1.0) / np.log(4)
    array([0.75])

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", 2017, eq. 5, with the softmax
    in place of the sigmoid. <https://arxiv.org/abs/1708.02002>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    total = np.logaddexp.reduce(logits, axis=1)
    true = np.take_along_axis(logits, targets[:, None], axis=1)[:, 0]
    cross_entropy = total - true
    wrong = -np.expm1(-cross_entropy)
    weight = 1.0 if alpha is None else np.asarray(alpha)[targets]
    return weight * wrong**gamma * cross_entropy


def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return np.logaddexp(0.0, x)
