"""Penalties of large weights: L1, L2, elastic net; the step that gives exact zeros."""

import numpy as np

__all__ = ["penalty", "penalty_slope", "shrink"]


def penalty(weights, *, l1=0.0, l2=0.0):
    r"""$\lambda_1 \sum_i |w_i| + \lambda_2 \sum_i w_i^2$, to be added to the loss.

    Parameters
    ----------
    weights : ndarray, shape (...)
        The weights of a layer, without its biases.
    l1, l2 : float >= 0
        The two strengths; both above 0 are an elastic net.

    Returns
    -------
    ndarray, shape ()
        The penalty.

    Examples
    --------
    >>> float(penalty([[1.0, -2.0]], l1=0.5, l2=0.25))
    2.75

    References
    ----------
    Zou and Hastie, "Regularization and variable selection via the elastic net", 2005,
    eq. 3. <https://doi.org/10.1111/j.1467-9868.2005.00503.x>
    """
    w = np.asarray(weights, np.float64)
    return l1 * np.abs(w).sum() + l2 * (w**2).sum()


def penalty_slope(weights, *, l1=0.0, l2=0.0):
    r"""$\lambda_1 \mathrm{sign}(w) + 2 \lambda_2 w$: the 2 is the square's.

    Parameters
    ----------
    weights : ndarray, shape (...)
        The weights of a layer.
    l1, l2 : float >= 0
        The two strengths.

    Returns
    -------
    ndarray, shape (...)
        Gradient of the penalty; at 0 the one in the middle, 0.

    Examples
    --------
    >>> penalty_slope([1.0, -2.0, 0.0], l1=0.5, l2=0.25)
    array([ 1. , -1.5,  0. ])

    References
    ----------
    Zou and Hastie, 2005. <https://doi.org/10.1111/j.1467-9868.2005.00503.x>
    """
    w = np.asarray(weights, np.float64)
    return l1 * np.sign(w) + 2 * l2 * w


def shrink(weights, *, amount):
    r"""$\mathrm{sign}(w) \max(|w| - a, 0)$: what is smaller than a becomes 0.

    The place that is best for $\frac{1}{2}(v - w)^2 + a |v|$. After a step of the rate
    $\eta$ along the loss alone, with $a = \eta \lambda_1$, it is L1 done exactly.

    Parameters
    ----------
    weights : ndarray, shape (...)
        The weights after the step.
    amount : float >= 0
        Learning rate times the strength of L1.

    Returns
    -------
    ndarray, shape (...)
        New weights.

    Examples
    --------
    >>> shrink([1.0, -0.25, -2.0], amount=0.5)
    array([ 0.5, -0. , -1.5])

    References
    ----------
    Parikh and Boyd, "Proximal Algorithms", 2014, section 6.5.2.
    <https://doi.org/10.1561/2400000003>
    """
    w = np.asarray(weights, np.float64)
    return np.sign(w) * np.maximum(np.abs(w) - amount, 0)
