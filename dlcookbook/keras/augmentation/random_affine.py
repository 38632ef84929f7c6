"""Random affine: rotation, scale, shear, shift and flips as one matrix per image."""

import keras
from keras import KerasTensor, ops

__all__ = ["random_affine"]


def random_affine(
    count: int,
    size: tuple[int, int],
    seed: int | keras.random.SeedGenerator | None = None,
    *,
    degrees: tuple[float, float] = (-15.0, 15.0),
    scale: tuple[float, float] = (0.8, 1.25),
    shear: tuple[float, float] = (0.0, 0.0),
    shift: tuple[float, float] = (-0.1, 0.1),
    flips: tuple[float, float] = (0.0, 0.0),
) -> KerasTensor:
    r"""Draw a matrix for every image of a batch; `warp` applies it.

    $M = T_{c + t} R \, H S F \, T_{-c}$: a flip, scale, shear and rotation about the
    centre $c$, then a shift $t$; the identity where all is neutral. `warp` applies it.

    Parameters
    ----------
    count : int >= 1
        How many matrices: the images of the batch.
    size : tuple of int
        Height and width of the images, in pixels.
    seed : int or keras.random.SeedGenerator, optional
        Where the draws come from. A whole number draws the same for every batch.
    degrees : tuple of float
        Lowest and highest angle; positive turns the picture anticlockwise.
    scale : tuple of float > 0
        Lowest and highest factor, drawn evenly in its logarithm.
    shear : tuple of float
        Lowest and highest angle of the columns; positive moves lower rows right.
    shift : tuple of float
        Lowest and highest, right and down, as a share of the side.
    flips : tuple of float in [0, 1]
        Chance to be mirrored left to right, and upside down.

    Returns
    -------
    tensor, shape (count, 3, 3)
        From places of the old image to places of the new one, float32.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> quarter = dict(degrees=(90.0, 90.0), scale=(1.0, 1.0), shift=(0.0, 0.0))
    >>> [round(float(x)) for x in random_affine(1, (4, 4), **quarter)[0, 1]]
    [-1, 0, 4]

    References
    ----------
    Simard et al., 2003, section 2. <https://doi.org/10.1109/ICDAR.2003.1227801>
    """
    sides = [*size, count if isinstance(count, int) else 1]
    if len(size) != 2 or not all(side >= 1 for side in sides):
        raise ValueError(f"count and size must be >= 1. Received: {count}, {size}")
    for name, given, is_right in (
        ("degrees", degrees, -1e9 < degrees[0] <= degrees[1] < 1e9),
        ("scale", scale, 0 < scale[0] <= scale[1] < 1e9),
        ("shear", shear, -90 < shear[0] <= shear[1] < 90),
        ("shift", shift, -1e9 < shift[0] <= shift[1] < 1e9),
        ("flips", flips, all(0 <= chance <= 1 for chance in flips)),
    ):
        if len(given) != 2 or not is_right:
            raise ValueError(f"{name} must be two numbers in range. Received: {given}")
    draws = keras.random.uniform((7, count), dtype="float32", seed=seed)
    turn = ops.deg2rad(degrees[0] + (degrees[1] - degrees[0]) * draws[0])
    factor = scale[0] * (scale[1] / scale[0]) ** draws[1]
    slant = ops.tan(ops.deg2rad(shear[0] + (shear[1] - shear[0]) * draws[2]))
    across, down = (shift[0] + (shift[1] - shift[0]) * draws[i] for i in (5, 6))
    height, width = size
    fx = factor * (1 - 2 * ops.cast(draws[3] < flips[0], "float32"))
    fy = factor * (1 - 2 * ops.cast(draws[4] < flips[1], "float32"))
    a, b = ops.cos(turn) * fx, (ops.cos(turn) * slant + ops.sin(turn)) * fy
    c, d = -ops.sin(turn) * fx, (ops.cos(turn) - ops.sin(turn) * slant) * fy
    dx = (1 + 2 * across - a) * width / 2 - b * height / 2
    dy = (1 + 2 * down - d) * height / 2 - c * width / 2
    zero, one = ops.zeros_like(a), ops.ones_like(a)
    rows = ops.stack([a, b, dx, c, d, dy, zero, zero, one], axis=-1)
    return ops.reshape(rows, (-1, 3, 3))
