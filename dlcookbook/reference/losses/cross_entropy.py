"""Cross-entropy with class weights, ignored labels, smoothing and soft targets."""

import numpy as np

__all__ = ["cross_entropy_loss", "mean_cross_entropy_loss", "soft_cross_entropy_loss"]


def cross_entropy_loss(
    logits, targets, *, class_weights=None, ignore_index=None, label_smoothing=0.0
):
    r"""$-\sum_c w_c q_c \log p_c$, where $q$ is the one-hot target after smoothing.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1 or `ignore_index`.
    class_weights : ndarray, shape (C,), optional
        Weight $w$ of each class. None weighs every class with 1.
    ignore_index : int, optional
        Label of examples that cost nothing. None ignores no example.
    label_smoothing : float in [0, 1]
        Probability that is spread evenly over all classes.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, in nats, float64; 0 where ignored.

    Examples
    --------
    >>> cross_entropy_loss(np.zeros((1, 4)), [3]) / np.log(4)
    array([1.])

    References
    ----------
    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015,
    section 7. <https://arxiv.org/abs/1512.00567>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    one_hot = np.zeros(logits.shape)
    for c in range(logits.shape[1]):
        one_hot[:, c] = targets == c
    loss = soft_cross_entropy_loss(
        logits, one_hot, class_weights=class_weights, label_smoothing=label_smoothing
    )
    loss[targets == ignore_index] = 0
    return loss


def mean_cross_entropy_loss(
    logits, targets, *, class_weights=None, ignore_index=None, label_smoothing=0.0
):
    r"""$\sum_i \ell_i / \sum_i w_{y_i}$ over the examples that are not ignored.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices from 0 to C - 1 or `ignore_index`.
    class_weights : ndarray, shape (C,), optional
        Weight $w$ of each class. None weighs every class with 1.
    ignore_index : int, optional
        Label of examples that cost nothing. None ignores no example.
    label_smoothing : float in [0, 1]
        Probability that is spread evenly over all classes.

    Returns
    -------
    float
        Mean loss, in nats; 0 if nothing is kept.

    Examples
    --------
    >>> float(mean_cross_entropy_loss(np.zeros((2, 2)), [0, 1]) / np.log(2))
    1.0

    References
    ----------
    PyTorch, "CrossEntropyLoss", reduction "mean" of class indices.
    <https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html>
    """
    losses = cross_entropy_loss(
        logits,
        targets,
        class_weights=class_weights,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
    )
    weights = [
        1.0 if class_weights is None else class_weights[y]
        for y in np.ravel(targets)
        if y != ignore_index
    ]
    return losses.sum() / sum(weights) if sum(weights) else np.float64(0.0)


def soft_cross_entropy_loss(
    logits, target_probabilities, *, class_weights=None, label_smoothing=0.0
):
    r"""$-\sum_c w_c q_c \log p_c$, where $q$ are the targets after smoothing.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    target_probabilities : ndarray, shape (N, C, ...)
        Probabilities that add up to 1 over the classes.
    class_weights : ndarray, shape (C,), optional
        Weight $w$ of each class. None weighs every class with 1.
    label_smoothing : float in [0, 1]
        Probability that is spread evenly over all classes.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, in nats, float64.

    Examples
    --------
    >>> soft_cross_entropy_loss(np.zeros((1, 2)), [[0.5, 0.5]]) / np.log(2)
    array([1.])

    References
    ----------
    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015,
    section 7. <https://arxiv.org/abs/1512.00567>
    """
    logits = np.asarray(logits, np.float64)
    total = np.logaddexp.reduce(logits, axis=1)
    targets = np.asarray(target_probabilities, np.float64)
    classes = logits.shape[1]
    loss = np.zeros(total.shape)
    for c in range(classes):
        q = (1 - label_smoothing) * targets[:, c] + label_smoothing / classes
        q = q if class_weights is None else class_weights[c] * q
        # 0 log 0 is 0
        cost = np.where(q > 0, total - logits[:, c], 0.0)
        loss += q * cost
    return loss
