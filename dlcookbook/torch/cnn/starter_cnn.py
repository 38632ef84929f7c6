"""Small convolutional network to start from: stages, pooling, an average, logits."""

from torch import nn

__all__ = ["starter_cnn"]


def starter_cnn(
    num_classes: int,
    *,
    in_channels: int = 3,
    widths: tuple[int, ...] = (32, 64, 128),
    convs: int = 2,
    stem: int = 1,
    dropout: float = 0.2,
    flatten_size: int | None = None,
) -> nn.Sequential:
    """Plain convolutional network to start from: the guidelines of the page in code.

    Parameters
    ----------
    num_classes : int
        Length of the output: logits, without a softmax.
    in_channels : int
        1 for grey, 3 for colour.
    widths : tuple of int
        Channels of every stage of 3x3 convolutions, each with batch normalisation and
        ReLU; maximum pooling halves the map between them, an average ends it.
    convs : int
        Convolutions of a stage.
    stem : int
        Stride of the first convolution, whose kernel is 2 `stem` - 1: 1 up to 64
        pixels, 2 or 4 for photographs.
    dropout : float in [0, 1)
        Share of features that training leaves out before the dense layer.
    flatten_size : int, optional
        Flatten the map instead of averaging it: for square images of this size alone.

    Returns
    -------
    nn.Sequential
        Images, shape (N, in_channels, H, W), to logits, shape (N, num_classes).

    Raises
    ------
    ValueError
        If an option is out of its range: of `flatten_size`, if nothing is left.

    Examples
    --------
    >>> model = starter_cnn(10, in_channels=1, widths=(32, 64))
    >>> sum(weight.numel() for weight in model.parameters())
    65834

    References
    ----------
    Simonyan, Zisserman, 2015, <https://arxiv.org/abs/1409.1556>: the stages. He et al.,
    2015, <https://arxiv.org/abs/1502.01852>: the initial weights.
    """
    if min(num_classes, convs, stem, len(widths)) < 1 or not 0 <= dropout < 1:
        raise ValueError(
            "num_classes, convs, stem must be >= 1, dropout in [0, 1), widths not empty"
            f". Received: {num_classes}, {convs}, {stem}, {dropout}, {widths}"
        )
    side = -(-(flatten_size or 0) // stem) // 2 ** (len(widths) - 1)
    if flatten_size and not side:
        raise ValueError(f"flatten_size is too small. Received: {flatten_size}")
    model, channels = nn.Sequential(), in_channels
    for stage, width in enumerate(widths, 1):
        for i in range(1, convs + 1):
            stride = stem if stage == i == 1 else 1
            kernel = 2 * stride - 1 if stride > 1 else 3
            conv = nn.Conv2d(channels, width, kernel, stride, kernel // 2, bias=False)
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            model.add_module(f"conv{stage}_{i}", conv)
            model.add_module(f"norm{stage}_{i}", nn.BatchNorm2d(width))
            model.add_module(f"relu{stage}_{i}", nn.ReLU(inplace=True))
            channels = width
        if stage < len(widths):
            model.add_module(f"pool{stage}", nn.MaxPool2d(2))
    if flatten_size is None:
        side = 1
        model.add_module("average", nn.AdaptiveAvgPool2d(1))
    model.add_module("flatten", nn.Flatten())
    model.add_module("dropout", nn.Dropout(dropout))
    head = nn.Linear(channels * side**2, num_classes)
    nn.init.xavier_uniform_(head.weight)
    nn.init.zeros_(head.bias)
    model.add_module("head", head)
    return model
