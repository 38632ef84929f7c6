"""Accumulation: the gradient of a large batch from small ones, also uneven ones."""

import numpy as np

__all__ = ["accumulate"]


def accumulate(gradients: np.ndarray, weights: np.ndarray) -> np.ndarray:
    r"""$\sum_i w_i g_i / \sum_i w_i$: the mean over all examples, from means of parts.

    Parameters
    ----------
    gradients : ndarray, shape (parts, ...)
        Of the mean loss of each part.
    weights : ndarray, shape (parts,)
        What each mean was divided by.

    Returns
    -------
    ndarray, shape (...)
        Of the mean loss over all parts.

    Raises
    ------
    ValueError
        If there is not one weight for each part.

    Examples
    --------
    >>> accumulate(np.array([2.0, 10.0]), np.array([3.0, 1.0]))
    np.float64(4.0)

    References
    ----------
    Ott et al., "Scaling Neural Machine Translation", 2018, section 3: delayed updates.
    <https://arxiv.org/abs/1806.00187>
    """
    if np.shape(weights) != (len(gradients),):
        raise ValueError(f"weights must be one a part. Received: {np.shape(weights)}")
    return np.tensordot(weights, gradients, axes=1) / np.sum(weights)
