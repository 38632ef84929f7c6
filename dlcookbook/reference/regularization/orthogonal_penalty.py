"""A penalty of units that look alike: the mean of the cosines between their weights."""

import numpy as np

__all__ = ["orthogonal_penalty"]


def orthogonal_penalty(weight, *, factor=0.01):
    r"""$\lambda$ times the mean of $|\cos(w_i, w_j)|$ over all pairs $i < j$.

    0 where every two units are at a right angle, $\lambda$ where all are parallel.

    Parameters
    ----------
    weight : ndarray, shape (K, ...)
        The weights of K units, one per entry of the first axis.
    factor : float >= 0
        $\lambda$.

    Returns
    -------
    float
        The penalty.

    Examples
    --------
    >>> orthogonal_penalty([[2.0, 0.0], [0.0, 3.0]])
    0.0
    >>> round(orthogonal_penalty([[2.0, 0.0], [-1.0, 0.0]]), 4)
    0.01

    References
    ----------
    Rodriguez et al., "Regularizing CNNs with Locally Constrained Decorrelations",
    2017, with the squares of the cosines. <https://arxiv.org/abs/1611.01967>
    """
    rows = [np.ravel(row) for row in np.asarray(weight, np.float64)]
    cosines = [
        abs(a @ b) / (np.linalg.norm(a) * np.linalg.norm(b))
        for i, a in enumerate(rows)
        for b in rows[:i]
    ]
    return float(factor * sum(cosines) / len(cosines))
