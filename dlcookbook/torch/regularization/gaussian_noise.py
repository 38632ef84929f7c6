"""Gaussian noise in training: added to the values, or multiplied as a soft dropout."""

import math

import torch
from torch import Tensor, nn

__all__ = ["GaussianDropout", "GaussianNoise"]


class GaussianNoise(nn.Module):
    r"""$y = x + \sigma z$ with $z \sim N(0, 1)$ in training; in inference $y = x$.

    As `keras.layers.GaussianNoise`. On inputs it teaches that near is the same; scale
    the inputs first, for $\sigma$ has their unit. Costs `0` parameters.

    Parameters
    ----------
    stddev : float >= 0
        $\sigma$.
    generator : torch.Generator, optional
        Where the numbers come from; the global one if not given.

    Raises
    ------
    ValueError
        If `stddev` is negative or not finite.

    Examples
    --------
    >>> noise, x = GaussianNoise(0.5), torch.zeros(100_000)
    >>> round(noise(x).std().item(), 1)
    0.5
    >>> noise.eval()(x) is x
    True

    References
    ----------
    Bishop, "Training with Noise is Equivalent to Tikhonov Regularization", 1995.
    <https://doi.org/10.1162/neco.1995.7.1.108>
    """

    def __init__(
        self, stddev: float, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        if not 0 <= stddev < math.inf:
            raise ValueError(f"stddev must be finite and >= 0. Received: {stddev}")
        self.stddev, self.generator = stddev, generator

    def forward(self, x: Tensor) -> Tensor:
        """Add noise, in training.

        Parameters
        ----------
        x : Tensor, shape (...)
            Inputs.

        Returns
        -------
        Tensor, shape (...)
            The inputs with noise; in inference `x` itself.
        """
        if not self.training or self.stddev == 0:
            return x
        return x + self.stddev * _normal(x, self.generator)


class GaussianDropout(nn.Module):
    r"""$y = x (1 + \sigma z)$ with $\sigma^2 = r / (1 - r)$: the variance of dropout.

    As `keras.layers.GaussianDropout`. No value becomes 0, and nothing is rescaled. In
    inference $y = x$. Costs `0` parameters.

    Parameters
    ----------
    rate : float in [0, 1)
        r, the rate of the dropout that has the same mean and variance.
    generator : torch.Generator, optional
        Where the numbers come from; the global one if not given.

    Raises
    ------
    ValueError
        If `rate` is outside [0, 1).

    Examples
    --------
    >>> drop, x = GaussianDropout(0.2), torch.full((100_000,), 2.0)
    >>> y = drop(x)
    >>> round(y.mean().item(), 1), round(y.std().item(), 1)
    (2.0, 1.0)
    >>> drop.eval()(x) is x
    True

    References
    ----------
    Srivastava et al., "Dropout", 2014, section 10.
    <https://jmlr.org/papers/v15/srivastava14a.html>
    """

    def __init__(
        self, rate: float, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be in [0, 1). Received: {rate}")
        self.rate, self.generator = rate, generator

    def forward(self, x: Tensor) -> Tensor:
        """Multiply by noise, in training.

        Parameters
        ----------
        x : Tensor, shape (...)
            Inputs.

        Returns
        -------
        Tensor, shape (...)
            The inputs times noise of mean 1; in inference `x` itself.
        """
        if not self.training or self.rate == 0:
            return x
        stddev = math.sqrt(self.rate / (1 - self.rate))
        return x * (1 + stddev * _normal(x, self.generator))


def _normal(x: Tensor, generator: torch.Generator | None) -> Tensor:
    return torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)
