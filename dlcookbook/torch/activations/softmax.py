"""Softmax and log-softmax: scores to shares of 1, with temperature and mask."""

import torch
from torch import Tensor

__all__ = ["log_softmax", "softmax"]


def softmax(
    x: Tensor, dim: int = -1, *, temperature: float = 1.0, mask: Tensor | None = None
) -> Tensor:
    r"""Softmax: $p_i = e^{x_i / T} / \sum_j e^{x_j / T}$ over what is not masked.

    What is masked gets a share of exactly 0 and no gradient, whatever its score. A row
    in which everything is masked is all 0: it does not sum to 1.

    Parameters
    ----------
    x : Tensor, shape (..., K, ...)
        Raw scores, any floating dtype.
    dim : int
        The axis that competes.
    temperature : float > 0
        Divides the scores: above 1 flattens, below 1 sharpens.
    mask : Tensor of bool, shape broadcastable to x, optional
        True where a score takes part.

    Returns
    -------
    Tensor, shape (..., K, ...)
        Shares that sum to 1, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `temperature` is not positive, `mask` does not hold booleans or does not fit,
        or `x` holds integers.

    Examples
    --------
    >>> softmax(torch.tensor([2.0, 1.0, -1.0]), temperature=2.0)
    tensor([0.5465, 0.3315, 0.1220])

    References
    ----------
    Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, eq. 1.
    <https://arxiv.org/abs/1503.02531>
    """
    scores, out = _scores(x, dim, temperature, mask)
    shares = scores.softmax(dim)
    return (shares if out is None else shares.masked_fill(out, 0)).to(x.dtype)


def log_softmax(
    x: Tensor, dim: int = -1, *, temperature: float = 1.0, mask: Tensor | None = None
) -> Tensor:
    r"""Log-softmax: $x_i / T - \log \sum_j e^{x_j / T}$ over what is not masked.

    Finite where the softmax rounds to 0. What is masked is minus infinity and has no
    gradient; so is all of a row in which everything is masked.

    Parameters
    ----------
    x : Tensor, shape (..., K, ...)
        Raw scores, any floating dtype.
    dim : int
        The axis that competes.
    temperature : float > 0
        Divides the scores: above 1 flattens, below 1 sharpens.
    mask : Tensor of bool, shape broadcastable to x, optional
        True where a score takes part.

    Returns
    -------
    Tensor, shape (..., K, ...)
        Logarithms of shares, in the dtype of `x`.

    Raises
    ------
    ValueError
        If `temperature` is not positive, `mask` does not hold booleans or does not fit,
        or `x` holds integers.

    Examples
    --------
    >>> log_softmax(torch.tensor([0.0, 200.0]))
    tensor([-200.,    0.])

    References
    ----------
    Bridle, "Probabilistic Interpretation of Feedforward Classification Network
    Outputs", 1990. <https://doi.org/10.1007/978-3-642-76153-9_28>
    """
    scores, out = _scores(x, dim, temperature, mask)
    logs = scores.log_softmax(dim)
    return (logs if out is None else logs.masked_fill(out, -torch.inf)).to(x.dtype)


def _scores(
    x: Tensor, dim: int, temperature: float, mask: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    # what competes, and what is left out
    if not temperature > 0:
        raise ValueError(f"temperature must be > 0. Received: {temperature}")
    if not x.is_floating_point():
        raise ValueError(f"x must hold floats. Received: {x.dtype}")
    wide = x.to(torch.promote_types(x.dtype, torch.float32)) / temperature
    if mask is None:
        return wide, None
    mask = torch.as_tensor(mask, device=x.device)
    if mask.dtype != torch.bool:
        raise ValueError(f"mask must hold booleans. Received: {mask.dtype}")
    pairs = zip(reversed(mask.shape), reversed(x.shape), strict=False)
    if mask.ndim > x.ndim or not all(m in (1, n) for m, n in pairs):
        raise ValueError(
            f"mask must broadcast to {tuple(x.shape)}. Received: {tuple(mask.shape)}"
        )
    out = ~mask.expand(x.shape)
    # a row of -inf alone would be 0 / 0, where anomaly detection stops
    empty = out.all(dim, keepdim=True)
    return wide.masked_fill(out, -torch.inf).masked_fill(empty, 0), out
