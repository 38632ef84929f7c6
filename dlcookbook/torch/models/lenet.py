"""LeNet-5: two convolutions and three linear layers that read digits."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

__all__ = ["lenet5"]

# The maps of S2 that each of the 16 of C3 looks at: table 1 of the paper.
MAPS = (
    *([(i + k) % 6 for k in range(3)] for i in range(6)),
    *([(i + k) % 6 for k in range(4)] for i in range(6)),
    *([i % 6 for i in (k, k + 1, k + 3, k + 4)] for k in (0, 1, 2)),
    [*range(6)],
)


class PartialConv(nn.ModuleList):
    """A convolution for each map of C3, over the few maps of S2 that it looks at."""

    def __init__(self) -> None:
        super().__init__(nn.Conv2d(len(maps), 1, 5) for maps in MAPS)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 6, H, W) to (N, 16, H - 4, W - 4)."""
        seen = (conv(x[:, maps]) for conv, maps in zip(self, MAPS, strict=True))
        return torch.cat([*seen], dim=1)


def lenet5(
    num_classes: int = 10, *, in_channels: int = 1, partial_c3: bool = False
) -> nn.Sequential:
    r"""LeNet-5 of 1998, with what is used of it today.

    Squashed by tanh and pooled by the mean, as then: ReLU and maximum came later. Three
    things differ from the paper. Its third layer looked at a chosen few of the six maps
    (1,516 numbers; all of them: 2,416): say `partial_c3=True` for that. Its pooling
    learned a factor and a bias for each map, and its output was the distance to ten
    drawn digits, not a linear layer.
    Weights start Glorot uniform, every bias 0.

    Parameters
    ----------
    num_classes : int
        Numbers that come out. Logits: no softmax at the end.
    in_channels : int
        Channels of the image: 1 for grey.
    partial_c3 : bool
        Connect each map of the third layer with the maps that the paper chose for it:
        fewer weights, but slower on today's hardware than all of them.

    Returns
    -------
    nn.Sequential
        From float images (N, in_channels, 32, 32) to logits of shape
        (N, num_classes). MNIST has 28 pixels: pad it by 2 on every side.

    Raises
    ------
    ValueError
        If `num_classes` is less than 1.

    Examples
    --------
    >>> import torch
    >>> model = lenet5()
    >>> model(torch.zeros(2, 1, 32, 32)).shape
    torch.Size([2, 10])
    >>> f"{sum(p.numel() for p in model.parameters()):,}"
    '61,706'

    References
    ----------
    LeCun et al., "Gradient-based Learning Applied to Document Recognition", 1998, fig.
    2. <https://doi.org/10.1109/5.726791>
    """
    if num_classes < 1:
        raise ValueError(f"num_classes must be >= 1. Received: {num_classes}")
    model = nn.Sequential(
        OrderedDict(
            c1=nn.Conv2d(in_channels, 6, 5),
            tanh1=nn.Tanh(),
            s2=nn.AvgPool2d(2),
            c3=PartialConv() if partial_c3 else nn.Conv2d(6, 16, 5),
            tanh3=nn.Tanh(),
            s4=nn.AvgPool2d(2),
            flatten=nn.Flatten(),
            c5=nn.Linear(16 * 5 * 5, 120),
            tanh5=nn.Tanh(),
            f6=nn.Linear(120, 84),
            tanh6=nn.Tanh(),
            output=nn.Linear(84, num_classes),
        )
    )
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    return model
