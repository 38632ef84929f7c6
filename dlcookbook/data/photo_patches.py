"""Ten photographs of scikit-image and scikit-learn, cut into patches of 32 x 32."""

from typing import NamedTuple

import numpy as np
from skimage import data
from sklearn.datasets import load_sample_image

__all__ = ["load_photo_patches_split"]

CLASSES = (
    "astronaut",
    "cat",
    "coffee",
    "flower",
    "galaxies",
    "motorcycle",
    "retina",
    "rocket",
    "temple",
    "tissue",
)
_SIDE, _REGION, _GAP, _STEP = 32, 64, 8, 16
_REGIONS = {"training": 14, "validation": 5, "test": 5}
_FLAT = 5.0


class Part(NamedTuple):
    """Patches and their labels, in the same order."""

    images: np.ndarray
    labels: np.ndarray


def load_photo_patches_split(
    seed: int = 0, *, by: str = "region"
) -> tuple[Part, Part, Part]:
    """Cut patches from ten photographs; the label says from which one.

    Each photograph (the retina at a third of its size, the galaxies at half) is divided
    into squares of 64 x 64 pixels with 8 pixels between them, and 24 squares are drawn:
    14 for training, 5 for validation, 5 for the test. Every square gives the 9 patches
    of 32 x 32 whose corners are 0, 16 or 32 pixels from its own, so that patches of one
    square overlap, and those of two squares never do. A patch is left out if it is
    flat: if its three channels deviate by 5 of 255 or less on average. Squares that
    are flat all over do not count.

    All parts show the same ten photographs: a score is about new places in known
    pictures, and would be lower for new pictures.

    Parameters
    ----------
    seed : int >= 0
        Decides which squares are drawn and where each goes.
    by : {"region", "patch"}
        "patch" deals out the same patches one by one, as a careless split does: most
        patches of the test part then overlap with some of training. To show what that
        is worth, and for nothing else.

    Returns
    -------
    tuple of (images, labels), three of them: training, validation, test
        `images`: ndarray, shape (N, 32, 32, 3), uint8, red, green, blue; `labels`:
        ndarray, shape (N,), int64, the place in `CLASSES`.

    Raises
    ------
    ValueError
        If `by` is something else.

    Examples
    --------
    >>> train, validation, test = load_photo_patches_split(seed=0)
    >>> [part.images.shape for part in (train, validation, test)]
    [(1097, 32, 32, 3), (418, 32, 32, 3), (419, 32, 32, 3)]

    References
    ----------
    What the pictures show, and who made them:
    <https://scikit-image.org/docs/stable/api/skimage.data.html>,
    <https://scikit-learn.org/stable/datasets/loading_other_datasets.html>
    """
    if by not in ("region", "patch"):
        raise ValueError(f'by must be "region" or "patch". Received: {by!r}')
    rng, dealer = (np.random.default_rng([seed, use]) for use in (0, 1))
    shares = list(_REGIONS.values())
    found: list[list[tuple[np.ndarray, int]]] = [[], [], []]
    for label, photograph in enumerate(_photographs()):
        squares = [_patches(photograph, *corner) for corner in _corners(photograph)]
        drawn = [squares[i] for i in rng.permutation(len(squares)) if len(squares[i])]
        ends = np.cumsum(shares)
        cut = [
            drawn[end - count : end] for end, count in zip(ends, shares, strict=True)
        ]
        parts = [np.concatenate(part) for part in cut]
        if by == "patch":
            patches = dealer.permutation(np.concatenate(parts))
            parts = np.split(patches, np.cumsum([len(part) for part in parts])[:-1])
        for rows, patches in zip(found, parts, strict=True):
            rows.extend((patch, label) for patch in patches)
    images, labels = zip(*(zip(*rows, strict=True) for rows in found), strict=True)
    train, validation, test = (
        Part(np.stack(x), np.array(y)) for x, y in zip(images, labels, strict=True)
    )
    return train, validation, test


def _photographs() -> list[np.ndarray]:
    """Return the pictures in the order of `CLASSES`, uint8; all are in the wheels."""
    left, _, _ = data.stereo_motorcycle()
    return [
        data.astronaut(),
        data.chelsea(),
        data.coffee(),
        load_sample_image("flower.jpg"),
        _shrink(data.hubble_deep_field(), 2),
        left,
        _shrink(data.retina(), 3),
        data.rocket(),
        load_sample_image("china.jpg"),
        data.immunohistochemistry(),
    ]


def _shrink(image: np.ndarray, factor: int) -> np.ndarray:
    """Average squares of pixels."""
    height, width = (side // factor for side in image.shape[:2])
    whole = image[: height * factor, : width * factor]
    pixels = whole.reshape(height, factor, width, factor, 3).mean((1, 3))
    return pixels.round().astype("uint8")


def _corners(photograph: np.ndarray) -> list[tuple[int, int]]:
    """Return the upper left corners of the squares."""
    rows, columns = (
        range(0, side - _REGION + 1, _REGION + _GAP) for side in photograph.shape[:2]
    )
    return [(row, column) for row in rows for column in columns]


def _patches(photograph: np.ndarray, row: int, column: int) -> np.ndarray:
    """Return the patches of one square that are not flat, shape (0 to 9, 32, 32, 3)."""
    square = photograph[row : row + _REGION, column : column + _REGION]
    places = range(0, _REGION - _SIDE + 1, _STEP)
    cut = [square[y : y + _SIDE, x : x + _SIDE] for y in places for x in places]
    patches = np.stack(cut)
    return patches[patches.std(axis=(1, 2)).mean(axis=1) > _FLAT]
