"""Coins and a printed page, cut into tiles, with masks by classical methods."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from skimage import data as pictures
from skimage.filters import sobel, threshold_sauvola
from skimage.segmentation import watershed

__all__ = ["load_coins_split"]


class Part(NamedTuple):
    """Tiles of pictures and their masks, in the same order."""

    images: np.ndarray
    targets: np.ndarray


def load_coins_split(seed: int = 0, *, size: int = 64) -> tuple[Part, Part, Part]:
    """Cut two pictures of scikit-image into tiles of three regions that are apart.

    Each picture is cut by columns into a half for training and two quarters, in an
    order that the seed decides: no pixel is in two parts. Nobody has drawn the masks;
    a rule makes them, in each region by itself. A net that learns them learns the rule,
    and the rule is right by definition.

    - coins: watershed of the Sobel gradient, from markers below 30 and above 150 of
      255; holes filled, and what is narrower than 5 pixels taken away (opening);
    - page: darker than Sauvola's threshold, window 25, k 0.2.

    Parameters
    ----------
    seed : int >= 0
        Whether the test region is at the left or right, and whether validation is.
    size : int
        Rows and columns of a tile, 16 to 64. They are `size // 4` apart in training,
        else `size // 2`; those of a part overlap.

    Returns
    -------
    tuple of (images, targets), three of them: training, validation, test
        `images`: ndarray, shape (N, size, size, 1), float32, 0 (black) to 1;
        `targets`: ndarray, shape (N, size, size), int64, 1 is coin or print.

    Raises
    ------
    ValueError
        If `seed` or `size` is out of its range.

    Examples
    --------
    >>> [part.images.shape for part in load_coins_split(seed=0)]
    [(207, 64, 64, 1), (24, 64, 64, 1), (24, 64, 64, 1)]

    References
    ----------
    van der Walt et al., "scikit-image", 2014. <https://doi.org/10.7717/peerj.453>
    """
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed must be an integer >= 0. Received: {seed!r}")
    if not 16 <= size <= 64:
        raise ValueError(f"size must be 16 to 64. Received: {size}")
    rng = np.random.default_rng(seed)
    found: list[list[tuple[np.ndarray, np.ndarray]]] = [[], [], []]
    for name in ("coins", "page"):
        picture = getattr(pictures, name)()
        order = [0, *rng.permutation([1, 2])]
        # mirrored, the large region is at the right
        turned = bool(rng.integers(2))
        picture = picture[:, ::-1] if turned else picture
        width = picture.shape[1]
        edges = [0, width // 2, width * 3 // 4, width]
        for part, at in enumerate(order):
            region = picture[:, edges[at] : edges[at + 1]]
            region = region[:, ::-1] if turned else region
            mask = _mask(name, region)
            apart = size // 4 if part == 0 else size // 2
            for y in range(0, region.shape[0] - size + 1, apart):
                for x in range(0, region.shape[1] - size + 1, apart):
                    window = slice(y, y + size), slice(x, x + size)
                    found[part].append((region[window], mask[window]))
    parts = []
    for tiles in found:
        images = np.stack([image for image, _ in tiles])[..., None] / np.float32(255)
        masks = np.stack([mask for _, mask in tiles]).astype("int64")
        parts.append(Part(images, masks))
    return parts[0], parts[1], parts[2]


def _mask(name: str, region: np.ndarray) -> np.ndarray:
    """Say of each pixel whether it is coin or print, by a rule."""
    if name == "coins":
        markers = np.where(region < 30, 1, np.where(region > 150, 2, 0))
        coins = ndimage.binary_fill_holes(watershed(sobel(region), markers) == 2)
        return ndimage.binary_opening(coins, np.ones((5, 5)))
    return region < threshold_sauvola(region, window_size=25, k=0.2)
