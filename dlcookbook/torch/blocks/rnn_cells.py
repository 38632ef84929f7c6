"""GRU and LSTM cells by hand: one step, every gate in sight."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["GRUCell", "LSTMCell"]


class LSTMCell(nn.Module):
    r"""One step of a long short-term memory.

    $c' = f \odot c + i \odot g$ and $h' = o \odot \tanh c'$; input, forget and output
    gate are sigmoids, $g$ is a tanh, of $W_x x + b_x + W_h h + b_h$. With the forget
    gate at 1 and the input gate at 0 the memory stays for ever.

    Parameters are called and laid out as in `nn.LSTMCell`, so that a state of the one
    loads into the other: gates in the order i, f, g, o, two biases. Keras has the same
    order and one bias, the sum of these. Input weights start Glorot uniform, those of
    the state orthogonal, biases at 0 but for the forget gate's 1: it starts by keeping.

    Parameters
    ----------
    in_channels : int
        Width of the input.
    hidden : int
        Width of the state.

    Raises
    ------
    ValueError
        If `hidden` is less than 1.

    Examples
    --------
    >>> cell, state = LSTMCell(3, 4), None
    >>> for step in torch.randn(5, 2, 3):
    ...     state = cell(step, state)
    >>> state[0].shape
    torch.Size([2, 4])

    References
    ----------
    Gers et al., "Learning to Forget: Continual Prediction with LSTM", 2000, section 3.
    <https://doi.org/10.1162/089976600300015015>
    """

    def __init__(self, in_channels: int, hidden: int) -> None:
        super().__init__()
        if hidden < 1:
            raise ValueError(f"hidden must be >= 1. Received: {hidden}")
        self.hidden = hidden
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden, in_channels))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden, hidden))
        self.bias_ih = nn.Parameter(torch.zeros(4 * hidden))
        self.bias_hh = nn.Parameter(torch.zeros(4 * hidden))
        nn.init.xavier_uniform_(self.weight_ih)
        nn.init.orthogonal_(self.weight_hh)
        nn.init.ones_(self.bias_ih[hidden : 2 * hidden])

    def forward(
        self,
        x: Tensor,
        state: tuple[Tensor, Tensor] | None = None,
        keep: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Take one step.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels)
            What comes in.
        state : tuple of two tensors, each of shape (N, hidden), optional
            What the cell said, and what it remembers: (h, c). Zeros by default.
        keep : Tensor of bool, shape (N,), optional
            False leaves the state of a padded example as it is.

        Returns
        -------
        tuple of two tensors, each of shape (N, hidden)
            The new (h, c).

        Raises
        ------
        ValueError
            If `x`, the state or `keep` has another shape, or `keep` is not boolean.
        """
        h, c = state or (x.new_zeros(x.shape[0], self.hidden),) * 2
        _check(x, self.hidden, keep, h, c)
        gates = F.linear(x, self.weight_ih, self.bias_ih)
        gates = gates + F.linear(h, self.weight_hh, self.bias_hh)
        i, f, g, o = gates.chunk(4, dim=-1)
        new_c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        new_h = o.sigmoid() * new_c.tanh()
        if keep is None:
            return new_h, new_c
        kept = keep[:, None]
        return torch.where(kept, new_h, h), torch.where(kept, new_c, c)


class GRUCell(nn.Module):
    r"""One step of a gated recurrent unit, the form that cuDNN computes.

    $h' = (1 - z) \odot n + z \odot h$ with
    $n = \tanh(W_n x + b_n + r \odot (U_n h + d_n))$; reset gate $r$ and update gate
    $z$ are sigmoids. The paper resets $h$ before it is multiplied by $U_n$; Keras
    calls the form here `reset_after=True`. With the update gate at 1 nothing changes.

    Parameters are called and laid out as in `nn.GRUCell`, so that a state of the one
    loads into the other: gates in the order r, z, n. Keras has z, r, n: weights that
    are copied without being reordered fit and compute something else. Input weights
    start Glorot uniform, those of the state orthogonal, biases at 0.

    Parameters
    ----------
    in_channels : int
        Width of the input.
    hidden : int
        Width of the state.

    Raises
    ------
    ValueError
        If `hidden` is less than 1.

    Examples
    --------
    >>> cell, state = GRUCell(3, 4), None
    >>> for step in torch.randn(5, 2, 3):
    ...     state = cell(step, state)
    >>> state.shape
    torch.Size([2, 4])

    References
    ----------
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for
    Statistical Machine Translation", 2014, eq. 5 to 8.
    <https://arxiv.org/abs/1406.1078>
    """

    def __init__(self, in_channels: int, hidden: int) -> None:
        super().__init__()
        if hidden < 1:
            raise ValueError(f"hidden must be >= 1. Received: {hidden}")
        self.hidden = hidden
        self.weight_ih = nn.Parameter(torch.empty(3 * hidden, in_channels))
        self.weight_hh = nn.Parameter(torch.empty(3 * hidden, hidden))
        self.bias_ih = nn.Parameter(torch.zeros(3 * hidden))
        self.bias_hh = nn.Parameter(torch.zeros(3 * hidden))
        nn.init.xavier_uniform_(self.weight_ih)
        nn.init.orthogonal_(self.weight_hh)

    def forward(
        self, x: Tensor, state: Tensor | None = None, keep: Tensor | None = None
    ) -> Tensor:
        """Take one step.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels)
            What comes in.
        state : Tensor, shape (N, hidden), optional
            What the cell said. Zeros by default.
        keep : Tensor of bool, shape (N,), optional
            False leaves the state of a padded example as it is.

        Returns
        -------
        Tensor, shape (N, hidden)
            The new state.

        Raises
        ------
        ValueError
            If `x`, the state or `keep` has another shape, or `keep` is not boolean.
        """
        h = x.new_zeros(x.shape[0], self.hidden) if state is None else state
        _check(x, self.hidden, keep, h)
        from_x = F.linear(x, self.weight_ih, self.bias_ih).chunk(3, dim=-1)
        from_h = F.linear(h, self.weight_hh, self.bias_hh).chunk(3, dim=-1)
        r = (from_x[0] + from_h[0]).sigmoid()
        z = (from_x[1] + from_h[1]).sigmoid()
        n = (from_x[2] + r * from_h[2]).tanh()
        new = (1 - z) * n + z * h
        return new if keep is None else torch.where(keep[:, None], new, h)


def _check(x: Tensor, hidden: int, keep: Tensor | None, *states: Tensor) -> None:
    """Refuse what would broadcast: one example's state or mask given to all."""
    shapes = [tuple(s.shape) for s in states]
    if x.ndim != 2 or any(shape != (len(x), hidden) for shape in shapes):
        raise ValueError(
            f"x must have the shape (N, in_channels) and the state (N, {hidden}). "
            f"Received: x {tuple(x.shape)}, state {shapes}"
        )
    if keep is not None and (keep.dtype != torch.bool or keep.shape != x.shape[:1]):
        raise ValueError(
            f"keep must be boolean of shape ({len(x)},). "
            f"Received: {keep.dtype} of shape {tuple(keep.shape)}"
        )
