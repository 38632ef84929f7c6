"""Atrous spatial pyramid pooling: one look at every scale, side by side."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["ASPP"]


class ASPP(nn.Module):
    r"""Dilated convolutions side by side, the image's mean beside them, then 1 x 1.

    A 1 x 1 convolution, a 3 x 3 convolution for every rate and the mean of the image
    through a 1 x 1 convolution are joined and mixed by another one; each convolution is
    followed by BatchNorm and ReLU. A 3 x 3 kernel of rate $r$ spans $2r + 1$ pixels.

    Take it on top of a backbone for segmentation, on features of 1/16 or 1/8 of the
    image's size: where a rate is larger than the features, all but the middle of its
    kernel sees padding. In training give it two images or more: over one, the norm
    behind the mean sees a single number. PyTorch refuses that, and Keras silently gives
    the norm's bias. Costs `out_channels * in_channels * (2 + 9 * len(rates))
    + out_channels**2 * (2 + len(rates)) + 2 * out_channels * (3 + len(rates))`
    parameters. Kernels start He normal by fan-out.

    Parameters
    ----------
    in_channels : int
        Channels in.
    out_channels : int
        Channels of every branch, and out.
    rates : sequence of int
        Dilation of each 3 x 3 convolution. Twice as large for features of 1/8.
    norm_eps : float
        Added to the variance in BatchNorm.

    Raises
    ------
    ValueError
        If a rate is less than 1 or `norm_eps` is not above 0.

    Examples
    --------
    >>> block = ASPP(32, 16, rates=(2, 4)).eval()
    >>> block(torch.zeros(1, 32, 13, 9)).shape
    torch.Size([1, 16, 13, 9])
    >>> sum(p.numel() for p in block.parameters())
    11424

    References
    ----------
    Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017,
    section 3.3. <https://arxiv.org/abs/1706.05587>
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int = 256,
        *,
        rates: Sequence[int] = (6, 12, 18),
        norm_eps: float = 1e-5,
    ) -> None:
        super().__init__()
        if any(rate < 1 for rate in rates):
            raise ValueError(f"rates must be >= 1. Received: {rates}")
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        self.branches = nn.ModuleList(
            [_unit(in_channels, out_channels, norm_eps)]
            + [_unit(in_channels, out_channels, norm_eps, rate) for rate in rates]
        )
        self.pooled = _unit(in_channels, out_channels, norm_eps)
        joined = out_channels * (len(rates) + 2)
        self.project = _unit(joined, out_channels, norm_eps)

    def forward(self, x: Tensor) -> Tensor:
        """Look at every scale.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, H, W)
            Features.

        Returns
        -------
        Tensor, shape (N, out_channels, H, W)
            Features, none below 0.
        """
        mean = self.pooled(x.mean(dim=(2, 3), keepdim=True))
        seen = [branch(x) for branch in self.branches]
        return self.project(torch.cat([*seen, mean.expand_as(seen[0])], dim=1))


def _unit(
    in_channels: int, out_channels: int, eps: float, rate: int | None = None
) -> nn.Sequential:
    """Build a convolution of 1 x 1, or of 3 x 3 with a rate, a norm and a ReLU."""
    conv = nn.Conv2d(
        in_channels,
        out_channels,
        1 if rate is None else 3,
        padding=rate or 0,
        dilation=rate or 1,
        bias=False,
    )
    nn.init.kaiming_normal_(conv.weight, mode="fan_out")
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels, eps=eps), nn.ReLU())
