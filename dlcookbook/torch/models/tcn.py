"""Temporal convolution: causal, dilated, residual; sees far back in few layers."""

from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["tcn"]


class TCN(nn.Module):
    """Blocks whose dilation doubles, and a linear head at every step."""

    def __init__(
        self,
        outputs: int,
        *,
        in_channels: int,
        width: int,
        depth: int,
        kernel_size: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.receptive_field = 1 + 2 * (kernel_size - 1) * (2**depth - 1)
        self.blocks = nn.ModuleList(
            Block(width if i else in_channels, width, kernel_size, 2**i, dropout)
            for i in range(depth)
        )
        self.head = nn.Linear(width, outputs)
        for module in self.modules():
            if isinstance(module, nn.Conv1d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        nn.init.xavier_uniform_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Predict at every step: (N, T, in_channels) in, (N, T, outputs) out."""
        x = x.transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        return self.head(x.transpose(1, 2))


class Block(nn.Module):
    """Two causal convolutions, added to what came in."""

    def __init__(
        self,
        in_channels: int,
        width: int,
        kernel_size: int,
        dilation: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.past = dilation * (kernel_size - 1)
        self.conv1 = nn.Conv1d(in_channels, width, kernel_size, dilation=dilation)
        self.conv2 = nn.Conv1d(width, width, kernel_size, dilation=dilation)
        self.dropout = nn.Dropout(dropout)
        self.shortcut = (
            nn.Conv1d(in_channels, width, 1) if in_channels != width else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        # zeros on the left alone: no step sees a later one
        y = self.dropout(F.relu(self.conv1(F.pad(x, (self.past, 0)))))
        y = self.dropout(F.relu(self.conv2(F.pad(y, (self.past, 0)))))
        return F.relu(y + self.shortcut(x))


def tcn(
    outputs: int,
    *,
    in_channels: int = 1,
    width: int = 32,
    depth: int = 4,
    kernel_size: int = 3,
    dropout: float = 0.0,
) -> TCN:
    """Build a temporal convolution that predicts at every step.

    Step t sees itself and the 2 (kernel_size - 1) (2 ** depth - 1) steps before it, 60
    by default. It sees nothing later, so padding at the end changes nothing: for one
    answer per sequence take the last real step. The paper's weight normalisation is
    left out. Convolutions start He normal (fan in), the head Glorot uniform, biases at
    0.

    Parameters
    ----------
    outputs : int
        Numbers at every step: classes as logits, or what is forecast.
    in_channels : int
        Features of a step.
    width : int
        Channels of every block.
    depth : int
        Number of blocks; block i has a dilation of 2 ** i.
    kernel_size : int
        Steps that a kernel covers.
    dropout : float in [0, 1)
        Share dropped after each convolution.

    Returns
    -------
    TCN
        An untrained model: sequences of shape (N, T, in_channels) in, numbers of shape
        (N, T, outputs) out. The attribute `receptive_field` counts the steps it sees.

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> import torch
    >>> model = tcn(2, in_channels=3, width=8)
    >>> model(torch.zeros(4, 50, 3)).shape, model.receptive_field
    (torch.Size([4, 50, 2]), 61)

    References
    ----------
    Bai et al., "An Empirical Evaluation of Generic Convolutional and Recurrent
    Networks for Sequence Modeling", 2018, section 3.
    <https://arxiv.org/abs/1803.01271>
    """
    if min(outputs, depth) < 1 or not 0 <= dropout < 1:
        raise ValueError(
            "outputs and depth must be >= 1, dropout in [0, 1). "
            f"Received: {outputs}, {depth}, {dropout}"
        )
    return TCN(
        outputs,
        in_channels=in_channels,
        width=width,
        depth=depth,
        kernel_size=kernel_size,
        dropout=dropout,
    )
