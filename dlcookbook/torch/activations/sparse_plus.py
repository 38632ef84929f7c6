"""Sparse plus and sparse sigmoid: smooth ReLU and sigmoid with exact zeros."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["sparse_plus", "sparse_sigmoid"]


def sparse_plus(x: Tensor) -> Tensor:
    r"""Sparse plus: 0 up to -1, $x$ from 1 on, between them $(x + 1)^2 / 4$.

    A smooth ReLU with exact zeros; its slope is the sparse sigmoid.

    Parameters
    ----------
    x : Tensor, shape (...)
        Any numbers, any floating dtype.

    Returns
    -------
    Tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` holds integers.

    Examples
    --------
    >>> sparse_plus(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([0.0000, 0.2500, 2.0000])

    References
    ----------
    Blondel et al., "Learning with Fenchel-Young Losses", 2020, sec. 6.2.
    <https://jmlr.org/papers/v21/19-021.html>
    """
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats. Received: {x.dtype}")
    # half precision would lose the digits
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    bend = 0.25 * (wide.clamp(-1, 1) + 1) ** 2
    return torch.where(wide < 1, bend, wide).to(x.dtype)


def sparse_sigmoid(x: Tensor) -> Tensor:
    r"""Sparse sigmoid: 0 up to -1, 1 from 1 on, between them $(x + 1) / 2$.

    A gate that shuts and opens all the way. Its slope is 0 outside of -1 to 1, the ends
    included.

    Parameters
    ----------
    x : Tensor, shape (...)
        Any numbers, any floating dtype.

    Returns
    -------
    Tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` holds integers.

    Examples
    --------
    >>> sparse_sigmoid(torch.tensor([-2.0, 0.0, 0.5]))
    tensor([0.0000, 0.5000, 0.7500])

    References
    ----------
    Blondel et al., "Learning with Fenchel-Young Losses", 2020, sec. 6.2.
    <https://jmlr.org/papers/v21/19-021.html>
    """
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats. Received: {x.dtype}")
    return 0.5 * F.hardtanh(x) + 0.5
