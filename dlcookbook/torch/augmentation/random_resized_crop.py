"""Random resized crop: a part of the image, of any size, as one matrix per image."""

import math

import torch
from torch import Tensor

__all__ = ["random_resized_crop"]


def random_resized_crop(
    count: int,
    size: tuple[int, int],
    output: tuple[int, int],
    generator: torch.Generator | None = None,
    *,
    area: tuple[float, float] = (0.08, 1.0),
    ratio: tuple[float, float] = (3 / 4, 4 / 3),
) -> Tensor:
    r"""Draw a rectangle for every image, as the matrix that makes it the new image.

    Area, ratio of the sides (evenly in its logarithm) and place are drawn. Of ten the
    first that fits is taken, else the last, cut off at the image. An area of 1 with the
    ratio of the image is a plain resize. `warp` applies it with `size=output`, and does
    not smooth: to less than half, resize first.

    Parameters
    ----------
    count : int >= 1
        How many matrices: the images of the batch.
    size : tuple of int
        Height and width of the images, in pixels.
    output : tuple of int
        Height and width of the new images.
    generator : torch.Generator, optional
        Where the draws come from. None takes PyTorch's own of the CPU.
    area : tuple of float in (0, 1]
        Smallest and largest share of the image. What is labelled may not be in 0.08.
    ratio : tuple of float > 0
        Smallest and largest width divided by height.

    Returns
    -------
    Tensor, shape (count, 3, 3)
        From places of the old image to places of the new one, float32.

    Raises
    ------
    ValueError
        If a count, a side or a range is not one.

    Examples
    --------
    >>> all_of_it = dict(area=(1, 1), ratio=(4 / 3, 4 / 3))
    >>> whole = random_resized_crop(1, (6, 8), (3, 4), **all_of_it)
    >>> whole[0].diagonal()
    tensor([0.5000, 0.5000, 1.0000])

    References
    ----------
    Szegedy et al., 2014, section 6. <https://arxiv.org/abs/1409.4842>
    """
    pairs = len(size) == len(output) == 2
    if count < 1 or not pairs or not all(side >= 1 for side in (*size, *output)):
        raise ValueError(
            f"count, size and output must be >= 1. Received: {count}, {size}, {output}"
        )
    if len(area) != 2 or not 0 < area[0] <= area[1] <= 1:
        raise ValueError(f"area must be within (0, 1]. Received: {area}")
    if len(ratio) != 2 or not 0 < ratio[0] <= ratio[1] < float("inf"):
        raise ValueError(f"ratio must be (lowest, highest) > 0. Received: {ratio}")
    place = None if generator is None else generator.device
    draws = torch.rand(4, count, 10, generator=generator, device=place)
    height, width = size
    share = area[0] + (area[1] - area[0]) * draws[0]
    low, high = math.log(ratio[0]), math.log(ratio[1])
    sides = (low + (high - low) * draws[1]).exp()
    w = (share * sides * (height * width)).sqrt()
    h = (share / sides * (height * width)).sqrt()
    fits = (w <= width * (1 + 1e-6)) & (h <= height * (1 + 1e-6))
    fits[:, -1] = True
    first = fits.int().argmax(dim=-1, keepdim=True)
    w = w.gather(-1, first)[:, 0].clamp_max(width)
    h = h.gather(-1, first)[:, 0].clamp_max(height)
    left, top = draws[2, :, 0] * (width - w), draws[3, :, 0] * (height - h)
    sx, sy = output[1] / w, output[0] / h
    zero, one = torch.zeros_like(sx), torch.ones_like(sx)
    rows = [sx, zero, -sx * left, zero, sy, -sy * top, zero, zero, one]
    return torch.stack(rows, dim=-1).view(count, 3, 3)
