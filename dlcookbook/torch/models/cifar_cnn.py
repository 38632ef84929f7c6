"""The CIFAR-10 network of every first course: three convolutions, two layers."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn

__all__ = ["cifar_cnn"]


def cifar_cnn(
    num_classes: int = 10,
    *,
    in_channels: int = 3,
    image_size: int = 32,
    widths: Sequence[int] = (32, 64, 64),
    units: int = 64,
    dropout: float = 0.5,
) -> nn.Sequential:
    r"""Three 3 x 3 convolutions with pooling between them, then two linear layers.

    Small and quick; half of it lies behind the flattening. Weights start He normal by
    fan-in, the last layer Glorot uniform, every bias 0.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image.
    image_size : int
        Height and width of the images. The first linear layer depends on it.
    widths : sequence of int
        Channels of each convolution. All but the last are pooled.
    units : int
        Width of the hidden linear layer.
    dropout : float in [0, 1)
        Before the last layer.

    Returns
    -------
    nn.Sequential
        From normalised images (N, in_channels, image_size, image_size)
        to logits of shape (N, num_classes).

    Raises
    ------
    ValueError
        If an option is out of its range or nothing is left of an image at the end.

    Examples
    --------
    >>> model = cifar_cnn()
    >>> f"{sum(p.numel() for p in model.parameters()):,}"
    '122,570'

    References
    ----------
    Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    <https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf>
    """
    if min(num_classes, units, len(widths)) < 1 or not 0 <= dropout < 1:
        raise ValueError(
            "num_classes, units must be >= 1, widths one or more, dropout in [0, 1). "
            f"Received: {num_classes}, {units}, {widths}, {dropout}"
        )
    size = image_size
    for i in range(len(widths)):
        size = size - 2 if i == len(widths) - 1 else (size - 2) // 2
    if size < 1:
        raise ValueError(f"image_size is too small for widths. Received: {image_size}")
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    for i, width in enumerate(widths, start=1):
        parts[f"conv{i}"] = nn.Conv2d(in_channels, width, 3)
        parts[f"relu{i}"] = nn.ReLU()
        if i < len(widths):
            parts[f"pool{i}"] = nn.MaxPool2d(2)
        in_channels = width
    parts["flatten"] = nn.Flatten()
    parts["fc1"] = nn.Linear(in_channels * size * size, units)
    parts["relu"] = nn.ReLU()
    parts["dropout"] = nn.Dropout(dropout)
    parts["fc2"] = last = nn.Linear(units, num_classes)
    for module in parts.values():
        if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    nn.init.xavier_uniform_(last.weight)
    return nn.Sequential(parts)
