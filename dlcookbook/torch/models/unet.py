"""U-Net: down to see far, up to be exact, with a bridge on every level."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["unet"]


class DoubleConv(nn.Module):
    """Twice: 3 x 3 convolution, BatchNorm, ReLU. The size stays."""

    def __init__(self, in_channels: int, channels: int, norm_eps: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels, eps=norm_eps)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels, eps=norm_eps)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, channels, H, W)."""
        x = self.bn1(self.conv1(x)).relu()
        return self.bn2(self.conv2(x)).relu()


class Up(nn.Module):
    """Double the size, cut it to that of the bridge, put both together, convolve."""

    def __init__(
        self, in_channels: int, channels: int, transposed: bool, norm_eps: float
    ) -> None:
        super().__init__()
        self.transposed = transposed
        # a 1 x 1 convolution before the interpolation: the same as behind it, cheaper
        self.up: nn.Module = (
            nn.ConvTranspose2d(in_channels, channels, 2, stride=2)
            if transposed
            else nn.Conv2d(in_channels, channels, 1)
        )
        self.conv = DoubleConv(2 * channels, channels, norm_eps)

    def forward(self, x: Tensor, bridge: Tensor) -> Tensor:
        """Map (N, in_channels, ceil(H / 2), ceil(W / 2)) to (N, channels, H, W)."""
        x = self.up(x)
        if not self.transposed:
            x = F.interpolate(x, scale_factor=2.0, mode="bilinear")
        height, width = bridge.shape[2:]
        return self.conv(torch.cat([bridge, x[..., :height, :width]], dim=1))


class UNet(nn.Module):
    """Encoder, decoder and a 1 x 1 convolution for the classes."""

    def __init__(
        self,
        num_classes: int,
        *,
        in_channels: int,
        widths: Sequence[int],
        transposed: bool,
        norm_eps: float,
    ) -> None:
        super().__init__()
        self.encoder = nn.ModuleList()
        for width in widths:
            self.encoder.append(DoubleConv(in_channels, width, norm_eps))
            in_channels = width
        self.decoder = nn.ModuleList()
        for width in reversed(widths[:-1]):
            self.decoder.append(Up(in_channels, width, transposed, norm_eps))
            in_channels = width
        self.head = nn.Conv2d(in_channels, num_classes, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            elif isinstance(module, nn.ConvTranspose2d):
                # each output pixel sees one input pixel, through every channel
                nn.init.normal_(module.weight, std=module.in_channels**-0.5)
            bias = getattr(module, "bias", None)
            if isinstance(bias, nn.Parameter):
                nn.init.zeros_(bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, in_channels, H, W) to logits (N, num_classes, H, W)."""
        bridges = []
        for i, stage in enumerate(self.encoder):
            if i > 0:
                # rounded up, so that no row or column is lost
                x = F.max_pool2d(x, 2, ceil_mode=True)
            x = stage(x)
            bridges.append(x)
        for stage, bridge in zip(self.decoder, bridges[-2::-1], strict=True):
            x = stage(x, bridge)
        return self.head(x)


def unet(
    num_classes: int,
    *,
    in_channels: int = 3,
    widths: Sequence[int] = (64, 128, 256, 512, 1024),
    transposed: bool = True,
    norm_eps: float = 1e-5,
) -> UNet:
    r"""U-Net with padding: a class for every pixel, at the size of the image.

    The way down is pooled by 2 and sees ever more of the image; the way up doubles the
    size and adds, by a bridge on each level, the detail that pooling lost. The paper
    convolves without padding and gives a smaller map; here the map is as large as the
    image. Pooling rounds up and the way up is cut to its bridge, so that odd sizes
    stay aligned. Convolutions start He normal by fan-in, transposed ones normal with
    variance 1 / channels, every bias 0.

    Parameters
    ----------
    num_classes : int
        Maps that come out: 1 for a mask. Logits: no sigmoid or softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    widths : sequence of int
        Channels of each level. Half of the paper's are plenty for small data.
    transposed : bool
        Double the size by a transposed 2 x 2 convolution; else by bilinear
        interpolation behind a 1 x 1 convolution.
    norm_eps : float
        Added to the variance in BatchNorm.

    Returns
    -------
    UNet
        From float images (N, in_channels, H, W) of any size to logits of shape
        (N, num_classes, H, W).

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> import torch
    >>> model = unet(2, widths=(16, 32, 64))
    >>> model(torch.zeros(1, 3, 45, 30)).shape
    torch.Size([1, 2, 45, 30])
    >>> with torch.device("meta"):  # shapes without memory
    ...     model = unet(2, in_channels=1)
    >>> f"{sum(p.numel() for p in model.parameters()):,}"
    '31,036,546'

    References
    ----------
    Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image
    Segmentation", 2015, fig. 1. <https://arxiv.org/abs/1505.04597>
    """
    if not widths or not norm_eps > 0:
        raise ValueError(
            "widths must hold one or more, norm_eps be > 0. "
            f"Received: {widths}, {norm_eps}"
        )
    return UNet(
        num_classes,
        in_channels=in_channels,
        widths=widths,
        transposed=transposed,
        norm_eps=norm_eps,
    )
