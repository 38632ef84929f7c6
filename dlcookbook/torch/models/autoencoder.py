"""Denoising autoencoder: clean images out of noisy ones, through a narrow middle."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["denoising_autoencoder"]


class DenoisingAutoencoder(nn.Module):
    """Convolutions of stride 2 down; doubling and convolutions up."""

    def __init__(
        self, *, in_channels: int, widths: Sequence[int], latent_channels: int
    ) -> None:
        super().__init__()
        self.encoder = nn.ModuleList()
        channels = in_channels
        for width in (*widths, latent_channels):
            last = len(self.encoder) == len(widths)
            conv = nn.Conv2d(channels, width, 3, 1 if last else 2, padding=1)
            self.encoder.append(conv)
            channels = width
        self.decoder = nn.ModuleList()
        for width in reversed(widths):
            self.decoder.append(nn.Conv2d(channels, width, 3, padding=1))
            channels = width
        self.head = nn.Conv2d(channels, in_channels, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d) and module.bias is not None:
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map noisy images (N, in_channels, H, W) to clean ones of the same shape."""
        height, width = x.shape[2:]
        for conv in self.encoder:
            x = conv(x).relu()
        for conv in self.decoder:
            # neighbours share a value, then a convolution: no checkerboard
            x = F.interpolate(conv(x).relu(), scale_factor=2.0, mode="nearest")
        return self.head(x[..., :height, :width])


def denoising_autoencoder(
    *,
    in_channels: int = 1,
    widths: Sequence[int] = (32, 64),
    latent_channels: int = 16,
) -> DenoisingAutoencoder:
    r"""Convolutional autoencoder that is trained to take noise away.

    Feed $x + \varepsilon$ and compare the output with $x$: mean squared error. With
    the clean image as input it could learn to copy. Convolutions start He normal by
    fan-in, every bias 0.

    Parameters
    ----------
    in_channels : int
        Channels of the image: 3 for RGB, 1 for grey.
    widths : sequence of int
        Channels of each level; every level halves the image.
    latent_channels : int
        Channels of the narrow middle, at the smallest size.

    Returns
    -------
    DenoisingAutoencoder
        From float images (N, in_channels, H, W) of any size to images of the same
        shape. Linear at the end: clip to the range of your pixels after training.

    Raises
    ------
    ValueError
        If there is no width.

    Examples
    --------
    >>> import torch
    >>> model = denoising_autoencoder()
    >>> model(torch.zeros(2, 1, 28, 27)).shape
    torch.Size([2, 1, 28, 27])

    References
    ----------
    Vincent et al., "Extracting and Composing Robust Features with Denoising
    Autoencoders", 2008. <https://doi.org/10.1145/1390156.1390294>
    """
    if not widths:
        raise ValueError(f"widths must hold one or more. Received: {widths}")
    return DenoisingAutoencoder(
        in_channels=in_channels, widths=widths, latent_channels=latent_channels
    )
