"""A penalty of units that look alike: the mean of the cosines between their weights."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["orthogonal_penalty"]


def orthogonal_penalty(weight: Tensor, *, factor: float = 0.01) -> Tensor:
    r"""$\lambda$ times the mean of $|\cos(w_i, w_j)|$ over all pairs of units.

    0 where every two units are at a right angle, $\lambda$ where all are parallel. As
    `keras.regularizers.OrthogonalRegularizer(factor, mode="columns")`, whose kernels
    are transposed, and for convolutions too. More units than inputs cannot reach 0.

    Parameters
    ----------
    weight : Tensor, shape (K, ...)
        The weights of K >= 2 units, as in `nn.Linear` and `nn.Conv2d`.
    factor : float >= 0
        $\lambda$.

    Returns
    -------
    Tensor, shape ()
        The penalty, to add to the loss.

    Raises
    ------
    ValueError
        If there is no pair of units, or the factor is negative or not finite.

    Examples
    --------
    >>> orthogonal_penalty(torch.tensor([[2.0, 0.0], [0.0, 3.0]])).item()
    0.0
    >>> round(orthogonal_penalty(torch.tensor([[2.0, 0.0], [-1.0, 0.0]])).item(), 4)
    0.01

    References
    ----------
    Rodriguez et al., "Regularizing CNNs with Locally Constrained Decorrelations",
    2017, with the squares of the cosines. <https://arxiv.org/abs/1611.01967>
    """
    if weight.ndim < 2 or len(weight) < 2:
        shape = tuple(weight.shape)
        raise ValueError(f"weight must have two units at least. Received: {shape}")
    if not 0 <= factor < math.inf:
        raise ValueError(f"factor must be finite and >= 0. Received: {factor}")
    # sums of half precision overflow
    wide = weight.to(torch.promote_types(weight.dtype, torch.float32))
    rows = F.normalize(wide.flatten(1), dim=1)
    cosines = (rows @ rows.T).abs()
    pairs = len(rows) * (len(rows) - 1)
    return (factor * cosines.fill_diagonal_(0).sum() / pairs).to(weight.dtype)
