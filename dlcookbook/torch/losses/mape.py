"""Absolute percentage error: how far off, as a share of the truth."""

import torch
from torch import Tensor

__all__ = ["mape_loss"]


def mape_loss(predictions: Tensor, targets: Tensor) -> Tensor:
    r"""Absolute error as a share of the target, one value per element.

    $|\hat y - y| / |y|$: a share, 0.1 for 10 %. Forecasting nothing at all costs 1,
    whatever the truth, so that too low is cheaper than too high.

    Parameters
    ----------
    predictions : Tensor, shape (...)
        Predicted values, any floating dtype.
    targets : Tensor, shape (...)
        Observed values, same shape as `predictions`, none of them 0. There is no floor
        for the denominator: it would decide the mean in silence.

    Returns
    -------
    Tensor, shape (...)
        One loss per element, as a share and not in percent, in the dtype of
        `predictions`.

    Raises
    ------
    ValueError
        If the shapes differ or a target is 0.

    Examples
    --------
    >>> mape_loss(torch.tensor([110.0, 0.0]), torch.tensor([100.0, 5.0]))
    tensor([0.1000, 1.0000])

    References
    ----------
    Hyndman & Koehler, "Another Look at Measures of Forecast Accuracy", 2006, section
    2.2. <https://doi.org/10.1016/j.ijforecast.2006.03.001>
    """
    if predictions.shape != targets.shape:
        raise ValueError(
            "targets must have the shape of predictions. Received: "
            f"predictions {tuple(predictions.shape)}, targets {tuple(targets.shape)}"
        )
    if not targets.all():
        raise ValueError(
            "targets must not be 0, there is no share of nothing. Received: "
            f"{(targets == 0).sum().item()} zeros"
        )
    # half precision would overflow in the quotient
    wide = torch.promote_types(predictions.dtype, torch.float32)
    error = predictions.to(wide) - targets.to(wide)
    return (error / targets.to(wide)).abs().to(predictions.dtype)
