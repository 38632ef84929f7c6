"""Photographs that ship with Python packages: patches with noise, and clean."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import skimage.data
from sklearn.datasets import load_sample_image

__all__ = ["load_photograph", "load_photographs_split", "split_patches"]

NAMES = (
    "astronaut",
    "brick",
    "camera",
    "cat",
    "china",
    "clock",
    "coffee",
    "coins",
    "flower",
    "grass",
    "gravel",
    "moon",
    "motorcycle",
    "rocket",
)


class Part(NamedTuple):
    """Patches with noise, and the same ones without, in the same order."""

    noisy: np.ndarray
    clean: np.ndarray


def load_photograph(name: str) -> np.ndarray:
    """Return one of the 14 photographs in grey: 2 of scikit-learn, 12 of scikit-image.

    Those in colour become 0.299 R + 0.587 G + 0.114 B. Drawings, scanned text, pictures
    through a microscope or of the deep sky, and the second of the two views of the
    motorcycle are left out. All are in the packages; nothing is fetched.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Returns
    -------
    ndarray, shape (H, W), float32
        0 (black) to 1 (white), 300 to 512 high and 384 to 741 wide.

    Raises
    ------
    ValueError
        If there is no such photograph.

    Examples
    --------
    >>> for name in ("china", "coins"):
    ...     print(name, load_photograph(name).shape)
    china (427, 640)
    coins (303, 384)

    References
    ----------
    van der Walt et al., "scikit-image: image processing in Python", 2014.
    <https://doi.org/10.7717/peerj.453>
    """
    if name not in NAMES:
        raise ValueError(f"name must be one of {', '.join(NAMES)}. Received: {name!r}")
    if name in ("china", "flower"):
        picture = load_sample_image(f"{name}.jpg")
    elif name == "motorcycle":
        picture = skimage.data.stereo_motorcycle()[0]
    else:
        picture = getattr(skimage.data, name)()
    picture = np.asarray(picture).astype("float32") / 255
    if picture.ndim == 3:
        picture = picture @ np.array([0.299, 0.587, 0.114], "float32")
    return picture


def load_photographs_split(
    seed: int = 0, *, sigma: float = 0.1
) -> tuple[Part, Part, Part]:
    """Cut the photographs into patches; a whole photograph is in one part only.

    Of the 14 photographs 8 are for training, 3 for validation and 3 for the test. See
    `split_patches` for the patches and their noise.

    Parameters
    ----------
    seed : int >= 0
        Decides which photograph goes where, where patches lie, and their noise.
    sigma : float > 0
        Standard deviation of the noise; white less black is 1.

    Returns
    -------
    tuple of (noisy, clean), three of them: training, validation, test
        ndarray, shape (768, 40, 40), then twice (24, 96, 96), float32.

    Raises
    ------
    ValueError
        If `sigma` is not above 0.

    Examples
    --------
    >>> parts = load_photographs_split(seed=0)
    >>> [part.clean.shape for part in parts]
    [(768, 40, 40), (24, 96, 96), (24, 96, 96)]
    >>> print(f"{(parts[2].noisy - parts[2].clean).std():.3f}")
    0.100

    References
    ----------
    <https://scikit-image.org/docs/stable/api/skimage.data.html>
    """
    return split_patches(NAMES, load_photograph, seed, sigma=sigma)


def split_patches(
    names: Sequence[Any],
    read: Callable[[Any], np.ndarray],
    seed: int = 0,
    *,
    sigma: float = 0.1,
    patch: int = 40,
    held: int = 96,
    train_patches: int = 768,
    held_patches: int = 24,
) -> tuple[Part, Part, Part]:
    r"""Cut pictures into patches with Gaussian noise; no picture is in two parts.

    A fifth of the pictures (rounded, at least one) is for validation and a fifth for
    the test. Each picture of a part gives as many patches as the others: at random
    places in training, where they may overlap, and at different places of a grid in the
    other two. One picture is read at a time. The noise
    $\varepsilon \sim \mathcal{N}(0, \sigma^2)$ of each pixel is added and not clipped.
    Clipped noise would have another mean at black and at white.

    Parameters
    ----------
    names : sequence
        What `read` takes: paths of files, names.
    read : callable
        From one of them to a picture, shape (H, W), float, 0 to 1.
    seed : int >= 0
        Another seed, other pictures in each part, other places and noise.
    sigma : float > 0
        Standard deviation of the noise.
    patch, held : int
        Height and width of patches for training, and of the others.
    train_patches, held_patches : int
        How many in each part; of small pictures fewer, if their grid has not so many.

    Returns
    -------
    tuple of (noisy, clean), three of them: training, validation, test
        ndarray, shape (N, patch, patch), then twice (N, held, held), float32. The
        noise of the training part is one draw: for training, draw it anew.

    Raises
    ------
    ValueError
        If there are fewer than three pictures, two of them are the same, one is not in
        grey or smaller than a patch, or an option is out of its range.

    Examples
    --------
    >>> pictures = {name: np.full((100, 120), name / 10) for name in range(5)}
    >>> parts = split_patches(list(pictures), pictures.get)
    >>> [sorted({round(10 * float(c[0, 0])) for c in part.clean}) for part in parts]
    [[0, 1, 3], [2], [4]]

    References
    ----------
    Zhang et al., "Beyond a Gaussian Denoiser", 2017.
    <https://doi.org/10.1109/TIP.2017.2662206>
    """
    counts = (seed, 0), (patch, 1), (held, 1), (train_patches, 1), (held_patches, 1)
    if any(value < least for value, least in counts) or not 0 < sigma < np.inf:
        raise ValueError(
            "seed must be >= 0, sigma and all sizes > 0. Received: "
            f"{[value for value, _ in counts]}, sigma {sigma}"
        )
    if len(names) < 3:
        raise ValueError(f"names must be three or more. Received: {len(names)}")
    rng, seen = np.random.default_rng(seed), dict[bytes, Any]()
    order = rng.permutation(len(names))
    share = max(1, round(len(names) / 5))
    parts = []
    for rows, size, wanted, anywhere in (
        (order[2 * share :], patch, train_patches, True),
        (order[:share], held, held_patches, False),
        (order[share : 2 * share], held, held_patches, False),
    ):
        found = []
        for at, row in enumerate(rows):
            picture = np.asarray(read(names[row]), "float32")
            _check(names[row], picture, size, seen)
            # the first ones give one more, where it does not come out even
            count = wanted // len(rows) + (at < wanted % len(rows))
            found += _cut(picture, size, count, anywhere, rng)
        clean = np.stack(found)
        noise = rng.normal(0, sigma, clean.shape).astype("float32")
        parts.append(Part(clean + noise, clean))
    train, validation, test = parts
    return train, validation, test


def _cut(
    picture: np.ndarray, size: int, count: int, anywhere: bool, rng: np.random.Generator
) -> list[np.ndarray]:
    """Return patches at random places, or of a grid."""
    height, width = (length - size for length in picture.shape)
    if anywhere:
        tops = rng.integers(height, size=count, endpoint=True)
        lefts = rng.integers(width, size=count, endpoint=True)
        places = list(zip(tops, lefts, strict=True))
    else:
        tops = np.arange(0, height + 1, size)
        grid = [(top, left) for top in tops for left in range(0, width + 1, size)]
        places = [grid[at] for at in rng.permutation(len(grid))[:count]]
    return [picture[top : top + size, left : left + size] for top, left in places]


def _check(name: Any, picture: np.ndarray, size: int, seen: dict[bytes, Any]) -> None:
    """Refuse what would not be cut, or would be in two parts."""
    if picture.ndim != 2 or min(picture.shape) < size:
        raise ValueError(
            f"{name} must be in grey and {size} x {size} or larger. "
            f"Received: shape {picture.shape}"
        )
    if not (picture.min() >= 0 and picture.max() <= 1):
        raise ValueError(
            f"{name} must be of 0 to 1. Received: {picture.min()} to {picture.max()}"
        )
    mark = hashlib.sha256(f"{picture.shape}".encode() + picture.tobytes()).digest()
    if mark in seen:
        raise ValueError(
            f"pictures must differ. Received: {name} is {seen[mark]} again"
        )
    seen[mark] = name
