"""Colour jitter: brightness, contrast, saturation and hue of every image drawn."""

import torch
from torch import Tensor

__all__ = ["color_jitter"]


def color_jitter(
    images: Tensor,
    generator: torch.Generator | None = None,
    *,
    brightness: tuple[float, float] = (0.6, 1.4),
    contrast: tuple[float, float] = (0.6, 1.4),
    saturation: tuple[float, float] = (0.6, 1.4),
    hue: tuple[float, float] = (-0.05, 0.05),
) -> Tensor:
    r"""Draw brightness, contrast, saturation and hue for each image, in this order.

    $f x$; $f x + (1 - f) \bar g$ with the mean grey $\bar g$ of the image;
    $f x + (1 - f) g$ with the grey $g = 0.299 R + 0.587 G + 0.114 B$ of each pixel; a
    turn of the colour wheel by the share $h$. Cut off to [0, 1] after each. Factors of
    1 and a hue of 0 change nothing. Before normalising; not where colour is the label.

    Parameters
    ----------
    images : Tensor, shape (N, 3, H, W)
        Red, green, blue in [0, 1], any floating dtype.
    generator : torch.Generator, optional
        Where the draws come from. None takes PyTorch's own of the device.
    brightness, contrast, saturation : tuple of float >= 0
        Lowest and highest factor.
    hue : tuple of float in [-0.5, 0.5]
        Least and greatest turn: 0.5 is to the opposite colour.

    Returns
    -------
    Tensor, shape (N, 3, H, W)
        The changed images, in the dtype of `images`.

    Raises
    ------
    ValueError
        If the images have another shape or range (looked at on the CPU alone), or an
        amount is out of range.

    Examples
    --------
    >>> red = torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1)
    >>> plain = dict(brightness=(1, 1), contrast=(1, 1), saturation=(1, 1))
    >>> color_jitter(red, **plain, hue=(0.5, 0.5)).round(decimals=3).flatten()
    tensor([0., 1., 1.])

    References
    ----------
    Howard, 2013, section 2. <https://arxiv.org/abs/1312.5402>
    """
    if images.ndim != 4 or images.shape[1] != 3 or not images.is_floating_point():
        raise ValueError(
            "images must be floats of shape (N, 3, H, W). "
            f"Received: {images.dtype}, shape {tuple(images.shape)}"
        )
    if images.is_cpu and not ((images >= 0) & (images <= 1)).all():
        raise ValueError(f"images must be in [0, 1]. Received: {images.aminmax()}")
    factors = {"brightness": brightness, "contrast": contrast, "saturation": saturation}
    for name, (low, high) in factors.items():
        if not 0 <= low <= high < float("inf"):
            raise ValueError(f"{name} must be a range >= 0. Received: {low, high}")
    if not -0.5 <= hue[0] <= hue[1] <= 0.5:
        raise ValueError(f"hue must be a range in [-0.5, 0.5]. Received: {hue}")
    place = images.device if generator is None else generator.device
    draws = torch.rand(4, len(images), 1, 1, 1, generator=generator, device=place)
    kind = torch.promote_types(images.dtype, torch.float32)
    ranges = [*factors.values(), hue]
    light, clash, colour, turn = (
        (low + (high - low) * draw).to(images.device, kind)
        for (low, high), draw in zip(ranges, draws, strict=True)
    )
    weights = torch.tensor([0.299, 0.587, 0.114]).to(light)[:, None, None]
    x = (light * images).clamp(0, 1)
    grey = (weights * x).sum(dim=1, keepdim=True).mean(dim=(-2, -1), keepdim=True)
    x = (clash * x + (1 - clash) * grey).clamp(0, 1)
    x = (colour * x + (1 - colour) * (weights * x).sum(1, keepdim=True)).clamp(0, 1)
    value, spread = x.amax(1, keepdim=True), x.amax(1, True) - x.amin(1, keepdim=True)
    r, g, b = x.split(1, dim=1)
    sixth = torch.where(value == r, (g - b), torch.where(value == g, (b - r), r - g))
    start = torch.where(value == r, 0, torch.where(value == g, 2, 4))
    wheel = start + sixth / spread.where(spread > 0, 1) + 6 * turn
    at = (wheel + torch.tensor([5, 3, 1]).to(wheel)[:, None, None]) % 6
    return (value - spread * at.minimum(4 - at).clamp(0, 1)).to(images.dtype)
