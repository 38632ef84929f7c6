"""Gaussian negative log-likelihood: a prediction that says how sure it is."""

import math

import torch
from torch import Tensor

__all__ = ["gaussian_nll_loss"]


def gaussian_nll_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    r"""Gaussian negative log-likelihood, one value per element.

    $\frac12 (s + (y - \mu)^2 e^{-s} + \ln 2\pi)$ for a target $y$, a predicted mean
    $\mu$ and log-variance $s$. With $s = 0$ it is half the squared error and 0.919.

    Parameters
    ----------
    outputs : Tensor, shape (..., 2)
        Mean and natural logarithm of the variance, any floating dtype. Any number is
        a log-variance: no softplus, no clamp.
    targets : Tensor, shape (...)
        Observed values.

    Returns
    -------
    Tensor, shape (...)
        Minus the log-density of each target, in nats, in the dtype of `outputs`. Below
        zero where a narrow prediction is right. The constant is part of it;
        `torch.nn.GaussianNLLLoss` leaves it out unless told `full=True`.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> outputs = torch.tensor([[0.0, 0.0], [0.0, 2.0]])
    >>> gaussian_nll_loss(outputs, torch.tensor([2.0, 2.0]))
    tensor([2.9189, 2.1896])

    References
    ----------
    Nix, Weigend, "Estimating the Mean and Variance of the Target Probability
    Distribution", 1994. <https://doi.org/10.1109/ICNN.1994.374138>
    Kendall, Gal, "What Uncertainties Do We Need in Bayesian Deep Learning for Computer
    Vision?", 2017, eq. 8 (the log-variance). <https://arxiv.org/abs/1703.04977>
    """
    if outputs.shape != (*targets.shape, 2):
        raise ValueError(
            "outputs must have the shape of targets and a last axis of 2. Received: "
            f"outputs {tuple(outputs.shape)}, targets {tuple(targets.shape)}"
        )
    wide = outputs.to(torch.promote_types(outputs.dtype, torch.float32))
    mean, log_variance = wide.unbind(dim=-1)
    # in two factors, because exp(-s) overflows long before its product with the error
    root = torch.exp(-log_variance / 4)
    deviations = (targets.to(wide.dtype) - mean) * root * root
    loss = (log_variance + deviations.square() + math.log(2 * math.pi)) / 2
    return loss.to(outputs.dtype)
