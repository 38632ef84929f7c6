"""ELU, SELU and CELU: exponential left of 0, and precise next to it."""

from torch import Tensor
from torch.nn import functional as F

__all__ = ["celu", "elu", "selu"]


def elu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    r"""ELU: $x$ right of 0, else $\alpha (e^x - 1)$.

    Next to 0 it is close to $x$ on both sides, and so in half precision too: $e^x - 1$
    rounds to 0 there, `expm1` does not.

    Parameters
    ----------
    x : Tensor, shape (...)
        Any numbers, any floating dtype.
    alpha : float > 0
        Minus the value far left.

    Returns
    -------
    Tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `alpha` is not positive.

    Examples
    --------
    >>> import torch
    >>> elu(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-0.6321,  0.0000,  2.0000])

    References
    ----------
    Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear
    Units", 2016. <https://arxiv.org/abs/1511.07289>
    """
    if not alpha > 0:
        raise ValueError(f"alpha must be > 0. Received: {alpha}")
    return F.elu(x, alpha)


def selu(x: Tensor) -> Tensor:
    r"""SELU: $\lambda$ times the ELU whose layers keep mean 0 and variance 1.

    $\lambda = 1.0507$ and $\alpha = 1.6733$ keep them only with LeCun's initialisation
    (a gain of 1) and, where there is dropout, alpha dropout. The slope at 0 is the one
    from the left, $\lambda \alpha$, as in the paper.

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
    >>> selu(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-1.1113,  0.0000,  2.1014])

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", 2017, eq. 2 and 14.
    <https://arxiv.org/abs/1706.02515>
    """
    return F.selu(x)


def celu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    r"""CELU: $x$ right of 0, else $\alpha (e^{x / \alpha} - 1)$.

    An ELU whose slope at 0 is 1 for every `alpha`. `alpha=1` is ELU.

    Parameters
    ----------
    x : Tensor, shape (...)
        Any numbers, any floating dtype.
    alpha : float > 0
        Minus the value far left.

    Returns
    -------
    Tensor, shape (...)
        One value per element, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `alpha` is not positive.

    Examples
    --------
    >>> import torch
    >>> celu(torch.tensor([-1.0, 0.0, 2.0]), alpha=2.0)
    tensor([-0.7869,  0.0000,  2.0000])

    References
    ----------
    Barron, "Continuously Differentiable Exponential Linear Units", 2017, eq. 2.
    <https://arxiv.org/abs/1704.07483>
    """
    if not alpha > 0:
        raise ValueError(f"alpha must be > 0. Received: {alpha}")
    return F.celu(x, alpha)
