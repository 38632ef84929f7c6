"""ResNet: blocks that add to their input, so that a hundred layers still train."""

from collections.abc import Sequence

from torch import Tensor, nn

__all__ = ["resnet18", "resnet34", "resnet50"]


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions; the input is added before the last ReLU."""

    expansion = 1

    def __init__(
        self, in_channels: int, channels: int, stride: int, norm_eps: float
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels, eps=norm_eps)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels, eps=norm_eps)
        self.downsample: nn.Module = nn.Identity()
        if stride > 1 or in_channels != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, channels, 1, stride, bias=False),
                nn.BatchNorm2d(channels, eps=norm_eps),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, channels, H / stride, W / stride)."""
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y))
        return (y + self.downsample(x)).relu()


class Bottleneck(nn.Module):
    """1 x 1 down, 3 x 3, 1 x 1 up to four times the channels; then add the input."""

    expansion = 4

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int,
        norm_eps: float,
        conv_bias: bool = False,
        stride_on_1x1: bool = False,
    ) -> None:
        super().__init__()
        first, second = (stride, 1) if stride_on_1x1 else (1, stride)
        out = channels * self.expansion
        self.conv1 = nn.Conv2d(in_channels, channels, 1, first, bias=conv_bias)
        self.bn1 = nn.BatchNorm2d(channels, eps=norm_eps)
        self.conv2 = nn.Conv2d(channels, channels, 3, second, padding=1, bias=conv_bias)
        self.bn2 = nn.BatchNorm2d(channels, eps=norm_eps)
        self.conv3 = nn.Conv2d(channels, out, 1, bias=conv_bias)
        self.bn3 = nn.BatchNorm2d(out, eps=norm_eps)
        self.downsample: nn.Module = nn.Identity()
        if stride > 1 or in_channels != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out, 1, stride, bias=conv_bias),
                nn.BatchNorm2d(out, eps=norm_eps),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, 4 * channels, H / stride, W / stride)."""
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y)).relu()
        y = self.bn3(self.conv3(y))
        return (y + self.downsample(x)).relu()


class ResNet(nn.Module):
    """Stem, four stages of blocks, mean over the pixels, one linear layer."""

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        depths: Sequence[int],
        num_classes: int,
        *,
        in_channels: int,
        small_images: bool,
        norm_eps: float,
        conv_bias: bool = False,
        stride_on_1x1: bool = False,
    ) -> None:
        super().__init__()
        if num_classes < 1 or not norm_eps > 0:
            raise ValueError(
                "num_classes must be >= 1, norm_eps > 0. "
                f"Received: {num_classes}, {norm_eps}"
            )
        more = (conv_bias, stride_on_1x1) if block is Bottleneck else ()
        kernel, stride = (3, 1) if small_images else (7, 2)
        self.conv1 = nn.Conv2d(
            in_channels, 64, kernel, stride, padding=kernel // 2, bias=conv_bias
        )
        self.bn1 = nn.BatchNorm2d(64, eps=norm_eps)
        self.maxpool = nn.Identity() if small_images else nn.MaxPool2d(3, 2, padding=1)
        width = 64
        stages = []
        for i, depth in enumerate(depths):
            blocks = []
            for j in range(depth):
                step = 2 if i > 0 and j == 0 else 1
                blocks.append(block(width, 64 * 2**i, step, norm_eps, *more))
                width = 64 * 2**i * block.expansion
            stages.append(nn.Sequential(*blocks))
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.fc = nn.Linear(width, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        nn.init.zeros_(self.fc.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, in_channels, H, W) to logits (N, num_classes)."""
        x = self.maxpool(self.bn1(self.conv1(x)).relu())
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean(dim=(2, 3)))


def resnet18(
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    small_images: bool = False,
    norm_eps: float = 1e-5,
) -> ResNet:
    r"""ResNet-18: two basic blocks in each of four stages, $y = x + F(x)$.

    The gradient reaches the first layer through the sums, whatever $F$ does.
    Convolutions start He normal by fan-out, the last layer uniform in
    $\pm 1 / \sqrt{\text{fan-in}}$, every bias 0.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    small_images : bool
        True for images of about 32 pixels: the first convolution is 3 x 3 with stride
        1 and nothing is pooled. The usual stem would leave one pixel of them.
    norm_eps : float
        Added to the variance in BatchNorm.

    Returns
    -------
    ResNet
        From float images (N, in_channels, H, W), normalised to mean 0 and deviation 1
        for each channel, of any size, to logits of shape (N, num_classes). Modules are
        named as in torchvision.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `norm_eps` not above 0.

    Examples
    --------
    >>> import torch
    >>> model = resnet18(10, small_images=True)
    >>> model(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    >>> f"{sum(p.numel() for p in model.parameters()):,}"
    '11,173,962'

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, table 1.
    <https://arxiv.org/abs/1512.03385>
    """
    return ResNet(
        BasicBlock,
        (2, 2, 2, 2),
        num_classes,
        in_channels=in_channels,
        small_images=small_images,
        norm_eps=norm_eps,
    )


def resnet34(
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    small_images: bool = False,
    norm_eps: float = 1e-5,
) -> ResNet:
    r"""ResNet-34: 3, 4, 6 and 3 basic blocks in its stages, $y = x + F(x)$.

    As wide as ResNet-18 and twice as deep. Initialised like it.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    small_images : bool
        True for images of about 32 pixels: the first convolution is 3 x 3 with stride
        1 and nothing is pooled. The usual stem would leave one pixel of them.
    norm_eps : float
        Added to the variance in BatchNorm.

    Returns
    -------
    ResNet
        From float images (N, in_channels, H, W), normalised to mean 0 and deviation 1
        for each channel, of any size, to logits of shape (N, num_classes). Modules are
        named as in torchvision.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `norm_eps` not above 0.

    Examples
    --------
    >>> import torch
    >>> with torch.device("meta"):  # shapes without memory
    ...     model = resnet34()
    >>> f"{sum(p.numel() for p in model.parameters()):,}"
    '21,797,672'

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, table 1.
    <https://arxiv.org/abs/1512.03385>
    """
    return ResNet(
        BasicBlock,
        (3, 4, 6, 3),
        num_classes,
        in_channels=in_channels,
        small_images=small_images,
        norm_eps=norm_eps,
    )


def resnet50(
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    small_images: bool = False,
    norm_eps: float = 1e-5,
    conv_bias: bool = False,
    stride_on_1x1: bool = False,
) -> ResNet:
    r"""ResNet-50: 3, 4, 6 and 3 bottleneck blocks in its stages, $y = x + F(x)$.

    By default what is called v1.5: a block halves the image in its 3 x 3 convolution.
    Version 1 does it in the 1 x 1 before and drops three of four pixels unseen. The
    weights of `keras.applications.ResNet50` want `norm_eps=1.001e-5, conv_bias=True,
    stride_on_1x1=True`. Initialised like ResNet-18.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    small_images : bool
        True for images of about 32 pixels: the first convolution is 3 x 3 with stride
        1 and nothing is pooled. The usual stem would leave one pixel of them.
    norm_eps : float
        Added to the variance in BatchNorm.
    conv_bias : bool
        Convolutions have a bias, which the BatchNorm behind them takes off again.
    stride_on_1x1 : bool
        Version 1: the stride is in the first convolution of a block.

    Returns
    -------
    ResNet
        From float images (N, in_channels, H, W), normalised to mean 0 and deviation 1
        for each channel, of any size, to logits of shape (N, num_classes). Modules are
        named as in torchvision.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1 or `norm_eps` not above 0.

    Examples
    --------
    >>> import torch
    >>> with torch.device("meta"):  # shapes without memory
    ...     model = resnet50()
    >>> f"{sum(p.numel() for p in model.parameters()):,}"
    '25,557,032'

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", 2015, table 1.
    <https://arxiv.org/abs/1512.03385>
    """
    return ResNet(
        Bottleneck,
        (3, 4, 6, 3),
        num_classes,
        in_channels=in_channels,
        small_images=small_images,
        norm_eps=norm_eps,
        conv_bias=conv_bias,
        stride_on_1x1=stride_on_1x1,
    )
