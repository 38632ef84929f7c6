"""Positions: tell a model without recurrence where in the sequence a token stands."""

import torch
from torch import Tensor, nn

__all__ = ["LearnedPositions", "rotary_positions", "sinusoidal_positions"]


def sinusoidal_positions(length: int, dim: int, *, base: float = 10000.0) -> Tensor:
    r"""Sines and cosines of wavelengths from $2\pi$ to nearly $2\pi \cdot$ base.

    $p_{t, 2i} = \sin(t / b^{2i/D})$, $p_{t, 2i+1} = \cos(t / b^{2i/D})$; position 0 is
    0, 1, 0, 1, ... Add it to the tokens: there is nothing to train, and no last
    position, though a model has not seen those beyond its training.

    Parameters
    ----------
    length : int
        Number of positions T.
    dim : int
        Width D, even.
    base : float
        The longest wavelength, in units of $2\pi$.

    Returns
    -------
    Tensor, shape (length, dim)
        A row for each position, float32.

    Raises
    ------
    ValueError
        If `dim` is odd, or an argument is out of its range.

    Examples
    --------
    >>> sinusoidal_positions(2, 4)
    tensor([[0.0000, 1.0000, 0.0000, 1.0000],
            [0.8415, 0.5403, 0.0100, 0.9999]])

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, section 3.5.
    <https://arxiv.org/abs/1706.03762>
    """
    if dim % 2:
        raise ValueError(f"dim must be even. Received: {dim}")
    if length < 0 or dim < 2 or not base > 0:
        raise ValueError(
            "length must be >= 0, dim >= 2 and base > 0. "
            f"Received: {length}, {dim} and {base}"
        )
    # in float32 the angle itself would be wrong from the fourth digit on at t = 1e4
    wide = torch.float64
    rate = base ** (-torch.arange(0, dim, 2, dtype=wide) / dim)
    angle = torch.arange(length, dtype=wide)[:, None] * rate
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1).float()


def rotary_positions(
    x: Tensor,
    *,
    positions: Tensor | None = None,
    base: float = 10000.0,
    interleaved: bool = False,
) -> Tensor:
    r"""Turn pairs of features by an angle that grows with the position.

    Pair i at position t is turned by $t / b^{2i/D}$. The dot product of a turned query
    and a turned key knows only how far they are apart; position 0 is left alone. Turn
    queries and keys of every head, never values.

    Parameters
    ----------
    x : Tensor, shape (..., T, D)
        Queries or keys, D even, any floating dtype.
    positions : Tensor, shape (T,) or one that broadcasts to (..., T), optional
        Position of each token, from 0 to T - 1 by default. For heads: (N, 1, T).
    base : float
        The longest wavelength, in units of $2\pi$.
    interleaved : bool
        True pairs neighbours (0, 1), (2, 3), ... as the paper does; False pairs the
        first half with the second, as LLaMA's published weights expect. Weights
        trained with one are of no use with the other.

    Returns
    -------
    Tensor, shape (..., T, D)
        Turned vectors of the same length, in the dtype of `x`.

    Raises
    ------
    ValueError
        If D is odd, `x` holds whole numbers, or `positions` have another shape.

    Examples
    --------
    >>> rotary_positions(torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    tensor([[1.0000, 0.0000],
            [0.5403, 0.8415]])

    References
    ----------
    Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021,
    eq. 13. <https://arxiv.org/abs/2104.09864>
    """
    length, dim = x.shape[-2:]
    if dim % 2:
        raise ValueError(f"x must have an even number of features. Received: {dim}")
    if not x.is_floating_point():
        raise ValueError(f"x must be floating. Received: {x.dtype}")
    # (N, T) beside (N, heads, T, D) would turn each head by another text's positions
    if positions is not None and (
        positions.shape[-1] != length or positions.ndim not in (1, x.ndim - 1)
    ):
        raise ValueError(
            f"positions must be of shape (T,) or with as many axes as {tuple(x.shape)} "
            f"has before D. Received: {tuple(positions.shape)}"
        )
    # bfloat16 knows no odd position above 256: angles are computed in float32
    wide = torch.promote_types(x.dtype, torch.float32)
    if positions is None:
        positions = torch.arange(length, device=x.device)
    rate = base ** (-torch.arange(0, dim, 2, device=x.device, dtype=wide) / dim)
    angle = positions[..., None].to(wide) * rate
    cos, sin = angle.cos(), angle.sin()
    if interleaved:
        a, b = x.to(wide).unflatten(-1, (-1, 2)).unbind(-1)
    else:
        a, b = x.to(wide).chunk(2, dim=-1)
    turned = (a * cos - b * sin, a * sin + b * cos)
    if interleaved:
        return torch.stack(turned, dim=-1).flatten(-2).to(x.dtype)
    return torch.cat(turned, dim=-1).to(x.dtype)


class LearnedPositions(nn.Module):
    """Add a learned row to every token.

    Starts normal with a standard deviation of 0.02. With rows of 0 it changes nothing.

    Parameters
    ----------
    max_length : int
        Number of rows: the longest sequence there will ever be.
    dim : int
        Width of a token.

    Examples
    --------
    >>> positions = LearnedPositions(16, 8)
    >>> positions(torch.zeros(2, 5, 8)).shape
    torch.Size([2, 5, 8])

    References
    ----------
    Gehring et al., "Convolutional Sequence to Sequence Learning", 2017, section 3.1.
    <https://arxiv.org/abs/1705.03122>
    """

    def __init__(self, max_length: int, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(max_length, dim))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        """Add the rows of positions 0 to T - 1.

        Parameters
        ----------
        x : Tensor, shape (N, T, dim)
            Tokens.

        Returns
        -------
        Tensor, shape (N, T, dim)
            Tokens that know their place.

        Raises
        ------
        ValueError
            If T is larger than `max_length`, or a token has not `dim` features.
        """
        rows, dim = self.weight.shape
        if x.ndim != 3 or x.shape[2] != dim:
            raise ValueError(
                f"x must have the shape (N, T, {dim}). Received: {tuple(x.shape)}"
            )
        length = x.shape[1]
        if length > rows:
            raise ValueError(
                f"x must hold at most {rows} tokens: there are no more positions. "
                f"Received: {length}"
            )
        return x + self.weight[:length]
