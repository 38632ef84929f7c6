"""Spatial pyramid pooling: as many numbers from an image of any size."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["SpatialPyramidPooling"]


class SpatialPyramidPooling(nn.Module):
    r"""Pool over 1 x 1, 2 x 2, 4 x 4 ... parts of the image and join the results.

    Part $i$ of $n$ covers the pixels from $\lfloor i H / n \rfloor$ to
    $\lceil (i + 1) H / n \rceil$, so that parts may share a pixel and none is empty.
    With the levels (1,) it is global pooling.

    Take it between convolutions and a linear layer where images come in several sizes
    and rough places matter; where they do not, global pooling is enough. Costs `0`
    parameters, but the next layer sees `sum(n**2 for n in levels)` times as many
    numbers as there are channels. `torch.onnx` cannot export the largest of parts.

    Parameters
    ----------
    levels : sequence of int
        Parts along each side, one level each.
    average : bool
        Take the mean of each part. False takes the largest, as the paper does.

    Raises
    ------
    ValueError
        If there is no level, or one less than 1.

    Examples
    --------
    >>> pool = SpatialPyramidPooling((1, 2))
    >>> pool(torch.zeros(2, 3, 13, 8)).shape, pool(torch.zeros(2, 3, 5, 5)).shape
    (torch.Size([2, 15]), torch.Size([2, 15]))

    References
    ----------
    He et al., "Spatial Pyramid Pooling in Deep Convolutional Networks for Visual
    Recognition", 2014, section 2.2. <https://arxiv.org/abs/1406.4729>
    """

    def __init__(
        self, levels: Sequence[int] = (1, 2, 4), *, average: bool = False
    ) -> None:
        super().__init__()
        if not levels or min(levels) < 1:
            raise ValueError(f"levels must be one or more, >= 1. Received: {levels}")
        self.levels, self.average = tuple(levels), average

    def forward(self, x: Tensor) -> Tensor:
        """Pool at every level.

        Parameters
        ----------
        x : Tensor, shape (N, C, H, W)
            Features.

        Returns
        -------
        Tensor, shape (N, C * sum of levels squared)
            Level after level; in each, channel after channel, row by row.

        Raises
        ------
        ValueError
            If `x` has not four axes.
        """
        if len(x.shape) != 4:
            raise ValueError(f"x must have four axes. Received: {tuple(x.shape)}")
        pool = F.adaptive_avg_pool2d if self.average else F.adaptive_max_pool2d
        return torch.cat([pool(x, n).flatten(1) for n in self.levels], dim=1)
