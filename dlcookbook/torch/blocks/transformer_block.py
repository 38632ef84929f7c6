"""Transformer block, pre-norm: attention, then an MLP, each added to what came in."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["TransformerBlock"]


class TransformerBlock(nn.Module):
    r"""Let tokens exchange what they know, then change each by itself.

    $y = x + \mathrm{attention}(\mathrm{norm}_1(x))$, then
    $y + W_d\,\mathrm{GELU}(W_u\,\mathrm{norm}_2(y))$. With $W_o = W_d = 0$ it changes
    nothing. A stack of such blocks needs one more norm at its end.

    Weights start Glorot uniform, each matrix by itself, biases at 0.

    Parameters
    ----------
    dim : int
        Width of a token.
    heads : int
        Number of attention heads.
    hidden : int, optional
        Width of the MLP; four times `dim` by default.
    dropout : float in [0, 1)
        Share of what attention and MLP add that is dropped in training.
    eps : float
        Added to the variance in both norms.

    Raises
    ------
    ValueError
        If `heads` does not divide `dim`, or an option is out of its range.

    Examples
    --------
    >>> block = TransformerBlock(8, 2)
    >>> x = torch.randn(1, 4, 8)
    >>> later = x.clone()
    >>> later[:, 3] = 0
    >>> y, z = block(x, causal=True), block(later, causal=True)
    >>> torch.allclose(y[:, :3], z[:, :3], atol=1e-6)
    True

    References
    ----------
    Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020,
    table 1. <https://arxiv.org/abs/2002.04745>
    """

    def __init__(
        self,
        dim: int,
        heads: int,
        *,
        hidden: int | None = None,
        dropout: float = 0.0,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        if heads < 1 or dim % heads:
            raise ValueError(f"heads must divide dim. Received: {heads} and {dim}")
        if hidden is not None and hidden < 1:
            raise ValueError(f"hidden must be >= 1. Received: {hidden}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must be in [0, 1). Received: {dropout}")
        if not eps > 0:
            raise ValueError(f"eps must be > 0. Received: {eps}")
        self.heads = heads
        self.norm1 = nn.LayerNorm(dim, eps=eps)
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.out = nn.Linear(dim, dim)
        self.norm2 = nn.LayerNorm(dim, eps=eps)
        self.up = nn.Linear(dim, hidden or 4 * dim)
        self.down = nn.Linear(hidden or 4 * dim, dim)
        self.dropout = nn.Dropout(dropout)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(
        self, x: Tensor, keep: Tensor | None = None, causal: bool = False
    ) -> Tensor:
        """Let the tokens look at each other.

        Parameters
        ----------
        x : Tensor, shape (N, T, dim)
            Tokens.
        keep : Tensor of bool, shape (N, T), (N, T, T) or (N, heads, T, T), optional
            True where a token may look at another; N, `heads` and the first T may be
            1. With two axes it says which tokens are real, not padding. A token that
            may look at nothing gets only the bias from the attention.
        causal : bool
            Token t may look at tokens 0 to t.

        Returns
        -------
        Tensor, shape (N, T, dim)
            Tokens after the block. Those of padding mean nothing.

        Raises
        ------
        ValueError
            If `keep` is not boolean or does not fit, or `x` has not three axes.
        """
        if len(x.shape) != 3:
            raise ValueError(f"x must have three axes. Received: {tuple(x.shape)}")
        if keep is not None:
            keep = spread(keep, x.shape[0], self.heads, x.shape[1])
        x = x + self.dropout(self._attend(self.norm1(x), keep, causal))
        return x + self.dropout(self.down(F.gelu(self.up(self.norm2(x)))))

    def _attend(self, x: Tensor, keep: Tensor | None, causal: bool) -> Tensor:
        query, key, value = (
            part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        if keep is None:
            found = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        else:
            if causal:
                keep = keep & keep.new_ones(x.shape[1], x.shape[1]).tril()
            seen = keep.any(dim=-1, keepdim=True)
            # a softmax over nothing is NaN in some backends: look, then throw away
            found = F.scaled_dot_product_attention(
                query, key, value, attn_mask=keep | ~seen
            ).masked_fill(~seen, 0)
        return self.out(found.transpose(1, 2).flatten(2))


def spread(keep: Tensor, batch: int, heads: int, length: int) -> Tensor:
    """Give a mask all four axes: examples, heads, queries, keys."""
    shape = (*keep.shape[:1], *(1,) * (4 - keep.ndim), *keep.shape[1:])
    sizes = zip(shape, (batch, heads, length, length), strict=False)
    fits = all(size in (1, want) for size, want in sizes) and shape[-1] == length
    if keep.dtype != torch.bool or keep.ndim not in (2, 3, 4) or not fits:
        raise ValueError(
            "keep must be boolean of shape (N, T), (N, T, T) or (N, heads, T, T) for "
            f"N={batch}, heads={heads}, T={length}. "
            f"Received: {keep.dtype} of shape {tuple(keep.shape)}"
        )
    return keep.reshape(shape)
