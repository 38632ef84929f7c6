"""Random resized crop: a part of the image, of any size, as one matrix per image."""

import math

import keras
from keras import KerasTensor, ops

__all__ = ["random_resized_crop"]


def random_resized_crop(
    count: int,
    size: tuple[int, int],
    output: tuple[int, int],
    seed: int | keras.random.SeedGenerator | None = None,
    *,
    area: tuple[float, float] = (0.08, 1.0),
    ratio: tuple[float, float] = (3 / 4, 4 / 3),
) -> KerasTensor:
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
    seed : int or keras.random.SeedGenerator, optional
        Where the draws come from. A whole number draws the same for every batch.
    area : tuple of float in (0, 1]
        Smallest and largest share of the image. What is labelled may not be in 0.08.
    ratio : tuple of float > 0
        Smallest and largest width divided by height.

    Returns
    -------
    tensor, shape (count, 3, 3)
        From places of the old image to places of the new one, float32.

    Raises
    ------
    ValueError
        If a count, a side or a range is not one.

    Examples
    --------
    >>> all_of_it = dict(area=(1, 1), ratio=(4 / 3, 4 / 3))
    >>> whole = random_resized_crop(1, (6, 8), (3, 4), **all_of_it)
    >>> [round(float(x), 4) for x in ops.diagonal(whole[0])]
    [0.5, 0.5, 1.0]

    References
    ----------
    Szegedy et al., 2014, section 6. <https://arxiv.org/abs/1409.4842>
    """
    sides = [*size, *output, count if isinstance(count, int) else 1]
    if len(size) != 2 or len(output) != 2 or not all(side >= 1 for side in sides):
        raise ValueError(
            f"count, size and output must be >= 1. Received: {count}, {size}, {output}"
        )
    if len(area) != 2 or not 0 < area[0] <= area[1] <= 1:
        raise ValueError(f"area must be within (0, 1]. Received: {area}")
    if len(ratio) != 2 or not 0 < ratio[0] <= ratio[1] < float("inf"):
        raise ValueError(f"ratio must be (lowest, highest) > 0. Received: {ratio}")
    draws = keras.random.uniform((4, count, 10), dtype="float32", seed=seed)
    height, width = size
    share = area[0] + (area[1] - area[0]) * draws[0]
    low, high = math.log(ratio[0]), math.log(ratio[1])
    sides = ops.exp(low + (high - low) * draws[1])
    w = ops.sqrt(share * sides * (height * width))
    h = ops.sqrt(share / sides * (height * width))
    fits = ops.logical_and(w <= width * (1 + 1e-6), h <= height * (1 + 1e-6))
    fits = ops.logical_or(fits, ops.arange(10) == 9)
    first = ops.argmax(ops.cast(fits, "int32"), axis=-1, keepdims=True)
    w = ops.minimum(ops.take_along_axis(w, first, axis=-1)[:, 0], width)
    h = ops.minimum(ops.take_along_axis(h, first, axis=-1)[:, 0], height)
    left, top = draws[2, :, 0] * (width - w), draws[3, :, 0] * (height - h)
    sx, sy = output[1] / w, output[0] / h
    zero, one = ops.zeros_like(sx), ops.ones_like(sx)
    rows = [sx, zero, -sx * left, zero, sy, -sy * top, zero, zero, one]
    return ops.reshape(ops.stack(rows, axis=-1), (-1, 3, 3))
