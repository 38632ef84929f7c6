"""Sparsemax: shares of 1 like softmax, the small ones exactly 0."""

import torch
from torch import Tensor

__all__ = ["sparsemax"]


def sparsemax(x: Tensor, dim: int = -1) -> Tensor:
    r"""Sparsemax: the shares $\max(x - \tau, 0)$ with the one $\tau$ that makes 1.

    The point of the simplex nearest to the scores. A score that is 1 or more below the
    highest gets a share of exactly 0, and no gradient. A NaN makes its row NaN.

    Parameters
    ----------
    x : Tensor, shape (..., K, ...)
        Raw scores, any floating dtype.
    dim : int
        The axis that competes.

    Returns
    -------
    Tensor, shape (..., K, ...)
        Shares that sum to 1, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` holds integers.

    Examples
    --------
    >>> sparsemax(torch.tensor([0.5, 0.0, -2.0]))
    tensor([0.7500, 0.2500, 0.0000])

    References
    ----------
    Martins and Astudillo, "From Softmax to Sparsemax", 2016, alg. 1 and prop. 1.
    <https://arxiv.org/abs/1602.02068>
    """
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats. Received: {x.dtype}")
    # half precision would lose the digits
    wide = x.movedim(dim, -1).to(torch.promote_types(x.dtype, torch.float32))
    falling = wide.detach().sort(dim=-1, descending=True).values
    # large scores have no digits left for a sum
    near, falling = wide - falling[..., :1], falling - falling[..., :1]
    rank = torch.arange(1, wide.shape[-1] + 1, device=x.device)
    above = rank * falling > falling.cumsum(-1) - 1
    count = above.sum(-1, keepdim=True)
    taken = near * count > torch.where(above, falling, 0).sum(-1, keepdim=True) - 1
    # the threshold once more, from those above it alone: that sum has a gradient
    threshold = (torch.where(taken, near, 0).sum(-1, keepdim=True) - 1) / count
    shares = torch.where(taken, near - threshold, 0)
    shares = shares.masked_fill(near.isnan().any(-1, keepdim=True), torch.nan)
    return shares.movedim(-1, dim).to(x.dtype)
