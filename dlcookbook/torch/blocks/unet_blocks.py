"""The steps of a U-Net: down, and up again beside what was seen on the way."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["UNetDown", "UNetUp"]


class UNetDown(nn.Module):
    r"""Two 3 x 3 convolutions, each with BatchNorm and ReLU, then the largest of 2 x 2.

    What stands before the pooling is handed out too: `UNetUp` wants it back. Unlike the
    paper's, the convolutions are padded. Of an odd size the last row or column is
    pooled alone: rounded down, all that is deeper would never see it.

    Take it for every step down of a U-Net, with twice the channels each time. Costs
    `9 * out_channels * (in_channels + out_channels) + 4 * out_channels` parameters.
    Kernels start He normal by fan-out.

    Parameters
    ----------
    in_channels : int
        Channels in.
    out_channels : int
        Channels out, of both results.
    norm_eps : float
        Added to the variance in BatchNorm.

    Raises
    ------
    ValueError
        If `norm_eps` is not above 0.

    Examples
    --------
    >>> smaller, skip = UNetDown(3, 8)(torch.zeros(2, 3, 49, 64))
    >>> smaller.shape, skip.shape
    (torch.Size([2, 8, 25, 32]), torch.Size([2, 8, 49, 64]))
    >>> sum(p.numel() for p in UNetDown(3, 8).parameters())
    824

    References
    ----------
    Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image
    Segmentation", 2015, figure 1. <https://arxiv.org/abs/1505.04597>
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, norm_eps: float = 1e-5
    ) -> None:
        super().__init__()
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        self.convs = _two_convs(in_channels, out_channels, norm_eps)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Go one step down.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, H, W)
            Images or features.

        Returns
        -------
        smaller : Tensor, shape (N, out_channels, ceil(H / 2), ceil(W / 2))
            For the next step down.
        skip : Tensor, shape (N, out_channels, H, W)
            For the step up on the same level.
        """
        skip = self.convs(x)
        return F.max_pool2d(skip, 2, ceil_mode=True), skip


class UNetUp(nn.Module):
    r"""Twice the size, joined with what the way down saw, two 3 x 3 convolutions.

    Where the way down rounded an odd size up, the last row or column is cut off: any
    size of image works, and no interpolation stretches it.

    Take it for every step up of a U-Net. "transposed" learns how to enlarge and can
    leave a checkerboard; "bilinear" mixes the channels first, then interpolates, with a
    quarter of those weights. Costs
    `in_channels * out_channels * (4 if upsample == "transposed" else 1)
    + 27 * out_channels**2 + 5 * out_channels` parameters. Kernels start He normal by
    fan-out, those that enlarge by the channels that a pixel is made of, biases at 0.

    Parameters
    ----------
    in_channels : int
        Channels that come from below.
    out_channels : int
        Channels of the skip connection, and out.
    upsample : {"transposed", "bilinear"}
        How the image is enlarged.
    norm_eps : float
        Added to the variance in BatchNorm.

    Raises
    ------
    ValueError
        If `upsample` is none of the above or `norm_eps` not above 0.

    Examples
    --------
    >>> up = UNetUp(16, 8)
    >>> up(torch.zeros(2, 16, 25, 32), torch.zeros(2, 8, 49, 64)).shape
    torch.Size([2, 8, 49, 64])
    >>> sum(p.numel() for p in up.parameters())
    2280

    References
    ----------
    Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image
    Segmentation", 2015, figure 1. <https://arxiv.org/abs/1505.04597>
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        upsample: str = "transposed",
        norm_eps: float = 1e-5,
    ) -> None:
        super().__init__()
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        if upsample not in ("transposed", "bilinear"):
            raise ValueError(
                f"upsample must be 'transposed' or 'bilinear'. Received: {upsample}"
            )
        self.upsample = upsample
        self.up: nn.ConvTranspose2d | nn.Conv2d
        if upsample == "transposed":
            self.up = nn.ConvTranspose2d(in_channels, out_channels, 2, stride=2)
        else:
            self.up = nn.Conv2d(in_channels, out_channels, 1)
        # fan-in: one place of the kernel makes a pixel, here as there
        nn.init.normal_(self.up.weight, std=(2 / in_channels) ** 0.5)
        if self.up.bias is not None:
            nn.init.zeros_(self.up.bias)
        self.convs = _two_convs(2 * out_channels, out_channels, norm_eps)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """Go one step up.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, h, w)
            Features from below.
        skip : Tensor, shape (N, out_channels, H, W)
            What the way down saw, H being 2 h or 2 h - 1, W likewise.

        Returns
        -------
        Tensor, shape (N, out_channels, H, W)
            Features, none below 0.

        Raises
        ------
        ValueError
            If `skip` is not of twice the size of `x`, or one less, or has other
            channels than `out_channels`.
        """
        sizes = zip(skip.shape[2:], x.shape[2:], strict=False)
        fits = x.ndim == skip.ndim == 4 and skip.shape[1] == self.up.out_channels
        if not fits or any(2 * b - a not in (0, 1) for a, b in sizes):
            raise ValueError(
                "skip must be twice as large as x, or one less, with out_channels "
                f"channels, here {self.up.out_channels}. Received: "
                f"x {tuple(x.shape)}, skip {tuple(skip.shape)}"
            )
        x = self.up(x)
        if self.upsample == "bilinear":
            x = F.interpolate(x, scale_factor=2, mode="bilinear")
        x = x[:, :, : skip.shape[2], : skip.shape[3]]
        return self.convs(torch.cat([skip, x], dim=1))


def _two_convs(in_channels: int, out_channels: int, eps: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (in_channels, out_channels):
        conv = nn.Conv2d(channels, out_channels, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(conv.weight, mode="fan_out")
        layers += [conv, nn.BatchNorm2d(out_channels, eps=eps), nn.ReLU()]
    return nn.Sequential(*layers)
