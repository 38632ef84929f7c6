"""Dropout of sequences: the same numbers are dropped at every step of time."""

import torch
from torch import Tensor, nn

__all__ = ["VariationalDropout", "VariationalLSTM"]


class VariationalDropout(nn.Module):
    r"""$y_{nt} = x_{nt} b_n / (1 - r)$: one mask $b_n$ for all steps t of a sequence.

    Plain dropout draws anew at every step, and what is dropped at one is told at the
    next. As `keras.layers.Dropout(r, noise_shape=(None, 1, None))`; in inference
    $y = x$. Costs `0` parameters.

    Parameters
    ----------
    rate : float in [0, 1)
        Share of features that are dropped.
    generator : torch.Generator, optional
        Where the draws come from; the global one if not given.

    Raises
    ------
    ValueError
        If `rate` is outside [0, 1).

    Examples
    --------
    >>> y = VariationalDropout(0.5)(torch.ones(2, 5, 64))
    >>> (y == y[:, :1]).all().item(), sorted(y.unique().tolist())
    (True, [0.0, 2.0])

    References
    ----------
    Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent
    Neural Networks", 2016. <https://arxiv.org/abs/1512.05287>
    """

    def __init__(
        self, rate: float, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be in [0, 1). Received: {rate}")
        self.rate, self.generator = rate, generator

    def forward(self, x: Tensor) -> Tensor:
        """Drop features of whole sequences, in training.

        Parameters
        ----------
        x : Tensor, shape (N, T, C)
            Sequences, batch first.

        Returns
        -------
        Tensor, shape (N, T, C)
            For each sequence and feature 0 or `x / (1 - rate)`; in inference `x`.

        Raises
        ------
        ValueError
            If `x` does not have three axes.
        """
        if x.ndim != 3:
            raise ValueError(f"x must be (N, T, C). Received: {tuple(x.shape)}")
        if not self.training or self.rate == 0:
            return x
        mask = _mask(x[:, :1], self.rate, self.generator)
        # not a product: a dropped infinity is 0, not NaN
        return torch.where(mask, x / (1 - self.rate), 0)


class VariationalLSTM(nn.Module):
    r"""An LSTM that drops the same inputs and the same states at every step.

    Each gate has a mask for $x_t$ and one for $h_{t-1}$, drawn once per sequence. As
    `keras.layers.LSTM(K, dropout=r, recurrent_dropout=s)`; `nn.LSTM` has neither: its
    `dropout` is between stacked layers. Weights have the names and shapes of `nn.LSTM`,
    whose `state_dict` loads here. A loop over time: slower than `nn.LSTM`. Costs
    `4 * K * (C + K) + 8 * K` parameters.

    Parameters
    ----------
    input_size, hidden_size : int >= 1
        C and K.
    dropout, recurrent_dropout : float in [0, 1)
        Share of the inputs and of the states that are dropped.
    generator : torch.Generator, optional
        Where the draws come from; the global one if not given.

    Raises
    ------
    ValueError
        If a size is below 1 or a rate outside [0, 1).

    Examples
    --------
    >>> lstm = VariationalLSTM(3, 4, dropout=0.2, recurrent_dropout=0.2)
    >>> outputs, (h, c) = lstm(torch.zeros(2, 5, 3))
    >>> tuple(outputs.shape), tuple(h.shape)
    ((2, 5, 4), (1, 2, 4))

    References
    ----------
    Gal and Ghahramani, 2016, section 4, untied. <https://arxiv.org/abs/1512.05287>
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        sizes = {"input_size": input_size, "hidden_size": hidden_size}
        for name, size in sizes.items():
            if size < 1:
                raise ValueError(f"{name} must be >= 1. Received: {size}")
        rates = {"dropout": dropout, "recurrent_dropout": recurrent_dropout}
        for name, rate in rates.items():
            if not 0 <= rate < 1:
                raise ValueError(f"{name} must be in [0, 1). Received: {rate}")
        self.dropout, self.recurrent_dropout = dropout, recurrent_dropout
        self.generator = generator
        gates = 4 * hidden_size
        self.weight_ih_l0 = nn.Parameter(torch.empty(gates, input_size))
        self.weight_hh_l0 = nn.Parameter(torch.empty(gates, hidden_size))
        self.bias_ih_l0 = nn.Parameter(torch.empty(gates))
        self.bias_hh_l0 = nn.Parameter(torch.empty(gates))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(hidden_size**-0.5), hidden_size**-0.5)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read sequences.

        Parameters
        ----------
        x : Tensor, shape (N, T, C)
            Sequences, batch first, T >= 1.
        state : tuple of two Tensor, shape (1, N, K), optional
            h and c to start from; zeros if not given.

        Returns
        -------
        tuple of Tensor, shape (N, T, K), and of a tuple of two, shape (1, N, K)
            h after every step; the last h and c.

        Raises
        ------
        ValueError
            If `x` does not have three axes, no step, or another C, or the shape of
            `state` is another.
        """
        gates, size = self.weight_ih_l0.shape
        if x.ndim != 3 or x.shape[2] != size or not x.shape[1]:
            shape = tuple(x.shape)
            raise ValueError(f"x must be (N, T, {size}), T >= 1. Received: {shape}")
        if state is None:
            h = c = x.new_zeros(len(x), gates // 4)
        else:
            shapes = [tuple(part.shape) for part in state]
            if shapes != [(1, len(x), gates // 4)] * 2:
                wanted = (1, len(x), gates // 4)
                raise ValueError(f"state must be two {wanted}. Received: {shapes}")
            h, c = state[0][0], state[1][0]
        # a mask for every gate; one for all of them where nothing is dropped
        masks = self._scale(x[:, 0], self.dropout)
        keep = self._scale(h, self.recurrent_dropout)
        of_input = self.weight_ih_l0.unflatten(0, (4, -1))
        of_state = self.weight_hh_l0.unflatten(0, (4, -1))
        seen = x * masks[:, :, None]
        inputs = torch.einsum("gntc,gkc->ntgk", seen.expand(4, *x.shape), of_input)
        inputs = inputs.flatten(2) + self.bias_ih_l0 + self.bias_hh_l0
        states = []
        for step in inputs.unbind(1):
            kept = (h * keep).expand(4, *h.shape)
            recalled = torch.einsum("gnj,gkj->ngk", kept, of_state).flatten(1)
            i, f, g, o = (step + recalled).chunk(4, dim=1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            states.append(h)
        return torch.stack(states, dim=1), (h[None], c[None])

    def _scale(self, like: Tensor, rate: float) -> Tensor:
        if not self.training or rate == 0:
            return like.new_ones(1, 1, 1)
        mask = _mask(like.expand(4, *like.shape), rate, self.generator)
        return mask.to(like) / (1 - rate)


def _mask(like: Tensor, rate: float, generator: torch.Generator | None) -> Tensor:
    chance = torch.full(like.shape, 1 - rate, device=like.device)
    return chance.bernoulli(generator=generator).bool()
