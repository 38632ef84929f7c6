"""Softplus and log-sigmoid: smooth, and never exactly 0."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["log_sigmoid", "softplus"]


def softplus(x: Tensor, *, beta: float = 1.0) -> Tensor:
    r"""Softplus: $\log(1 + e^{\beta x}) / \beta$, a smooth ReLU above 0.

    For outputs that must be positive, such as a rate or a variance. Nowhere cut off to
    a straight line.

    Parameters
    ----------
    x : Tensor, shape (...)
        Any numbers, any floating dtype.
    beta : float > 0
        Sharpness: the larger, the closer to ReLU.

    Returns
    -------
    Tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `beta` is not positive or `x` holds integers.

    Examples
    --------
    >>> softplus(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([0.3133, 0.6931, 2.1269])

    References
    ----------
    Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing", 2000.
    <https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing>
    """
    if not beta > 0:
        raise ValueError(f"beta must be > 0. Received: {beta}")
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats. Received: {x.dtype}")
    # half precision would lose the digits
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    return (F.logsigmoid(-beta * wide) / -beta).to(x.dtype)


def log_sigmoid(x: Tensor) -> Tensor:
    r"""Log-sigmoid: $\log \sigma(x)$, the log of a probability from its logit.

    Finite where the sigmoid rounds to 0 or 1.

    Parameters
    ----------
    x : Tensor, shape (...)
        Any numbers, any floating dtype.

    Returns
    -------
    Tensor, shape (...)
        One value per element, in the dtype of `x`.

    Examples
    --------
    >>> log_sigmoid(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-1.3133, -0.6931, -0.1269])

    References
    ----------
    Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing", 2000.
    <https://papers.nips.cc/paper/1920-incorporating-second-order-functional-knowledge-for-better-option-pricing>
    """
    return F.logsigmoid(x)
