"""Attention with explicit masks: True means that a query may look at a key."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["MultiHeadAttention", "masked_attention"]


def masked_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    keep: Tensor | None = None,
    causal: bool = False,
) -> Tensor:
    r"""Average the values, weighed by how well each key answers the query.

    $\mathrm{softmax}(Q K^\top / \sqrt D)\, V$, the softmax over the keys that a query
    may look at. With one such key the result is its value; without any it is 0, and
    so is its gradient, in every backend.

    Parameters
    ----------
    query : Tensor, shape (..., T, D)
        What is asked, any floating dtype.
    key : Tensor, shape (..., S, D)
        What it is compared with.
    value : Tensor, shape (..., S, E)
        What is averaged.
    keep : Tensor of bool, of a shape that broadcasts to (..., T, S), optional
        True where a query may look at a key: the opposite of what
        `nn.MultiheadAttention` calls a mask.
    causal : bool
        Query t may look at keys 0 to t, and at no key that `keep` forbids.

    Returns
    -------
    Tensor, shape (..., T, E)
        Averages, in the dtype of `value`.

    Raises
    ------
    ValueError
        If `keep` is not boolean, a causal mask is asked for T other than S, or `value`
        has other rows than `key`.

    Examples
    --------
    >>> x = torch.eye(2)
    >>> masked_attention(x, x, x, causal=True)
    tensor([[1.0000, 0.0000],
            [0.3302, 0.6698]])

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, eq. 1.
    <https://arxiv.org/abs/1706.03762>
    """
    length, memory = query.shape[-2], key.shape[-2]
    if causal and length != memory:
        raise ValueError(
            "causal needs as many queries as keys. Received: "
            f"{length} queries, {memory} keys"
        )
    # PyTorch's own would read beyond the end of a value that is too short
    if value.shape[:-1] != key.shape[:-1]:
        raise ValueError(
            "value must have one row for each of key. Received: "
            f"key {tuple(key.shape)}, value {tuple(value.shape)}"
        )
    if keep is None:
        return F.scaled_dot_product_attention(query, key, value, is_causal=causal)
    if keep.dtype != torch.bool:
        raise ValueError(f"keep must be boolean. Received: {keep.dtype}")
    if causal:
        keep = keep & keep.new_ones(length, memory).tril()
    seen = keep.any(dim=-1, keepdim=True)
    # a query without a key looks at all of them, and what it finds is thrown away:
    # a softmax over nothing is NaN in some backends, and so is its gradient
    found = F.scaled_dot_product_attention(query, key, value, attn_mask=keep | ~seen)
    return found.masked_fill(~seen, 0)


class MultiHeadAttention(nn.Module):
    r"""Attend in several subspaces at once and mix what they found.

    $\mathrm{concat}(h_1, \dots, h_n) W_o$ with
    $h_i = \mathrm{attention}(Q W_q^i, K W_k^i, V W_v^i)$. With one head and identities
    for matrices it is plain attention.

    Weights start Glorot uniform, each matrix by itself, biases at 0.

    Parameters
    ----------
    dim : int
        Width of what goes in and comes out.
    heads : int
        How many subspaces of `dim / heads` features each.
    bias : bool
        Whether the four projections have one.

    Raises
    ------
    ValueError
        If `heads` does not divide `dim`.

    Examples
    --------
    >>> attention = MultiHeadAttention(8, 2)
    >>> x = torch.randn(1, 3, 8)
    >>> padded = torch.cat([x, torch.randn(1, 2, 8)], dim=1)
    >>> keep = torch.tensor([[True, True, True, False, False]])
    >>> torch.allclose(attention(padded, keep=keep)[:, :3], attention(x), atol=1e-6)
    True

    References
    ----------
    Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2.
    <https://arxiv.org/abs/1706.03762>
    """

    def __init__(self, dim: int, heads: int, *, bias: bool = True) -> None:
        super().__init__()
        if heads < 1 or dim % heads:
            raise ValueError(f"heads must divide dim. Received: {heads} and {dim}")
        self.heads = heads
        self.query = nn.Linear(dim, dim, bias=bias)
        self.key = nn.Linear(dim, dim, bias=bias)
        self.value = nn.Linear(dim, dim, bias=bias)
        self.out = nn.Linear(dim, dim, bias=bias)
        for projection in (self.query, self.key, self.value, self.out):
            nn.init.xavier_uniform_(projection.weight)
            if bias:
                nn.init.zeros_(projection.bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        keep: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Let every query look.

        Parameters
        ----------
        query : Tensor, shape (N, T, dim)
            What is asked.
        key : Tensor, shape (N, S, dim), optional
            What it is compared with; `query` by default.
        value : Tensor, shape (N, S, dim), optional
            What is averaged; `key` by default.
        keep : Tensor of bool, shape (N, S), (N, T, S) or (N, heads, T, S), optional
            True where a query may look at a key; N, `heads` and T may be 1. With two
            axes it says which keys are real, not padding. Where nothing is kept the
            result is the bias of the last projection.
        causal : bool
            Query t may look at keys 0 to t.

        Returns
        -------
        Tensor, shape (N, T, dim)
            What was found.

        Raises
        ------
        ValueError
            If `keep` is not boolean or does not fit, or what is given has not three
            axes.
        """
        key = query if key is None else key
        value = key if value is None else value
        shapes = [tuple(x.shape) for x in (query, key, value)]
        if any(len(shape) != 3 for shape in shapes):
            raise ValueError(
                f"query, key and value must have three axes. Received: {shapes}"
            )
        if keep is not None:
            sizes = (query.shape[0], self.heads, query.shape[1], key.shape[1])
            keep = spread(keep, *sizes)
        q, k, v = (
            part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part, x in ((self.query, query), (self.key, key), (self.value, value))
        )
        found = masked_attention(q, k, v, keep=keep, causal=causal)
        return self.out(found.transpose(1, 2).flatten(2))


def spread(keep: Tensor, batch: int, heads: int, length: int, memory: int) -> Tensor:
    """Give a mask all four axes: examples, heads, queries, keys."""
    shape = (*keep.shape[:1], *(1,) * (4 - keep.ndim), *keep.shape[1:])
    sizes = zip(shape, (batch, heads, length, memory), strict=False)
    fits = all(size in (1, want) for size, want in sizes) and shape[-1] == memory
    if keep.dtype != torch.bool or keep.ndim not in (2, 3, 4) or not fits:
        raise ValueError(
            "keep must be boolean of shape (N, S), (N, T, S) or (N, heads, T, S) for "
            f"N={batch}, heads={heads}, T={length}, S={memory}. "
            f"Received: {keep.dtype} of shape {tuple(keep.shape)}"
        )
    return keep.reshape(shape)
