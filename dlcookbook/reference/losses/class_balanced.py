"""Class-balanced cross-entropy: weigh classes by their effective number of examples."""

import numpy as np

__all__ = ["class_balanced_loss", "class_balanced_weights"]


def class_balanced_loss(logits, targets, *, class_counts, beta=0.9999):
    r"""$-w_y \log p_y$ for every example, with the `class_balanced_weights` $w$.

    Parameters
    ----------
    logits : ndarray, shape (N, C, ...)
        Raw scores, classes second.
    targets : ndarray of int, shape (N, ...)
        Class indices $y$ from 0 to C - 1.
    class_counts : ndarray, shape (C,)
        Training examples of each class.
    beta : float in [0, 1)
        The closer to 1, the nearer the weights come to one over the counts.

    Returns
    -------
    ndarray, shape (N, ...)
        One loss per example, in nats, float64.

    Examples
    --------
    >>> class_balanced_loss(np.zeros((1, 4)), [3], class_counts=[5] * 4) / np.log(4)
    array([1.])

    References
    ----------
    Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", 2019,
    section 4. <https://arxiv.org/abs/1901.05555>
    """
    logits, targets = np.asarray(logits, np.float64), np.asarray(targets)
    total = np.logaddexp.reduce(logits, axis=1)
    true = np.take_along_axis(logits, targets[:, None], axis=1)[:, 0]
    return class_balanced_weights(class_counts, beta=beta)[targets] * (total - true)


def class_balanced_weights(class_counts, *, beta=0.9999):
    r"""$w_c \propto 1 / (1 + \beta + \dots + \beta^{n_c - 1})$ with sum C.

    The sum is the effective number of $n_c$ examples, each of which adds to what the
    ones before it cover only with probability $\beta$.

    Parameters
    ----------
    class_counts : ndarray, shape (C,)
        Training examples of each class.
    beta : float in [0, 1)
        The closer to 1, the nearer the weights come to one over the counts.

    Returns
    -------
    ndarray, shape (C,)
        Weights with sum C, float64.

    Examples
    --------
    >>> class_balanced_weights([1, 2], beta=0.5)
    array([1.2, 0.8])

    References
    ----------
    Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", 2019,
    proposition 1. <https://arxiv.org/abs/1901.05555>
    """
    effective = [np.sum(beta ** np.arange(int(n), dtype=float)) for n in class_counts]
    weights = 1 / np.array(effective)
    return weights * len(weights) / weights.sum()
