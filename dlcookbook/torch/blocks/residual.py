"""Residual blocks: learn what to add to the input, and let the rest pass."""

from torch import Tensor, nn

__all__ = ["BasicBlock", "Bottleneck"]


class BasicBlock(nn.Module):
    r"""Two 3 x 3 convolutions, and the input added before the last ReLU.

    $y = \mathrm{ReLU}(\mathrm{BN}(w_2 * \mathrm{ReLU}(\mathrm{BN}(w_1 * x))) + S x)$,
    where $S$ is the identity, or a 1 x 1 convolution with a norm of its own where the
    shape changes. With the scale of the last norm at 0 it is $\mathrm{ReLU}(S x)$.

    Take it for networks of up to about 34 layers. Costs
    `9 * channels * (in_channels + channels) + 4 * channels + (in_channels + 2)
    * channels * projects` parameters, where `projects` is 1 if the shape changes, else
    0. Kernels start He normal by fan-out.

    Parameters
    ----------
    in_channels : int
        Channels in.
    channels : int
        Channels out.
    stride : int
        Step of the first convolution: 2 halves the image, rounded up.
    norm_eps : float
        Added to the variance in BatchNorm.
    zero_init : bool
        Start the scale of the last norm at 0: a deep stack then begins as if it were
        shallow.

    Raises
    ------
    ValueError
        If `norm_eps` is not above 0.

    Examples
    --------
    >>> import torch
    >>> block = BasicBlock(8, 16, stride=2)
    >>> block(torch.zeros(2, 8, 9, 6)).shape
    torch.Size([2, 16, 5, 3])
    >>> sum(p.numel() for p in block.parameters())
    3680

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, figure 5, left.
    <https://arxiv.org/abs/1512.03385>
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        *,
        stride: int = 1,
        norm_eps: float = 1e-5,
        zero_init: bool = False,
    ) -> None:
        super().__init__()
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        self.conv1 = _conv(in_channels, channels, 3, stride)
        self.bn1 = nn.BatchNorm2d(channels, eps=norm_eps)
        self.conv2 = _conv(channels, channels, 3)
        self.bn2 = nn.BatchNorm2d(channels, eps=norm_eps)
        self.downsample = _shortcut(in_channels, channels, stride, norm_eps)
        if zero_init:
            nn.init.zeros_(self.bn2.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Add to the input what was learned.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, H, W)
            Features.

        Returns
        -------
        Tensor, shape (N, channels, ceil(H / stride), ceil(W / stride))
            Features, none below 0.
        """
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y))
        return (y + self.downsample(x)).relu()


class Bottleneck(nn.Module):
    r"""1 x 1 down, 3 x 3, 1 x 1 up, and the input added before the last ReLU.

    The costly 3 x 3 convolution sees `channels` channels, the sum `expansion` times as
    many. With the scale of the last norm at 0 it is $\mathrm{ReLU}(S x)$, $S$ as in
    `BasicBlock`. The stride is in the 3 x 3 convolution, which is called version 1.5:
    in the paper's 1 x 1 it would skip three pixels out of four.

    Take it for networks of 50 layers and more. Costs
    `channels * (in_channels + 9 * channels + expansion * channels + 4 + 2 * expansion)
    + (in_channels + 2) * expansion * channels * projects` parameters, where `projects`
    is 1 if the shape changes, else 0. Kernels start He normal by fan-out.

    Parameters
    ----------
    in_channels : int
        Channels in.
    channels : int
        Channels in the middle.
    stride : int
        Step of the 3 x 3 convolution: 2 halves the image, rounded up.
    expansion : int
        How many times as many channels come out.
    norm_eps : float
        Added to the variance in BatchNorm.
    zero_init : bool
        Start the scale of the last norm at 0: a deep stack then begins as if it were
        shallow.

    Raises
    ------
    ValueError
        If `norm_eps` is not above 0.

    Examples
    --------
    >>> import torch
    >>> block = Bottleneck(64, 16)
    >>> block(torch.zeros(2, 64, 9, 6)).shape
    torch.Size([2, 64, 9, 6])
    >>> sum(p.numel() for p in block.parameters())
    4544

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, figure 5, right.
    <https://arxiv.org/abs/1512.03385>
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        *,
        stride: int = 1,
        expansion: int = 4,
        norm_eps: float = 1e-5,
        zero_init: bool = False,
    ) -> None:
        super().__init__()
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        out = channels * expansion
        self.conv1 = _conv(in_channels, channels, 1)
        self.bn1 = nn.BatchNorm2d(channels, eps=norm_eps)
        self.conv2 = _conv(channels, channels, 3, stride)
        self.bn2 = nn.BatchNorm2d(channels, eps=norm_eps)
        self.conv3 = _conv(channels, out, 1)
        self.bn3 = nn.BatchNorm2d(out, eps=norm_eps)
        self.downsample = _shortcut(in_channels, out, stride, norm_eps)
        if zero_init:
            nn.init.zeros_(self.bn3.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Add to the input what was learned.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, H, W)
            Features.

        Returns
        -------
        Tensor, shape (N, expansion * channels, ceil(H / stride), ceil(W / stride))
            Features, none below 0.
        """
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y)).relu()
        y = self.bn3(self.conv3(y))
        return (y + self.downsample(x)).relu()


def _conv(in_channels: int, out_channels: int, size: int, stride: int = 1) -> nn.Conv2d:
    conv = nn.Conv2d(
        in_channels, out_channels, size, stride, padding=size // 2, bias=False
    )
    nn.init.kaiming_normal_(conv.weight, mode="fan_out")
    return conv


def _shortcut(
    in_channels: int, out_channels: int, stride: int, norm_eps: float
) -> nn.Module:
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        _conv(in_channels, out_channels, 1, stride),
        nn.BatchNorm2d(out_channels, eps=norm_eps),
    )
