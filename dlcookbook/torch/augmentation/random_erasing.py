"""Random erasing (cutout): a rectangle of every image is hidden."""

import math

import torch
from torch import Tensor

__all__ = ["random_erasing"]


def random_erasing(
    images: Tensor,
    generator: torch.Generator | None = None,
    *,
    chance: float = 0.5,
    area: tuple[float, float] = (0.02, 0.33),
    ratio: tuple[float, float] = (0.3, 3.3),
    fill: float = 0.0,
) -> Tensor:
    r"""Hide a rectangle of its own of every image, or of a share of them.

    Its area is drawn as a share of the image's, the ratio of its sides evenly in the
    logarithm, its place anywhere inside; a side is at most that of the image. A chance
    of 0 changes nothing. `ratio=(1, 1)` is cutout with a square that stays inside.

    Parameters
    ----------
    images : Tensor, shape (N, C, H, W)
        A batch of any dtype.
    generator : torch.Generator, optional
        Where the draws come from. None takes PyTorch's own of the device.
    chance : float in [0, 1]
        Share of the images that lose a rectangle.
    area : tuple of float in (0, 1]
        Smallest and largest share of the image.
    ratio : tuple of float > 0
        Smallest and largest height divided by width.
    fill : float
        What the rectangle shows: 0 after normalising is the mean colour.

    Returns
    -------
    Tensor, shape (N, C, H, W)
        New images, in the dtype of `images`.

    Raises
    ------
    ValueError
        If the images are no batch or an option is out of range.

    Examples
    --------
    >>> half = dict(chance=1, area=(1, 1), ratio=(4, 4))
    >>> random_erasing(torch.ones(9, 1, 8, 8), **half).mean()
    tensor(0.5000)

    References
    ----------
    Zhong et al., "Random Erasing Data Augmentation", 2017, algorithm 1.
    <https://arxiv.org/abs/1708.04896>; cutout: <https://arxiv.org/abs/1708.04552>
    """
    if images.ndim != 4:
        raise ValueError(
            f"images must be (N, C, H, W). Received: {tuple(images.shape)}"
        )
    if not 0 <= chance <= 1:
        raise ValueError(f"chance must be in [0, 1]. Received: {chance}")
    for name, (low, high), most in (("area", area, 1), ("ratio", ratio, 1e6)):
        if not 0 < low <= high <= most:
            raise ValueError(f"{name} must be in (0, {most}]. Received: {low, high}")
    if not abs(torch.tensor(fill).to(images.dtype).item() - fill) <= 0.01 * abs(fill):
        raise ValueError(f"fill must fit into {images.dtype}. Received: {fill}")
    place = images.device if generator is None else generator.device
    draws = torch.rand(5, len(images), generator=generator, device=place)
    height, width = images.shape[-2:]
    pixels = height * width * (area[0] + (area[1] - area[0]) * draws[0])
    low, high = math.log(ratio[0]), math.log(ratio[1])
    sides = (low + (high - low) * draws[1]).exp()
    ranges = []
    for side, drawn, start in (
        (height, (pixels * sides).sqrt(), draws[2]),
        (width, (pixels / sides).sqrt(), draws[3]),
    ):
        long = drawn.round().clamp(1, side)
        first = (start * (side - long + 1)).floor().clamp_max(side - 1)
        at = torch.arange(side, device=place)
        ranges.append((at >= first[:, None]) & (at < (first + long)[:, None]))
    hidden = ranges[0][:, :, None] & ranges[1][:, None]
    hidden &= (draws[4] < chance)[:, None, None]
    return images.masked_fill(hidden[:, None].to(images.device), fill)
