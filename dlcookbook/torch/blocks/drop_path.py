"""Stochastic depth: leave a block out for some of the images, in training alone."""

import torch
from torch import Tensor, nn

__all__ = ["DropPath"]


class DropPath(nn.Module):
    r"""Set what a branch adds to 0 for a random share of the examples.

    $y_n = b_n x_n / (1 - p)$ with $b_n = 0$ in a share $p$ of the cases and 1 in the
    others: the expectation stays what it was. In inference, and for $p = 0$, $y = x$.

    Take it at the end of a residual branch, before the sum, in networks of tens of
    blocks; let the rate rise linearly from 0 in the first block to 0.1 or 0.2 in the
    last. Dropout makes a draw for every number, this one for every example. Costs `0`
    parameters.

    Parameters
    ----------
    rate : float in [0, 1)
        Share of the examples for which the branch is left out.

    Raises
    ------
    ValueError
        If `rate` is outside [0, 1).

    Examples
    --------
    >>> drop, x = DropPath(0.5), torch.ones(1000, 3, 2, 2)
    >>> sorted(drop(x).flatten(1).mean(dim=1).unique().tolist())
    [0.0, 2.0]
    >>> drop.eval()(x) is x
    True

    References
    ----------
    Huang et al., "Deep Networks with Stochastic Depth", 2016, eq. 2; scaled in training
    as dropout is. <https://arxiv.org/abs/1603.09382>
    """

    def __init__(self, rate: float = 0.0) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be in [0, 1). Received: {rate}")
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Drop the branch of some examples.

        Parameters
        ----------
        x : Tensor, shape (N, ...)
            What the branch gave.

        Returns
        -------
        Tensor, shape (N, ...)
            For each example 0 or `x / (1 - rate)`; in inference `x` itself.
        """
        if not self.training or self.rate == 0:
            return x
        keep = 1 - self.rate
        chance = torch.full((len(x), *[1] * (x.ndim - 1)), keep, device=x.device)
        # not a product: a dropped infinity is 0, not NaN
        return torch.where(chance.bernoulli().bool(), x / keep, 0)

    def extra_repr(self) -> str:
        """Say the rate where the model is printed.

        Returns
        -------
        str
            The option.
        """
        return f"rate={self.rate}"
