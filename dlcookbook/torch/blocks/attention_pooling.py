"""Attention pooling: a weighted average over time whose weights are learned."""

import torch
from torch import Tensor, nn

__all__ = ["AttentionPooling"]


class AttentionPooling(nn.Module):
    r"""Average a sequence, each step weighed by a score of its own.

    $\sum_t a_t x_t$ with $a = \mathrm{softmax}_t(w^\top \tanh(V x_t + b))$ over the
    steps that count. Equal scores give the mean of those steps; one step gives itself.

    Weights start Glorot uniform, the bias at 0.

    Parameters
    ----------
    dim : int
        Width of a step.
    hidden : int, optional
        Width of the small network that scores a step; `dim` by default.

    Raises
    ------
    ValueError
        If `hidden` is less than 1.

    Examples
    --------
    >>> pool = AttentionPooling(4)
    >>> x = torch.randn(2, 5, 4)
    >>> pool(x).shape
    torch.Size([2, 4])
    >>> only_the_first = torch.tensor([[True, False, False, False, False]] * 2)
    >>> torch.equal(pool(x, keep=only_the_first), x[:, 0])
    True

    References
    ----------
    Ilse et al., "Attention-based Deep Multiple Instance Learning", 2018, eq. 8.
    <https://arxiv.org/abs/1802.04712>
    """

    def __init__(self, dim: int, hidden: int | None = None) -> None:
        super().__init__()
        if hidden is not None and hidden < 1:
            raise ValueError(f"hidden must be >= 1. Received: {hidden}")
        # no bias on the score: a softmax would cancel it
        self.hidden = nn.Linear(dim, hidden or dim)
        self.score = nn.Linear(hidden or dim, 1, bias=False)
        for layer in (self.hidden, self.score):
            nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(self.hidden.bias)

    def shares(self, x: Tensor, *, keep: Tensor | None = None) -> Tensor:
        """Return what each step counts, to be looked at.

        Parameters
        ----------
        x : Tensor, shape (N, T, dim)
            Sequences.
        keep : Tensor of bool, shape (N, T), optional
            True for a real step, False for padding.

        Returns
        -------
        Tensor, shape (N, T)
            Shares that sum to 1; all 0 where nothing is kept.

        Raises
        ------
        ValueError
            If `keep` is not boolean or has another shape, or `x` has not three axes.
        """
        if len(x.shape) != 3:
            raise ValueError(f"x must have three axes. Received: {tuple(x.shape)}")
        scores = self.score(self.hidden(x).tanh())[..., 0]
        if keep is None:
            return scores.softmax(dim=1)
        if keep.dtype != torch.bool or keep.shape != scores.shape:
            raise ValueError(
                f"keep must be boolean of shape {tuple(scores.shape)}. "
                f"Received: {keep.dtype} of shape {tuple(keep.shape)}"
            )
        # a sequence of padding alone is averaged and then set to 0: not NaN
        seen = keep.any(dim=1, keepdim=True)
        scores = scores.masked_fill(~(keep | ~seen), -torch.inf)
        return scores.softmax(dim=1).masked_fill(~seen, 0)

    def forward(self, x: Tensor, keep: Tensor | None = None) -> Tensor:
        """Pool over time.

        Parameters
        ----------
        x : Tensor, shape (N, T, dim)
            Sequences.
        keep : Tensor of bool, shape (N, T), optional
            True for a real step, False for padding.

        Returns
        -------
        Tensor, shape (N, dim)
            Averages; 0 where nothing is kept.
        """
        return (self.shares(x, keep=keep)[:, None] @ x)[:, 0]
