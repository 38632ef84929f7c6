"""Squeeze and excite: a gate for every channel that has seen the whole image."""

import torch
from torch import Tensor, nn

__all__ = ["SqueezeExcite"]


class SqueezeExcite(nn.Module):
    r"""Scale every channel by a number in (0, 1) that depends on all of them.

    $y_c = x_c \, \sigma(W_e \, \mathrm{act}(W_r \bar x + b_r) + b_e)_c$, where $\bar x$
    holds the mean of each channel. With $W_e = 0$ and $b_e = 0$ it halves everything.

    Take it after the convolutions of a block, before what they give is added to the
    input: a little accuracy for hardly any arithmetic. Costs
    `(2 * in_channels + 1) * max(1, in_channels // reduction) + in_channels` parameters.
    Weights start He normal by fan-in, biases at 0.

    Parameters
    ----------
    in_channels : int
        Channels in and out.
    reduction : int
        How many times narrower the layer in the middle is; it keeps at least 1 channel.
    activation : {"relu", "silu"}
        In the middle: ReLU in the paper, SiLU in EfficientNet.

    Raises
    ------
    ValueError
        If `activation` is none of the above or `reduction` less than 1.

    Examples
    --------
    >>> gate = SqueezeExcite(64)
    >>> gate(torch.ones(2, 64, 7, 5)).shape
    torch.Size([2, 64, 7, 5])
    >>> sum(p.numel() for p in gate.parameters())
    580

    References
    ----------
    Hu et al., "Squeeze-and-Excitation Networks", 2017, eq. 2 to 4.
    <https://arxiv.org/abs/1709.01507>
    """

    def __init__(
        self, in_channels: int, *, reduction: int = 16, activation: str = "relu"
    ) -> None:
        super().__init__()
        if reduction < 1:
            raise ValueError(f"reduction must be >= 1. Received: {reduction}")
        if activation not in ("relu", "silu"):
            raise ValueError(
                f"activation must be 'relu' or 'silu'. Received: {activation}"
            )
        squeezed = max(1, in_channels // reduction)
        self.reduce = nn.Linear(in_channels, squeezed)
        self.act = nn.ReLU() if activation == "relu" else nn.SiLU()
        self.expand = nn.Linear(squeezed, in_channels)
        for layer in (self.reduce, self.expand):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Scale the channels.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, ...)
            What the convolutions gave, in any number of dimensions.

        Returns
        -------
        Tensor, shape (N, in_channels, ...)
            The same, each channel times its gate.
        """
        mean = x.flatten(2).mean(dim=2)
        gate = torch.sigmoid(self.expand(self.act(self.reduce(mean))))
        return x * gate.reshape(*gate.shape, *[1] * (x.ndim - 2))
