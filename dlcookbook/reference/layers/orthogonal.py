"""Orthogonal initialiser, of the whole matrix or of each gate."""

import numpy as np

__all__ = ["orthogonal"]


def orthogonal(draws, *, gain=1.0, blocks=1):
    """Make rows (or columns, where they are fewer) of normal numbers orthonormal.

    Parameters
    ----------
    draws : ndarray, shape (O, I)
        Independent normal numbers.
    gain : float
        Length of the rows or columns.
    blocks : int
        Number of matrices below each other, such as the gates of a recurrent layer.

    Returns
    -------
    ndarray, shape (O, I)
        Weights.

    Examples
    --------
    >>> orthogonal([[3.0, 4.0], [0.0, 1.0]])
    array([[ 0.6,  0.8],
           [-0.8,  0.6]])

    References
    ----------
    Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks", 2013. <https://arxiv.org/abs/1312.6120>
    """
    found = []
    for block in np.split(np.asarray(draws, float), blocks):
        tall = block.shape[0] > block.shape[1]
        basis: list[np.ndarray] = []
        # Gram and Schmidt, twice, so that rounding does not tilt the later ones
        for vector in block.T if tall else block:
            for _ in range(2):
                vector = vector - sum((b @ vector) * b for b in basis)
            basis.append(vector / np.linalg.norm(vector))
        found.append(np.array(basis).T if tall else np.array(basis))
    return gain * np.concatenate(found)
