"""Scanned digits on patches of photographs: masks and boxes are known to the pixel."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from skimage import data as pictures
from sklearn.datasets import load_digits, load_sample_images
from sklearn.model_selection import train_test_split

__all__ = ["load_digit_scenes_split", "load_photographs"]

_NAMES = [
    "astronaut",
    "brick",
    "camera",
    "chelsea",
    "clock",
    "coffee",
    "grass",
    "gravel",
    "hubble_deep_field",
    "immunohistochemistry",
    "moon",
    "retina",
    "rocket",
]


class Part(NamedTuple):
    """Scenes and their masks or boxes, in the same order."""

    images: np.ndarray
    targets: np.ndarray


def load_digit_scenes_split(
    seed: int = 0,
    *,
    targets: str = "masks",
    counts: Sequence[int] = (4000, 200, 300),
    size: int = 48,
    most: int = 3,
) -> tuple[Part, Part, Part]:
    """Compose scenes of digits and photographs, none of which two parts share.

    The 1,797 digits of scikit-learn are dealt to three parts, 60, 20 and 20 in a
    hundred of each class, and the 15 photographs of `load_photographs` nine, three and
    three: a test scene has digits and a background that training has not seen. A
    scene is a random window of a photograph at half its size, turned by a right angle
    or more, mirrored, its colours exchanged, each by chance. On it are up to `most`
    digits, one number as likely as another: with the default one scene in four is
    empty. A digit is enlarged, linearly, from 8 x 8 to 16 to 28 and laid on
    with one random colour that differs from the mean of what it covers by 0.25 or more
    of brightness, and an opacity of 0.6 to 1; on a grey photograph the ink is grey,
    or colour alone would tell it. Its mask is where its ink, from 0 to 1, is above 0.5,
    and its box is the tight one of the mask. Boxes do not overlap; a digit for which
    there is no place in 20 tries is left out.

    Parameters
    ----------
    seed : int in [0, 2**32)
        Decides the split and the scenes.
    targets : {"masks", "boxes"}
        What is to be found.
    counts : sequence of int, three of them
        Scenes for training, validation and test.
    size : int
        Rows and columns of a scene, 32 to 128.
    most : int
        Digits in a scene, 1 to 9.

    Returns
    -------
    tuple of (images, targets), three of them: training, validation, test
        `images`: ndarray, shape (N, size, size, 3), float32, 0 to 1. `targets`:
        "masks", shape (N, size, size), int64, 1 where there is ink, else 0; or "boxes",
        shape (N, most, 6), float32: corners x1, y1, x2, y2 in pixels, so that
        x2 - x1 is the width, the digit, 0 to 9, and 0, for loaders of other data
        have 1 there for a box that shall not count. Rows that are not used are -1.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> scenes = load_digit_scenes_split(seed=0, targets="boxes", counts=(4, 2, 2))
    >>> [part.images.shape for part in scenes]
    [(4, 48, 48, 3), (2, 48, 48, 3), (2, 48, 48, 3)]
    >>> scenes[0].targets.shape
    (4, 3, 6)

    References
    ----------
    Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998. <https://doi.org/10.24432/C50P49>
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be an integer in [0, 2**32). Received: {seed!r}")
    if targets not in ("masks", "boxes"):
        raise ValueError(f"targets must be 'masks' or 'boxes'. Received: {targets!r}")
    if len(counts) != 3 or min(counts) < 1:
        raise ValueError(f"counts must be three numbers >= 1. Received: {counts}")
    if not 32 <= size <= 128 or not 1 <= most <= 9:
        raise ValueError(
            f"size must be 32 to 128, most 1 to 9. Received: {size}, {most}"
        )
    raw = load_digits()
    rest, tested = train_test_split(
        np.arange(len(raw.target)),
        test_size=359,
        stratify=raw.target,
        random_state=seed,
    )
    train, held = train_test_split(
        rest, test_size=359, stratify=raw.target[rest], random_state=seed
    )
    names = sorted(photographs := load_photographs())
    names = [names[at] for at in np.random.default_rng(seed).permutation(len(names))]
    parts = []
    for at, (rows, chosen, count) in enumerate(
        zip(
            (train, held, tested),
            (names[6:], names[:3], names[3:6]),
            counts,
            strict=True,
        )
    ):
        digits = raw.images[rows] / 16, raw.target[rows]
        photos = [photographs[name] for name in chosen]
        # a stream of its own: a part does not depend on how many scenes another has
        rng = np.random.default_rng((seed, at))
        scenes = list(_scenes(digits, photos, count, size, most, rng))
        chosen_targets = 1 if targets == "masks" else 2
        images = np.stack([scene[0] for scene in scenes])
        parts.append(Part(images, np.stack([s[chosen_targets] for s in scenes])))
    return parts[0], parts[1], parts[2]


def load_photographs() -> dict[str, np.ndarray]:
    """Return the photographs that scikit-learn and scikit-image ship, at half size.

    Two are of scikit-learn, 13 of those that are in the package of scikit-image, so
    that nothing is fetched. A pixel is the mean of four.

    Returns
    -------
    dict of str to ndarray, shape (H, W, 3) each
        By name; float32, 0 to 1. Grey ones have three equal channels.

    Examples
    --------
    >>> photographs = load_photographs()
    >>> len(photographs), photographs["china"].shape
    (15, (213, 320, 3))

    References
    ----------
    <https://scikit-image.org/docs/stable/api/skimage.data.html>
    """
    found = {name: getattr(pictures, name)() for name in _NAMES}
    sample = load_sample_images()
    for file, image in zip(sample.filenames, sample.images, strict=True):
        found["china" if "china" in file else "flower"] = image
    return {name: _half(image) for name, image in found.items()}


def _half(image: np.ndarray) -> np.ndarray:
    """Average four pixels to one; an odd last row or column is left out."""
    if image.ndim == 2:
        image = np.repeat(image[..., None], 3, axis=-1)
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    blocks = image[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, 3)
    return (blocks.mean((1, 3)) / 255).astype("float32")


def _scenes(
    digits: tuple[np.ndarray, np.ndarray],
    photographs: list[np.ndarray],
    count: int,
    size: int,
    most: int,
    rng: np.random.Generator,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Give image, mask and boxes of one scene after the other."""
    grey = [bool((photo == photo[..., :1]).all()) for photo in photographs]
    for _ in range(count):
        chosen = rng.integers(len(photographs))
        photo, tones = photographs[chosen], 1 if grey[chosen] else 3
        y, x = (rng.integers(side - size + 1) for side in photo.shape[:2])
        image = photo[y : y + size, x : x + size]
        image = np.rot90(image, int(rng.integers(4)))
        image = image[:, :: rng.choice((1, -1))]
        image = image[..., rng.permutation(3)]
        mask = np.zeros((size, size), "int64")
        boxes = np.full((most, 6), -1, "float32")
        for _ in range(rng.integers(most + 1)):
            at = rng.integers(len(digits[1]))
            side = int(rng.integers(16, 29))
            ink = _enlarge(digits[0][at], side)
            rows, columns = (np.flatnonzero((ink > 0.5).any(axis)) for axis in (1, 0))
            ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            place = _place(ink.shape, boxes, size, rng)
            if place is None:
                continue
            y, x = place
            window = slice(y, y + ink.shape[0]), slice(x, x + ink.shape[1])
            colour = rng.random(tones)
            while abs((colour - image[window]).mean()) < 0.25:
                colour = rng.random(tones)
            share = (ink * rng.uniform(0.6, 1))[..., None]
            image[window] = (1 - share) * image[window] + share * colour
            mask[window][ink > 0.5] = 1
            box = x, y, x + ink.shape[1], y + ink.shape[0], digits[1][at], 0
            boxes[(boxes[:, 4] >= 0).sum()] = box
        yield image, mask, boxes


def _enlarge(digit: np.ndarray, side: int) -> np.ndarray:
    """Interpolate linearly; at the rim the outermost pixel counts."""
    count = len(digit)
    at = np.clip((np.arange(side) + 0.5) * count / side - 0.5, 0, count - 1)
    weights = np.maximum(0, 1 - abs(at[:, None] - np.arange(count)))
    return weights @ digit @ weights.T


def _place(
    shape: Sequence[int], boxes: np.ndarray, size: int, rng: np.random.Generator
) -> tuple[int, int] | None:
    """Return a corner where nothing is yet, or None."""
    known = boxes[boxes[:, 4] >= 0]
    for _ in range(20):
        y, x = (int(rng.integers(size - side + 1)) for side in shape)
        apart = (
            (known[:, 2] <= x)
            | (known[:, 0] >= x + shape[1])
            | (known[:, 3] <= y)
            | (known[:, 1] >= y + shape[0])
        )
        if apart.all():
            return y, x
    return None
