"""Log-cosh loss: squared near the target, absolute far from it, smooth everywhere."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["log_cosh_loss"]


def log_cosh_loss(predictions: Tensor, targets: Tensor) -> Tensor:
    r"""Log-cosh regression loss, one value per element.

    $\ln \cosh e$ for the error $e$ of a prediction. A small error counts
    $\frac12 e^2$, a large one $|e| - \ln 2$: the slope $\tanh e$ never exceeds 1.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted values, any floating dtype.
    targets : Tensor, shape (...)
        Observed values, same shape. Scale them so that 1 is the error at which an
        outlier begins: the loss has no width of its own.

    Returns
    -------
    Tensor, shape (...)
        One loss per element, in the dtype of `predictions`.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> log_cosh_loss(torch.tensor([0.01, 100.0]), torch.zeros(2))
    tensor([4.9999e-05, 9.9307e+01])

    References
    ----------
    Saleh, Saleh, "Statistical Properties of the log-cosh Loss Function Used in Machine
    Learning", 2022. <https://arxiv.org/abs/2208.04564>
    """
    if predictions.shape != targets.shape:
        raise ValueError(
            "targets must have the shape of predictions. Received: "
            f"predictions {tuple(predictions.shape)}, targets {tuple(targets.shape)}"
        )
    wide = torch.promote_types(predictions.dtype, torch.float32)
    error = predictions.to(wide) - targets.to(wide)
    size = error.abs()
    # cosh e = 1 + 2 sinh^2(e / 2): no digit is lost near 0, where cosh is almost 1
    near = torch.log1p(2 * torch.sinh(error.clamp(-1, 1) / 2).square())
    # cosh e = exp|e| (1 + exp(-2|e|)) / 2: nothing overflows
    far = size + F.softplus(-2 * size) - math.log(2)
    return torch.where(size < 1, near, far).to(predictions.dtype)
