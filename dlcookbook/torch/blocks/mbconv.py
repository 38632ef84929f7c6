"""MBConv and its fused form: widen, look around, weigh the channels, narrow again."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["FusedMBConv", "MBConv"]


class MBConv(nn.Module):
    r"""Mobile inverted bottleneck: 1 x 1 up, depthwise, squeeze-excite, 1 x 1 down.

    The input is added where the shape stays. Nothing comes after the last norm: a ReLU
    in the narrow part would lose what passes through it.

    Take it where multiplications count; it is the block of EfficientNet. Costs
    `in_channels * width * (expansion > 1) + 2 * width * (expansion > 1)
    + kernel_size**2 * width + 2 * width + (2 * width + 1) * squeezed
    + width * (squeezed > 0) + width * out_channels + 2 * out_channels` parameters with
    `width = in_channels * expansion` and `squeezed = int(in_channels * squeeze)`, at
    least 1 unless `squeeze` is 0. Kernels start He normal by fan-out of a group, biases
    at 0.

    Parameters
    ----------
    in_channels : int
        Channels in.
    out_channels : int
        Channels out.
    expansion : int
        How many times wider the middle is. 1 leaves the first convolution out.
    kernel_size : int
        Side of the depthwise kernels, odd.
    stride : int
        Step of the depthwise convolution: 2 halves the image, rounded up.
    squeeze : float in [0, 1]
        Channels in the middle of squeeze-excite, as a share of those that come in. 0
        leaves it out.
    drop_path : float in [0, 1)
        Share of the examples for which the branch is left out in training.
    norm_eps : float
        Added to the variance in BatchNorm.

    Raises
    ------
    ValueError
        If `kernel_size` is even, `drop_path` outside [0, 1), `expansion` less than 1,
        `squeeze` negative or `norm_eps` not above 0.

    Examples
    --------
    >>> block = MBConv(8, 8)
    >>> block(torch.zeros(2, 8, 9, 6)).shape
    torch.Size([2, 8, 9, 6])
    >>> sum(p.numel() for p in block.parameters())
    1650

    References
    ----------
    Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018,
    section 3.4. <https://arxiv.org/abs/1801.04381> Tan and Le, "EfficientNet", 2019,
    section 4. <https://arxiv.org/abs/1905.11946>
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        expansion: int = 6,
        kernel_size: int = 3,
        stride: int = 1,
        squeeze: float = 0.25,
        drop_path: float = 0.0,
        norm_eps: float = 1e-5,
    ) -> None:
        super().__init__()
        _check(kernel_size, expansion, squeeze, drop_path, norm_eps)
        width = in_channels * expansion
        self.adds = stride == 1 and in_channels == out_channels
        self.drop_path = drop_path
        self.expand: nn.Module = nn.Identity()
        if expansion > 1:
            self.expand = _unit(in_channels, width, 1, 1, 1, norm_eps)
        self.depthwise = _unit(width, width, kernel_size, stride, width, norm_eps)
        squeezed = int(in_channels * squeeze) or int(squeeze > 0)
        self.se = SqueezeExcite(width, squeezed) if squeezed else nn.Identity()
        self.project = _conv(width, out_channels, 1)
        self.norm = nn.BatchNorm2d(out_channels, eps=norm_eps)

    def forward(self, x: Tensor) -> Tensor:
        """Add to the input what was learned, if the shape stays.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, H, W)
            Features.

        Returns
        -------
        Tensor, shape (N, out_channels, ceil(H / stride), ceil(W / stride))
            Features.
        """
        y = self.se(self.depthwise(self.expand(x)))
        y = self.norm(self.project(y))
        return x + _dropped(y, self.drop_path, self.training) if self.adds else y


class FusedMBConv(nn.Module):
    r"""MBConv whose first two convolutions are one, over all channels at once.

    More multiplications than `MBConv`, yet faster on a GPU while there are few
    channels: a full convolution keeps it busy. With an expansion of 1 there is one
    convolution in all, followed by SiLU.

    Take it in the first stages, where images are large and channels few; it is the
    early block of EfficientNetV2. Costs
    `kernel_size**2 * in_channels * width + 2 * width + (2 * width + 1) * squeezed
    + width * (squeezed > 0) + (width + 2) * out_channels * (expansion > 1)` parameters
    with `width = in_channels * expansion if expansion > 1 else out_channels` and
    `squeezed = int(in_channels * squeeze)`, at least 1 unless `squeeze` is 0. Kernels
    start He normal by fan-out, biases at 0.

    Parameters
    ----------
    in_channels : int
        Channels in.
    out_channels : int
        Channels out.
    expansion : int
        How many times wider the middle is. 1 leaves the last convolution out.
    kernel_size : int
        Side of the kernels, odd.
    stride : int
        Step of the first convolution: 2 halves the image, rounded up.
    squeeze : float in [0, 1]
        Channels in the middle of squeeze-excite, as a share of those that come in. 0
        leaves it out.
    drop_path : float in [0, 1)
        Share of the examples for which the branch is left out in training.
    norm_eps : float
        Added to the variance in BatchNorm.

    Raises
    ------
    ValueError
        If `kernel_size` is even, `drop_path` outside [0, 1), `expansion` less than 1,
        `squeeze` negative or `norm_eps` not above 0.

    Examples
    --------
    >>> block = FusedMBConv(8, 8)
    >>> block(torch.zeros(2, 8, 9, 6)).shape
    torch.Size([2, 8, 9, 6])
    >>> sum(p.numel() for p in block.parameters())
    2640

    References
    ----------
    Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, figure 2.
    <https://arxiv.org/abs/2104.00298>
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        expansion: int = 4,
        kernel_size: int = 3,
        stride: int = 1,
        squeeze: float = 0.0,
        drop_path: float = 0.0,
        norm_eps: float = 1e-5,
    ) -> None:
        super().__init__()
        _check(kernel_size, expansion, squeeze, drop_path, norm_eps)
        width = in_channels * expansion if expansion > 1 else out_channels
        self.adds = stride == 1 and in_channels == out_channels
        self.drop_path = drop_path
        self.expand = _unit(in_channels, width, kernel_size, stride, 1, norm_eps)
        squeezed = int(in_channels * squeeze) or int(squeeze > 0)
        self.se = SqueezeExcite(width, squeezed) if squeezed else nn.Identity()
        self.project: nn.Module = nn.Identity()
        self.norm: nn.Module = nn.Identity()
        if expansion > 1:
            self.project = _conv(width, out_channels, 1)
            self.norm = nn.BatchNorm2d(out_channels, eps=norm_eps)

    def forward(self, x: Tensor) -> Tensor:
        """Add to the input what was learned, if the shape stays.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, H, W)
            Features.

        Returns
        -------
        Tensor, shape (N, out_channels, ceil(H / stride), ceil(W / stride))
            Features.
        """
        y = self.norm(self.project(self.se(self.expand(x))))
        return x + _dropped(y, self.drop_path, self.training) if self.adds else y


class SqueezeExcite(nn.Module):
    """Scale every channel by a gate that sees the mean of all channels."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.expand = nn.Conv2d(squeezed, channels, 1)
        for conv in (self.reduce, self.expand):
            nn.init.kaiming_normal_(conv.weight, mode="fan_out")
            if conv.bias is not None:
                nn.init.zeros_(conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, channels, H, W) to the same shape."""
        gate = F.silu(self.reduce(x.mean(dim=(2, 3), keepdim=True)))
        return x * self.expand(gate).sigmoid()


def _check(
    kernel_size: int,
    expansion: int,
    squeeze: float,
    drop_path: float,
    norm_eps: float,
) -> None:
    if kernel_size % 2 == 0:
        raise ValueError(f"kernel_size must be odd. Received: {kernel_size}")
    if not 0 <= drop_path < 1:
        raise ValueError(f"drop_path must be in [0, 1). Received: {drop_path}")
    if expansion < 1:
        raise ValueError(f"expansion must be >= 1. Received: {expansion}")
    if not squeeze >= 0:
        raise ValueError(f"squeeze must be >= 0. Received: {squeeze}")
    if not norm_eps > 0:
        raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")


def _conv(
    in_channels: int, out_channels: int, size: int, stride: int = 1, groups: int = 1
) -> nn.Conv2d:
    conv = nn.Conv2d(
        in_channels, out_channels, size, stride, size // 2, groups=groups, bias=False
    )
    # kaiming_normal_ would count the channels of all groups
    nn.init.normal_(conv.weight, std=math.sqrt(2 * groups / out_channels) / size)
    return conv


def _unit(
    in_channels: int, out_channels: int, size: int, stride: int, groups: int, eps: float
) -> nn.Sequential:
    return nn.Sequential(
        _conv(in_channels, out_channels, size, stride, groups),
        nn.BatchNorm2d(out_channels, eps=eps),
        nn.SiLU(),
    )


def _dropped(y: Tensor, rate: float, training: bool) -> Tensor:
    if not training or rate == 0:
        return y
    chance = torch.full((len(y), 1, 1, 1), 1 - rate, device=y.device)
    return torch.where(chance.bernoulli().bool(), y / (1 - rate), 0)
