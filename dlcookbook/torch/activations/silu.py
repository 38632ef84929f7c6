"""SiLU (swish): x times its own sigmoid."""

import torch
from torch import Tensor

__all__ = ["silu"]


def silu(x: Tensor, *, beta: float | Tensor = 1.0) -> Tensor:
    r"""SiLU: $x\,\sigma(\beta x)$, called swish as well.

    A smooth ReLU that dips to -0.28 on the way. The paper lets `beta` be learnt: give a
    parameter.

    Parameters
    ----------
    x : Tensor, shape (...)
        Any numbers, any floating dtype.
    beta : float or Tensor, shape broadcastable to x
        Steepness of the gate: 0 gives x / 2, a large one ReLU.

    Returns
    -------
    Tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` holds integers or `beta` would stretch it.

    Examples
    --------
    >>> silu(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-0.2689,  0.0000,  1.7616])

    References
    ----------
    Ramachandran et al., "Searching for Activation Functions", 2017, sec. 4.
    <https://arxiv.org/abs/1710.05941>
    """
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats. Received: {x.dtype}")
    # half precision would lose the digits
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    y = (wide * torch.sigmoid(beta * wide)).to(x.dtype)
    if y.shape != x.shape:
        sizes = tuple(torch.as_tensor(beta).shape)
        raise ValueError(f"beta must not stretch x. Received: {sizes}")
    return y
