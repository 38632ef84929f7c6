"""Charbonnier loss: absolute error with a rounded corner."""

import torch
from torch import Tensor

__all__ = ["charbonnier_loss"]


def charbonnier_loss(
    predictions: Tensor, targets: Tensor, *, epsilon: float = 1e-3
) -> Tensor:
    r"""Charbonnier loss (pseudo-Huber, in other units), one value per element.

    $\sqrt{e^2 + \epsilon^2}$ for the error $e$ of a prediction. An exact prediction
    costs $\epsilon$, a large error $|e|$.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted values, any floating dtype.
    targets : Tensor, shape (...)
        Observed values, same shape as `predictions`.
    epsilon : float > 0
        Width of the rounded corner, in units of the targets. 1e-3 suits images from 0
        to 1.

    Returns
    -------
    Tensor, shape (...)
        One loss per element, in the units of the targets and the dtype of
        `predictions`.

    Raises
    ------
    ValueError
        If the shapes differ or `epsilon` is not positive and finite.

    Examples
    --------
    >>> charbonnier_loss(torch.tensor([0.0, 3.0]), torch.zeros(2), epsilon=4.0)
    tensor([4., 5.])

    References
    ----------
    Charbonnier et al., "Two Deterministic Half-Quadratic Regularization Algorithms for
    Computed Imaging", 1994. <https://doi.org/10.1109/ICIP.1994.413553>
    """
    if predictions.shape != targets.shape:
        raise ValueError(
            "targets must have the shape of predictions. Received: "
            f"predictions {tuple(predictions.shape)}, targets {tuple(targets.shape)}"
        )
    if not 0 < epsilon < float("inf"):
        raise ValueError(f"epsilon must be > 0 and finite. Received: {epsilon}")
    # half precision would overflow in a square
    wide = torch.promote_types(predictions.dtype, torch.float32)
    error = predictions.to(wide) - targets.to(wide)
    return torch.hypot(error, error.new_tensor(epsilon)).to(predictions.dtype)
