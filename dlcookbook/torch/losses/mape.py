"""Absolute percentage error: the error as a share of the target."""

import torch
from torch import Tensor

__all__ = ["mape_loss"]


def mape_loss(predictions: Tensor, targets: Tensor, *, epsilon: float) -> Tensor:
    r"""Absolute error divided by the size of the target, one value per element.

    $\frac{|e|}{\max(|y|, \epsilon)}$ for the error $e$ of a target $y$: a fraction,
    0.25 for 25 %. Its mean is the MAPE.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted values, any floating dtype.
    targets : Tensor, shape (...)
        Observed values, same shape. A prediction that is too low costs 1 at most if it
        has the right sign, one that is too high costs more: the best prediction is
        below the median.
    epsilon : float > 0
        The smallest size of a target that you would divide by, in its unit. There is
        no default, because a tiny one turns a single target of 0 into the whole mean.

    Returns
    -------
    Tensor, shape (...)
        One loss per element, a fraction and not a percentage, in the dtype of
        `predictions`.

    Raises
    ------
    ValueError
        If the shapes differ or `epsilon` is not above 0.

    Examples
    --------
    >>> predictions, targets = torch.tensor([90.0, 1.0]), torch.tensor([100.0, 0.0])
    >>> mape_loss(predictions, targets, epsilon=10.0)
    tensor([0.1000, 0.1000])

    References
    ----------
    de Myttenaere et al., "Mean Absolute Percentage Error for Regression Models", 2016.
    <https://arxiv.org/abs/1605.02541>
    """
    if predictions.shape != targets.shape:
        raise ValueError(
            "targets must have the shape of predictions. Received: "
            f"predictions {tuple(predictions.shape)}, targets {tuple(targets.shape)}"
        )
    if not epsilon > 0:
        raise ValueError(f"epsilon must be > 0. Received: {epsilon}")
    wide = torch.promote_types(predictions.dtype, torch.float32)
    target = targets.to(wide)
    error = (predictions.to(wide) - target).abs()
    return (error / target.abs().clamp(min=epsilon)).to(predictions.dtype)
