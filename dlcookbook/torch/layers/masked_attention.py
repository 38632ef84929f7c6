"""Attention with a mask that says what to keep; a row that keeps nothing gives 0."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["masked_attention"]


def masked_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    keep: Tensor | None = None,
    scale: float | None = None,
) -> Tensor:
    r"""$\mathrm{softmax}(q k^\top s) \, v$ over the keys that are kept.

    `nn.MultiheadAttention` drops where its mask is true, this and
    `F.scaled_dot_product_attention` attend there: the argument says which. Where
    nothing is kept the result and its gradients are 0, on every device.

    Parameters
    ----------
    query : Tensor, shape (..., L, D)
        What is asked; heads are one of the first axes.
    key : Tensor, shape (..., S, D)
        What is compared with it.
    value : Tensor, shape (..., S, E)
        What is averaged.
    keep : Tensor of bool, shape (..., L, S), optional
        True: attend. None keeps all. Axes of 1 are stretched. For a mask of padding of
        shape (N, S): `keep[:, None]`, and what is padded must be finite.
    scale : float, optional
        Factor of the scores. None takes one over the root of D.

    Returns
    -------
    Tensor, shape (..., L, E)
        Averages of values, in their dtype; 0 where nothing is kept.

    Raises
    ------
    ValueError
        If `keep` is not boolean, as 0 and 1 would be added to the scores, or would
        stretch them.

    Examples
    --------
    >>> ones, value = torch.ones(2, 1), torch.tensor([[2.0], [4.0]])
    >>> keep = torch.tensor([[True, True], [False, False]])
    >>> masked_attention(ones, ones, value, keep=keep)
    tensor([[3.],
            [0.]])

    References
    ----------
    Vaswani et al., "Attention is all you need", 2017, eq. 1.
    <https://arxiv.org/abs/1706.03762>
    """
    if keep is None:
        return F.scaled_dot_product_attention(query, key, value, scale=scale)
    keep = torch.as_tensor(keep, device=query.device)
    if keep.dtype != torch.bool:
        raise ValueError(f"keep must be boolean. Received: {keep.dtype}")
    wanted = (*query.shape[:-1], key.shape[-2])
    pairs = zip(reversed(keep.shape), reversed(wanted), strict=False)
    if keep.ndim > len(wanted) or not all(m in (1, n) for m, n in pairs):
        raise ValueError(f"keep must fit {wanted}. Received: {tuple(keep.shape)}")
    empty = ~keep.any(dim=-1, keepdim=True)
    # an empty row attends to all, so that nothing is 0 / 0, and is then set to 0
    y = F.scaled_dot_product_attention(query, key, value, keep | empty, scale=scale)
    return y.masked_fill(empty, 0.0)
