"""Squareplus: a smooth ReLU from one square root."""

import torch
from torch import Tensor

__all__ = ["squareplus"]


def squareplus(x: Tensor, *, b: float = 4.0) -> Tensor:
    r"""Squareplus: $(x + \sqrt{x^2 + b}) / 2$, a smooth ReLU above 0.

    No exponential. Left of 0 the sum cancels and the square overflows half precision
    from 256 on: this form does neither.

    Parameters
    ----------
    x : Tensor, shape (...)
        Any numbers, any floating dtype.
    b : float > 0
        Size of the bend; 4 gives the slope of softplus at 0 and the value 1.

    Returns
    -------
    Tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `b` is not positive or `x` holds integers.

    Examples
    --------
    >>> squareplus(torch.tensor([-1.5, 0.0, 1.5]))
    tensor([0.5000, 1.0000, 2.0000])

    References
    ----------
    Barron, "Squareplus: A Softplus-Like Algebraic Rectifier", 2021.
    <https://arxiv.org/abs/2112.11687>
    """
    if not b > 0:
        raise ValueError(f"b must be > 0. Received: {b}")
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats. Received: {x.dtype}")
    # half precision would lose the digits
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    left = wide < 0
    root = torch.sqrt(wide * wide + b)
    # |x|, with a slope at 0
    far = 0.5 * (root + torch.where(left, -wide, wide))
    # the two roots of y^2 - x y - b / 4 have the product b / 4
    return torch.where(left, 0.25 * b / far, far).to(x.dtype)
