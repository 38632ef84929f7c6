"""Oxford-IIIT Pet from its own files: cats and dogs, and which pixels are theirs."""

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

__all__ = ["load_pets_split", "read_trimap"]


class Part(NamedTuple):
    """Pictures and their masks, in the same order; read when they are indexed."""

    images: Any
    targets: Any


def load_pets_split(
    folder: str | os.PathLike, seed: int = 0, *, size: int = 64, validation: float = 0.1
) -> tuple[Part, Part, Part]:
    """Find the pictures of both published lists, and set aside a part for validation.

    Nothing is read before it is indexed: 7,349 pictures as floats, at their own size,
    fill gigabytes. Both images and masks are brought to `size` x `size`, whatever their
    shape was: bilinear for images, the nearest pixel for masks.

    Parameters
    ----------
    folder : path
        With `images/*.jpg`, `annotations/trimaps/*.png`, `annotations/trainval.txt` and
        `annotations/test.txt`.
    seed : int
        Decides which pictures of `trainval` are for validation.
    size : int
        Rows and columns.
    validation : float in (0, 1)
        Share of `trainval`.

    Returns
    -------
    tuple of (images, targets), three of them: training, validation, test
        Like arrays with `len`, `shape` and indices that are numbers, slices or arrays.
        `images[i]`: ndarray, shape (size, size, 3), float32, 0 to 1; `targets[i]`:
        ndarray, shape (size, size), int64, 1 pet, 0 background, 255 border.

    Raises
    ------
    FileNotFoundError
        If a file is missing: what to fetch, and where to put it.
    ValueError
        If a list has a line that is none, or a name twice; or a part would be empty.

    Examples
    --------
    >>> load_pets_split("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: annotations/trainval.txt is not in nowhere...

    References
    ----------
    Parkhi et al., "Cats and Dogs", 2012. <https://www.robots.ox.ac.uk/~vgg/data/pets/>
    """
    folder, names = Path(folder), {}
    for kind in ("trainval", "test"):
        text = _find(folder, f"annotations/{kind}.txt").read_text("utf-8", "replace")
        lines = [s for s in text.splitlines() if s.strip() and not s.startswith("#")]
        for line in lines:
            if not re.fullmatch(r"[\w-]+( \d+){3}", line.strip(), re.ASCII):
                raise ValueError(
                    f"{kind}.txt must have lines as 'name 1 1 1'. Received: {line!r}"
                )
        names[kind] = [line.split()[0] for line in lines]
    every = [*names["trainval"], *names["test"]]
    twice = [name for name, times in Counter(every).items() if times > 1]
    if twice:
        raise ValueError(f"lists must have each name once. Received: {twice[:3]} twice")
    if size < 1:
        raise ValueError(f"size must be >= 1. Received: {size}")
    # a NaN is not between them either
    count = round(validation * len(names["trainval"])) if 0 < validation < 1 else 0
    if not 0 < count < len(names["trainval"]) or not names["test"]:
        raise ValueError(
            f"validation leaves a part empty. Received: {validation} for "
            f"{[len(x) for x in names.values()]} pictures"
        )
    order = np.random.default_rng(seed).permutation(names["trainval"]).tolist()

    def part(chosen: list[str]) -> Part:
        images = [_find(folder, f"images/{name}.jpg") for name in chosen]
        masks = [_find(folder, f"annotations/trimaps/{name}.png") for name in chosen]
        return Part(
            _Files(images, _read_image, (size, size, 3)),
            _Files(masks, read_trimap, (size, size)),
        )

    return part(order[count:]), part(order[:count]), part(names["test"])


def read_trimap(path: str | os.PathLike, shape: Sequence[int] = (64, 64)) -> np.ndarray:
    """Read one trimap: 1 is pet, 2 background and 3 the border, which nobody decides.

    Parameters
    ----------
    path : path
        The PNG.
    shape : (int, int)
        Rows and columns that it is brought to.

    Returns
    -------
    ndarray, shape `shape`, int64
        1 pet, 0 background, 255 border.

    Raises
    ------
    ValueError
        If the picture is in colour, or has other values than 1, 2 and 3.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "pet.png"
    ...     Image.fromarray(np.array([[1, 2, 3]], "uint8")).save(path)
    ...     read_trimap(path, (1, 3)).tolist()
    [[1, 0, 255]]

    References
    ----------
    Parkhi et al., "Cats and Dogs", 2012. <https://www.robots.ox.ac.uk/~vgg/data/pets/>
    """
    with Image.open(path) as picture:
        if picture.mode not in ("L", "P"):
            raise ValueError(f"{path} must be grey. Received: mode {picture.mode}")
        small = picture.resize((shape[1], shape[0]), Image.Resampling.NEAREST)
    values = np.asarray(small)
    if values.min() < 1 or values.max() > 3:
        raise ValueError(
            f"{path} must have the values 1, 2 and 3. Received: {np.unique(values)}"
        )
    return np.array([0, 1, 0, 255])[values]


class _Files:
    """Pictures of files, read when they are indexed."""

    def __init__(self, paths: list[Path], read: Callable, shape: Sequence[int]) -> None:
        self.paths, self.read = np.array(paths, object), read
        self.shape = len(paths), *shape

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, at: Any) -> np.ndarray:
        if isinstance(at, int | np.integer):
            return self.read(self.paths[at], self.shape[1:])
        return np.stack([self.read(path, self.shape[1:]) for path in self.paths[at]])


def _read_image(path: Path, shape: Sequence[int]) -> np.ndarray:
    with Image.open(path) as picture:
        small = picture.convert("RGB").resize(
            (shape[1], shape[0]), Image.Resampling.BILINEAR
        )
    return np.asarray(small, "float32") / np.float32(255)


def _find(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise FileNotFoundError(
            f"{name} is not in {folder}. Fetch images.tar.gz and annotations.tar.gz "
            "from https://www.robots.ox.ac.uk/~vgg/data/pets/, unpack both into one "
            "folder, and name that folder"
        )
    return folder / name
