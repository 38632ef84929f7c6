"""Mish: x times the tanh of its softplus."""

from torch import Tensor
from torch.nn import functional as F

__all__ = ["mish"]


def mish(x: Tensor) -> Tensor:
    r"""Mish: $x \tanh(\log(1 + e^x))$.

    A smooth ReLU that dips to -0.31 on the way.

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
    >>> import torch
    >>> mish(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-0.3034,  0.0000,  1.9440])

    References
    ----------
    Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019.
    <https://arxiv.org/abs/1908.08681>
    """
    return F.mish(x)
