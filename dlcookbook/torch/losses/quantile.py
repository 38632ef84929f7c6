"""Quantile (pinball) loss: the best prediction is a quantile, not the mean."""

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["quantile_loss"]


def quantile_loss(
    predictions: Tensor, targets: Tensor, *, quantile: float | Sequence[float]
) -> Tensor:
    r"""Quantile loss, one value per element (and quantile).

    $\max(q e, (q - 1) e)$ with $e$ = target - prediction: too low costs $q$ per
    unit, too high $1 - q$. `quantile=0.5` is half the absolute error.

    Parameters
    ----------
    predictions : Tensor, shape (...) or (..., Q)
        Predicted quantiles, any floating dtype; with Q quantiles one column for each.
    targets : Tensor, shape (...)
        Observed values, without the column axis.
    quantile : float in (0, 1) or sequence of Q such floats
        The share of targets that should lie below the prediction. Nothing keeps the
        columns of several quantiles in order.

    Returns
    -------
    Tensor, shape of `predictions`
        One loss per prediction, in the unit of the targets, in the dtype of
        `predictions`.

    Raises
    ------
    ValueError
        If the shapes do not fit or `quantile` is outside (0, 1).

    Examples
    --------
    >>> predictions, targets = torch.tensor([[1.0, 3.0]]), torch.tensor([2.0])
    >>> quantile_loss(predictions, targets, quantile=[0.1, 0.9])
    tensor([[0.1000, 0.1000]])

    References
    ----------
    Koenker, Bassett, "Regression Quantiles", 1978. <https://doi.org/10.2307/1913643>
    """
    wide = torch.promote_types(predictions.dtype, torch.float32)
    level = torch.as_tensor(quantile, dtype=wide, device=predictions.device)
    if level.ndim > 1 or not ((level > 0) & (level < 1)).all():
        raise ValueError(f"quantile must be in (0, 1). Received: {quantile}")
    if predictions.shape != targets.shape + level.shape:
        raise ValueError(
            "predictions must have the shape of targets, and a column for each of "
            f"several quantiles. Received: predictions {tuple(predictions.shape)}, "
            f"targets {tuple(targets.shape)}, quantile {tuple(level.shape)}"
        )
    if level.ndim:
        targets = targets.unsqueeze(-1)
    error = targets.to(wide) - predictions.to(wide)
    loss = torch.where(error > 0, level * error, (level - 1) * error)
    return loss.to(predictions.dtype)
