"""EfficientNet B0 to B7: one network, made deeper and wider by two factors."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["efficientnet"]

# Stages: expansion, kernel, stride, channels, blocks.
STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
# Factors of width and depth, pixels that it was trained on, dropout.
VARIANTS = {
    "b0": (1.0, 1.0, 224, 0.2),
    "b1": (1.0, 1.1, 240, 0.2),
    "b2": (1.1, 1.2, 260, 0.3),
    "b3": (1.2, 1.4, 300, 0.3),
    "b4": (1.4, 1.8, 380, 0.4),
    "b5": (1.6, 2.2, 456, 0.4),
    "b6": (1.8, 2.6, 528, 0.5),
    "b7": (2.0, 3.1, 600, 0.5),
}


def _wide(channels: int, factor: float) -> int:
    # to a multiple of 8, and never more than a tenth down
    rounded = max(8, int(channels * factor + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels * factor else rounded


class Conv(nn.Conv2d):
    """Convolution without bias, padded as PyTorch does or as TensorFlow's "same"."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        size: int = 1,
        stride: int = 1,
        groups: int = 1,
        tf_padding: bool = False,
    ) -> None:
        self.same = tf_padding and stride > 1
        padding = 0 if self.same else size // 2
        super().__init__(
            in_channels, out_channels, size, stride, padding, groups=groups, bias=False
        )
        # fan-out of one group: kaiming_normal_ would count all channels
        fan_out = size * size * out_channels // groups
        nn.init.normal_(self.weight, std=math.sqrt(2 / fan_out))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, out_channels, H / stride, W / stride)."""
        if self.same:
            size, step = self.kernel_size[0], self.stride[0]
            (top, bottom), (left, right) = (
                (pad // 2, pad - pad // 2)
                for pad in (
                    max((-(-n // step) - 1) * step + size - n, 0) for n in x.shape[2:]
                )
            )
            x = F.pad(x, (left, right, top, bottom))
        return super().forward(x)


class SqueezeExcite(nn.Module):
    """Scale every channel by a gate that sees the mean of all channels."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.conv_reduce = nn.Conv2d(channels, squeezed, 1)
        self.conv_expand = nn.Conv2d(squeezed, channels, 1)
        for conv in (self.conv_reduce, self.conv_expand):
            nn.init.kaiming_normal_(conv.weight, mode="fan_out")
            if conv.bias is not None:
                nn.init.zeros_(conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, channels, H, W) to the same shape."""
        gate = self.conv_reduce(x.mean(dim=(2, 3), keepdim=True))
        return x * self.conv_expand(F.silu(gate)).sigmoid()


class MBConv(nn.Module):
    """Expand, depthwise convolution, squeeze-excite, project; add the input if it fits.

    With an expansion of 1 the first step is left out, and the modules are named as in
    timm's depthwise separable block.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        expansion: int,
        size: int,
        stride: int,
        drop_path: float,
        norm_eps: float,
        tf_padding: bool,
    ) -> None:
        super().__init__()
        width = in_channels * expansion
        self.expands = expansion > 1
        self.adds = stride == 1 and in_channels == out_channels
        self.drop_path = drop_path
        self.conv_dw = Conv(width, width, size, stride, width, tf_padding)
        self.se = SqueezeExcite(width, max(1, in_channels // 4))
        self.bn1 = nn.BatchNorm2d(width, eps=norm_eps)
        if self.expands:
            self.conv_pw = Conv(in_channels, width)
            self.bn2 = nn.BatchNorm2d(width, eps=norm_eps)
            self.conv_pwl = Conv(width, out_channels)
            self.bn3 = nn.BatchNorm2d(out_channels, eps=norm_eps)
        else:
            self.conv_pw = Conv(width, out_channels)
            self.bn2 = nn.BatchNorm2d(out_channels, eps=norm_eps)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, out_channels, H / stride, W / stride)."""
        if self.expands:
            y = F.silu(self.bn1(self.conv_pw(x)))
            y = F.silu(self.bn2(self.conv_dw(y)))
            y = self.bn3(self.conv_pwl(self.se(y)))
        else:
            y = F.silu(self.bn1(self.conv_dw(x)))
            y = self.bn2(self.conv_pw(self.se(y)))
        if not self.adds:
            return y
        if self.training and self.drop_path > 0:
            # one decision for each image, not one for each number
            keep = 1 - self.drop_path
            y = y * torch.bernoulli(y.new_full((len(y), 1, 1, 1), keep)) / keep
        return x + y


class EfficientNet(nn.Module):
    """Stem, seven stages of MBConv, 1 x 1 convolution, mean, dropout, linear layer."""

    def __init__(
        self,
        num_classes: int,
        *,
        width: float,
        depth: float,
        in_channels: int,
        dropout: float,
        drop_path: float,
        norm_eps: float,
        tf_padding: bool,
    ) -> None:
        super().__init__()
        channels = _wide(32, width)
        self.conv_stem = Conv(in_channels, channels, 3, 2, tf_padding=tf_padding)
        self.bn1 = nn.BatchNorm2d(channels, eps=norm_eps)
        total = sum(math.ceil(depth * n) for *_, n in STAGES)
        self.blocks = nn.Sequential()
        done = 0
        for expansion, size, stride, out, n in STAGES:
            stage = nn.Sequential()
            for i in range(math.ceil(depth * n)):
                block = MBConv(
                    channels,
                    _wide(out, width),
                    expansion=expansion,
                    size=size,
                    stride=stride if i == 0 else 1,
                    drop_path=drop_path * done / total,
                    norm_eps=norm_eps,
                    tf_padding=tf_padding,
                )
                stage.append(block)
                channels, done = _wide(out, width), done + 1
            self.blocks.append(stage)
        self.conv_head = Conv(channels, _wide(1280, width))
        self.bn2 = nn.BatchNorm2d(_wide(1280, width), eps=norm_eps)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(_wide(1280, width), num_classes)
        nn.init.zeros_(self.classifier.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, in_channels, H, W) to logits (N, num_classes)."""
        x = F.silu(self.bn1(self.conv_stem(x)))
        x = F.silu(self.bn2(self.conv_head(self.blocks(x))))
        return self.classifier(self.dropout(x.mean(dim=(2, 3))))


def efficientnet(
    variant: str = "b0",
    num_classes: int = 1000,
    *,
    in_channels: int = 3,
    dropout: float | None = None,
    drop_path: float = 0.2,
    norm_eps: float = 1e-5,
    tf_padding: bool = False,
) -> EfficientNet:
    r"""EfficientNet, from B0 to B7.

    Every size is B0 with its channels times a factor of width (to a multiple of 8) and
    its blocks times a factor of depth (rounded up). The idea is to scale depth by
    $1.2^\phi$, width by $1.1^\phi$ and the image by $1.15^\phi$ together. For the
    weights of `keras.applications` say `norm_eps=1e-3, tf_padding=True`. Convolutions
    start He normal by fan-out of a group, the last layer uniform in
    $\pm 1 / \sqrt{\text{fan-in}}$, every bias 0.

    Parameters
    ----------
    variant : str
        "b0" to "b7". Trained on images of 224, 240, 260, 300, 380, 456, 528 and 600
        pixels.
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    dropout : float in [0, 1), optional
        Before the last layer. None takes that of the paper: 0.2 for B0 to 0.5 for B7.
    drop_path : float in [0, 1)
        How often the last block is skipped for an image in training; rises to it
        linearly from 0 in the first.
    norm_eps : float
        Added to the variance in BatchNorm.
    tf_padding : bool
        Pad strided convolutions as TensorFlow's "same" does: right and bottom first.

    Returns
    -------
    EfficientNet
        From float images (N, in_channels, H, W), normalised to mean 0 and deviation 1
        for each channel, of any size, to logits of shape (N, num_classes). Modules are
        named as in timm.

    Raises
    ------
    ValueError
        If there is no such variant, or an option is out of its range.

    Examples
    --------
    >>> model = efficientnet("b0", 10).eval()
    >>> model(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 10])
    >>> with torch.device("meta"):  # shapes without memory
    ...     model = efficientnet("b7")
    >>> f"{sum(p.numel() for p in model.parameters()):,}"
    '66,347,960'

    References
    ----------
    Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
    Networks", 2019, table 1, eq. 3. <https://arxiv.org/abs/1905.11946>
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant must be in {list(VARIANTS)}. Received: {variant}")
    width, depth, _, usual = VARIANTS[variant]
    dropout = usual if dropout is None else dropout
    if num_classes < 1 or not norm_eps > 0:
        raise ValueError(
            "num_classes must be >= 1, norm_eps > 0. "
            f"Received: {num_classes}, {norm_eps}"
        )
    if not (0 <= dropout < 1 and 0 <= drop_path < 1):
        raise ValueError(
            f"dropout and drop_path must be in [0, 1). Received: {dropout}, {drop_path}"
        )
    return EfficientNet(
        num_classes,
        width=width,
        depth=depth,
        in_channels=in_channels,
        dropout=dropout,
        drop_path=drop_path,
        norm_eps=norm_eps,
        tf_padding=tf_padding,
    )
