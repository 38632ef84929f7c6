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

    Examples
    --------
    >>> silu(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-0.2689,  0.0000,  1.7616])

    References
    ----------
    Ramachandran et al., "Searching for Activation Functions", 2017, sec. 4.
    <https://arxiv.org/abs/1710.05941>
    """
    # half precision would lose the digits
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    return (wide * torch.sigmoid(beta * wide)).to(x.dtype)
