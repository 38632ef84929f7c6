"""GELU: x times the chance that a normal number is smaller."""

import torch
from torch import Tensor

__all__ = ["gelu"]


def gelu(x: Tensor, *, approximate: bool = False) -> Tensor:
    r"""GELU: $x\,\Phi(x)$, with the normal distribution function $\Phi$.

    The tanh formula is $x\,\sigma(2u)$ with $u = \sqrt{2 / \pi}\,(x + 0.044715\,x^3)$,
    up to 0.0005 away. Both are precise in the left tail, where $1 + \mathrm{erf}$ and
    $1 + \tanh$ cancel to 0. Weights need the form that they were trained with.

    Parameters
    ----------
    x : Tensor, shape (...)
        Any numbers, any floating dtype.
    approximate : bool
        Use the tanh formula, as GPT-2 and BERT's first code do.

    Returns
    -------
    Tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` holds integers or `approximate` is not a bool: "none" would be true.

    Examples
    --------
    >>> gelu(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-0.1587,  0.0000,  1.9545])

    References
    ----------
    Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.
    <https://arxiv.org/abs/1606.08415>
    """
    if not isinstance(approximate, bool):
        raise ValueError(f"approximate must be a bool. Received: {approximate!r}")
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats. Received: {x.dtype}")
    # half precision would lose the digits
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    if approximate:
        # (1 + tanh u) / 2 as a sigmoid does not cancel; 1.5957... is sqrt(8 / pi)
        share = torch.sigmoid(1.5957691216057308 * (wide + 0.044715 * wide**3))
    else:
        share = 0.5 * torch.erfc(-0.7071067811865476 * wide)
    return (wide * share).to(x.dtype)
