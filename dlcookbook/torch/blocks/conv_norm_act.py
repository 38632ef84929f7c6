"""Convolution, normalisation, activation: the unit that networks are made of."""

from torch import Tensor, nn

__all__ = ["ConvNormAct"]

ACTIVATIONS = {"relu": nn.ReLU, "silu": nn.SiLU, "gelu": nn.GELU, None: nn.Identity}


class ConvNormAct(nn.Module):
    r"""A convolution without bias, a norm that has one, and an activation.

    $y = \mathrm{act}(\mathrm{norm}(w * x))$, padded so that stride 1 keeps the size,
    the same number of zeros on both sides.

    Take it wherever a convolution is not the last layer. The convolution has no bias:
    the norm would take it away again. BatchNorm needs 8 or more images at once; for
    fewer, as in detection and segmentation, say `norm_groups=32`. Costs
    `kernel_size**2 * in_channels * out_channels + 2 * out_channels` parameters. Kernels
    start He normal by fan-out.

    Parameters
    ----------
    in_channels : int
        Channels in.
    out_channels : int
        Channels out.
    kernel_size : int
        Side of the kernels, odd.
    stride : int
        Step of the kernels: 2 halves the image, rounded up.
    dilation : int
        Step inside a kernel: 2 makes a 3 x 3 kernel span 5 x 5 pixels. Keras has it
        only for a stride of 1.
    norm_groups : int, optional
        Groups of channels of a GroupNorm; must divide `out_channels`. None takes
        BatchNorm.
    activation : {"relu", "silu", "gelu", None}
        What comes last. None leaves it out, as before a sum.
    norm_eps : float
        Added to the variance in the norm.

    Raises
    ------
    ValueError
        If `kernel_size` is even, `activation` none of the above, `norm_groups` less
        than 1 or `norm_eps` not above 0.

    Examples
    --------
    >>> import torch
    >>> block = ConvNormAct(3, 16, stride=2)
    >>> block(torch.zeros(2, 3, 49, 64)).shape
    torch.Size([2, 16, 25, 32])
    >>> sum(p.numel() for p in block.parameters())
    464

    References
    ----------
    Ioffe and Szegedy, "Batch Normalization", 2015, section 3.2.
    <https://arxiv.org/abs/1502.03167>
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        *,
        stride: int = 1,
        dilation: int = 1,
        norm_groups: int | None = None,
        activation: str | None = "relu",
        norm_eps: float = 1e-5,
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd. Received: {kernel_size}")
        if norm_groups is not None and norm_groups < 1:
            # Keras takes -1 for as many groups as channels
            raise ValueError(f"norm_groups must be >= 1. Received: {norm_groups}")
        if not norm_eps > 0:
            raise ValueError(f"norm_eps must be > 0. Received: {norm_eps}")
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"activation must be in {list(ACTIVATIONS)}. Received: {activation}"
            )
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding=dilation * (kernel_size // 2),
            dilation=dilation,
            bias=False,
        )
        self.norm: nn.Module
        if norm_groups is None:
            self.norm = nn.BatchNorm2d(out_channels, eps=norm_eps)
        else:
            self.norm = nn.GroupNorm(norm_groups, out_channels, eps=norm_eps)
        self.act = ACTIVATIONS[activation]()
        nn.init.kaiming_normal_(self.conv.weight, mode="fan_out")

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, normalise, activate.

        Parameters
        ----------
        x : Tensor, shape (N, in_channels, H, W)
            Images or features.

        Returns
        -------
        Tensor, shape (N, out_channels, ceil(H / stride), ceil(W / stride))
            Features.
        """
        return self.act(self.norm(self.conv(x)))
