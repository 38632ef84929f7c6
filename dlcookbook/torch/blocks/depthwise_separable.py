"""Depthwise separable convolution: look at places and mix channels one by one."""

import math

from torch import Tensor, nn

__all__ = ["DepthwiseSeparable"]


class DepthwiseSeparable(nn.Module):
    r"""One kernel for each channel, then a 1 x 1 convolution over the channels.

    $y = \mathrm{ReLU}(\mathrm{BN}(W_p \, \mathrm{ReLU}(\mathrm{BN}(w_d * x))))$. A
    convolution of the same size needs $k^2 K / (k^2 + K)$ times as many
    multiplications for $K$ channels out: 8 to 9 times for a 3 x 3 kernel.

    Take it for a 3 x 3 convolution where size or battery counts. On a GPU the gain in
    time is smaller than in multiplications: the depthwise half waits for memory. Costs
    `kernel_size**2 * in_channels + 2 * in_channels + in_channels * out_channels
    + 2 * out_channels` parameters. Kernels start He normal by fan-out of a group.

    Parameters
    ----------
    in_channels : int
        Channels in.
    out_channels : int
        Channels out.
    kernel_size : int
        Side of the kernels, odd.
    stride : int
        Step of the kernels: 2 halves the image, rounded up.
    norm_eps : float
        Added to the variance in BatchNorm.

    Raises
    ------
    ValueError
        If `kernel_size` is even, as no padding would keep the image's size, or
        `norm_eps` is not above 0.

    Examples
    --------
    >>> import torch
    >>> block = DepthwiseSeparable(32, 64, stride=2)
    >>> block(torch.zeros(2, 32, 49, 64)).shape
    torch.Size([2, 64, 25, 32])
    >>> sum(p.numel() for p in block.parameters())
    2528

    References
    ----------
    Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile
    Vision Applications", 2017, section 3.1. <https://arxiv.org/abs/1704.04861>
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        *,
        stride: int = 1,
        norm_eps: float = 1e-5,
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd. Received: {kernel_size}")
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        self.depthwise = nn.Conv2d(
            in_channels,
            in_channels,
            kernel_size,
            stride,
            padding=kernel_size // 2,
            groups=in_channels,
            bias=False,
        )
        self.bn1 = nn.BatchNorm2d(in_channels, eps=norm_eps)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels, eps=norm_eps)
        # kaiming_normal_ would count all channels of the depthwise kernels
        nn.init.normal_(self.depthwise.weight, std=math.sqrt(2) / kernel_size)
        nn.init.kaiming_normal_(self.pointwise.weight, mode="fan_out")

    def forward(self, x: Tensor) -> Tensor:
        """Convolve.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, H, W)
            Images or features.

        Returns
        -------
        Tensor, shape (N, out_channels, ceil(H / stride), ceil(W / stride))
            Features, none below 0.
        """
        x = self.bn1(self.depthwise(x)).relu()
        return self.bn2(self.pointwise(x)).relu()
