"""Charbonnier loss: the absolute error with a rounded corner."""

import torch
from torch import Tensor

__all__ = ["charbonnier_loss"]


def charbonnier_loss(
    predictions: Tensor, targets: Tensor, *, epsilon: float = 1e-3
) -> Tensor:
    r"""Charbonnier regression loss, one value per element.

    $\sqrt{e^2 + \epsilon^2}$ for the error $e$ of a prediction: $|e|$ far from the
    target, $\epsilon$ and not 0 on it. The corner of $|e|$ is rounded over a width of
    $\epsilon$.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted values, any floating dtype.
    targets : Tensor, shape (...)
        Observed values, same shape.
    epsilon : float > 0
        Errors well below it count squared. In the unit of the targets; 1e-3 is for
        pixels from 0 to 1.

    Returns
    -------
    Tensor, shape (...)
        One loss per element, in the unit of the targets, in the dtype of
        `predictions`.

    Raises
    ------
    ValueError
        If the shapes differ or `epsilon` is not above 0.

    Examples
    --------
    >>> charbonnier_loss(torch.tensor([0.0, 3.0]), torch.zeros(2), epsilon=4.0)
    tensor([4., 5.])

    References
    ----------
    Charbonnier et al., "Two Deterministic Half-Quadratic Regularization Algorithms for
    Computed Imaging", 1994. <https://doi.org/10.1109/ICIP.1994.413553>
    Lai et al., "Deep Laplacian Pyramid Networks for Fast and Accurate
    Super-Resolution", 2017, section 3.3 (1e-3). <https://arxiv.org/abs/1704.03915>
    """
    if predictions.shape != targets.shape:
        raise ValueError(
            "targets must have the shape of predictions. Received: "
            f"predictions {tuple(predictions.shape)}, targets {tuple(targets.shape)}"
        )
    if not epsilon > 0:
        raise ValueError(f"epsilon must be > 0. Received: {epsilon}")
    # half precision would round the square of 1e-3 to 0 and overflow at 256
    wide = torch.promote_types(predictions.dtype, torch.float32)
    error = predictions.to(wide) - targets.to(wide)
    return torch.sqrt(error.square() + epsilon**2).to(predictions.dtype)
