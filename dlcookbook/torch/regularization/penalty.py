"""Penalties of large weights: L1, L2, elastic net; the step that gives exact zeros."""

import math

import torch
from torch import Tensor, nn

__all__ = ["penalty", "shrink_"]


def penalty(model: nn.Module, *, l1: float = 0.0, l2: float = 0.0) -> Tensor:
    r"""$\lambda_1 \sum |w| + \lambda_2 \sum w^2$ over the weights, to add to the loss.

    Weights are what is trained and has two axes or more: biases and the scales of norms
    stay free. As `keras.regularizers.L1L2` on every kernel. The slope of the square has
    a factor of 2: with SGD, `l2=0.5 * d` is `weight_decay=d`. With Adam neither is: use
    AdamW's `weight_decay`.

    Parameters
    ----------
    model : nn.Module
        Layers whose weights are penalised.
    l1 : float >= 0
        $\lambda_1$. In the loss it makes small weights, `shrink_` makes zeros.
    l2 : float >= 0
        $\lambda_2$.

    Returns
    -------
    Tensor, shape ()
        The penalty, at least float32. Add it once per batch, to the mean loss.

    Raises
    ------
    ValueError
        If a strength is negative or not finite, or the model has no weights.

    Examples
    --------
    >>> layer = nn.Linear(2, 1)
    >>> layer.weight.data = torch.tensor([[1.0, -2.0]])
    >>> penalty(layer, l1=0.5, l2=0.25).item()
    2.75

    References
    ----------
    Zou and Hastie, "Regularization and variable selection via the elastic net", 2005,
    eq. 3. <https://doi.org/10.1111/j.1467-9868.2005.00503.x>
    """
    for name, strength in {"l1": l1, "l2": l2}.items():
        if not 0 <= strength < math.inf:
            raise ValueError(f"{name} must be finite and >= 0. Received: {strength}")
    weights = _weights(model)
    # sums of half precision overflow
    wide = [w.to(torch.promote_types(w.dtype, torch.float32)) for w in weights]
    parts = []
    if l1:
        parts += [l1 * w.abs().sum() for w in wide]
    if l2:
        parts += [l2 * w.square().sum() for w in wide]
    return torch.stack(parts).sum() if parts else wide[0].new_zeros(())


def shrink_(model: nn.Module, amount: float) -> None:
    r"""$w \leftarrow \mathrm{sign}(w) \max(|w| - a, 0)$: exact zeros, after every step.

    With $a = \eta \lambda_1$ and SGD without momentum this is L1 done exactly; the loss
    has no L1 of its own then. Biases and the scales of norms stay as they are.

    Parameters
    ----------
    model : nn.Module
        Layers whose weights are shrunk, in place.
    amount : float >= 0
        a, the learning rate of this step times $\lambda_1$.

    Raises
    ------
    ValueError
        If the amount is negative or not finite, or the model has no weights.

    Examples
    --------
    >>> layer = nn.Linear(3, 1)
    >>> layer.weight.data = torch.tensor([[1.0, -0.25, -2.0]])
    >>> shrink_(layer, 0.5)
    >>> layer.weight.tolist()
    [[0.5, 0.0, -1.5]]

    References
    ----------
    Parikh and Boyd, "Proximal Algorithms", 2014, section 6.5.2.
    <https://doi.org/10.1561/2400000003>
    """
    if not 0 <= amount < math.inf:
        raise ValueError(f"amount must be finite and >= 0. Received: {amount}")
    with torch.no_grad():
        for w in _weights(model):
            # w less its part within [-a, a]; a NaN stays one
            w.sub_(w.clamp(-amount, amount))


def _weights(model: nn.Module) -> list[Tensor]:
    found = model.parameters()
    weights: list[Tensor] = [p for p in found if p.requires_grad and p.ndim > 1]
    if not weights:
        kind = type(model).__name__
        raise ValueError(f"model must have weights that are trained. Received: {kind}")
    return weights
