"""VGG in small: pairs of 3 x 3 convolutions, halve the image, double the channels."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn

__all__ = ["vgg_small"]


def vgg_small(
    num_classes: int = 10,
    *,
    in_channels: int = 3,
    widths: Sequence[int] = (64, 128, 256),
    dropout: float = 0.5,
    norm_eps: float = 1e-5,
) -> nn.Sequential:
    r"""Stages of two 3 x 3 convolutions with BatchNorm, each pooled by 2.

    Two 3 x 3 convolutions see 5 x 5 pixels with 18 weights for each pair of channels
    instead of 25, and a ReLU in between. The three large linear layers of the paper,
    nine tenths of its parameters, are a mean over the pixels here. Convolutions start
    He normal by fan-out, the last layer Glorot uniform, its bias 0.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    widths : sequence of int
        Channels of each stage. An image needs $2^k$ pixels for k stages.
    dropout : float in [0, 1)
        Before the last layer.
    norm_eps : float
        Added to the variance in BatchNorm.

    Returns
    -------
    nn.Sequential
        From normalised images (N, in_channels, H, W) of $2^k$ pixels a side or more
        to logits of shape (N, num_classes).

    Raises
    ------
    ValueError
        If an option is out of its range.

    Examples
    --------
    >>> import torch
    >>> model = vgg_small()
    >>> model(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    >>> f"{sum(p.numel() for p in model.parameters()):,}"
    '1,148,874'

    References
    ----------
    Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
    Recognition", 2014. <https://arxiv.org/abs/1409.1556>
    """
    if num_classes < 1 or not widths or not 0 <= dropout < 1 or not norm_eps > 0:
        raise ValueError(
            "num_classes must be >= 1, widths one or more, dropout in [0, 1), norm_eps "
            f"> 0. Received: {num_classes}, {widths}, {dropout}, {norm_eps}"
        )
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    for i, width in enumerate(widths, start=1):
        for j in (1, 2):
            conv = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
            nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
            parts[f"conv{i}_{j}"] = conv
            parts[f"bn{i}_{j}"] = nn.BatchNorm2d(width, eps=norm_eps)
            parts[f"relu{i}_{j}"] = nn.ReLU()
            in_channels = width
        parts[f"pool{i}"] = nn.MaxPool2d(2)
    parts["avgpool"] = nn.AdaptiveAvgPool2d(1)
    parts["flatten"] = nn.Flatten()
    parts["dropout"] = nn.Dropout(dropout)
    parts["fc"] = last = nn.Linear(in_channels, num_classes)
    nn.init.xavier_uniform_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(parts)
