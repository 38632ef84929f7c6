"""A folder of your own pictures: PNG, JPEG and what else Pillow reads, in arrays."""

import hashlib
import os
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

__all__ = ["list_images", "load_image_folder_split", "read_image"]

_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")


class Part(NamedTuple):
    """Pictures and the numbers of their classes, in the same order."""

    images: np.ndarray
    labels: np.ndarray


def list_images(folder: str | os.PathLike) -> list[Path]:
    """Return the pictures in a folder and below it, in the same order everywhere.

    What counts is the ending of a name (.bmp .gif .jpeg .jpg .png .tif .tiff .webp, in
    either case). Hidden files and folders are passed over, and so are links that lead
    out of the folder.

    Parameters
    ----------
    folder : path
        The order is that of the names below it, by code point, not of the disk.

    Returns
    -------
    list of Path
        With `folder` in front.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or no picture in it.

    Examples
    --------
    >>> list_images("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: nowhere must be a folder with pictures...

    References
    ----------
    <https://pillow.readthedocs.io/en/stable/handbook/image-file-formats.html>
    """
    root = Path(folder)
    found = []
    for path in root.rglob("*"):
        inside = path.relative_to(root)
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or path.suffix.lower() not in _ENDINGS or not path.is_file():
            continue
        if path.resolve().is_relative_to(root.resolve()):
            found.append((inside.as_posix(), path))
    if not found:
        raise FileNotFoundError(
            f"{root} must be a folder with pictures: put files that end in "
            f"{' '.join(_ENDINGS)} into it, or into folders below it"
        )
    return [path for _, path in sorted(found)]


def read_image(
    path: str | os.PathLike,
    *,
    size: tuple[int, int] | None = None,
    grey: bool = False,
    max_pixels: int = 50_000_000,
) -> np.ndarray:
    """Read one picture: upright, without transparency, in grey or RGB.

    A camera that was held sideways only notes it (EXIF); here the picture is turned.
    What is transparent is put on white. Of an animation the first frame is taken. More
    than 8 bits: white is 65,535, or 1 in a file of floats. The size is looked at before
    a pixel is decoded: a file of a few kilobytes can claim more pixels than there is
    memory.

    Parameters
    ----------
    path : path
        The file.
    size : (height, width), optional
        Scaled so that it fills this size, then cut at both ends; never stretched.
    grey : bool
        One channel, 0.299 R + 0.587 G + 0.114 B.
    max_pixels : int
        A larger picture is refused.

    Returns
    -------
    ndarray, shape (H, W, 3), or (H, W) with `grey`, float32
        0 (black) to 1 (white).

    Raises
    ------
    ValueError
        If the file is cut off, no picture, too large, or brighter than white; it is
        named.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "red.png"
    ...     Image.new("RGBA", (4, 2), (255, 0, 0, 0)).save(path)
    ...     read_image(path).shape, float(read_image(path, grey=True).min())
    ((2, 4, 3), 1.0)

    References
    ----------
    <https://pillow.readthedocs.io/en/stable/reference/Image.html>
    """
    try:
        # Pillow maps some files into memory, those on their side wrongly; streams not
        with Path(path).open("rb") as stream, warnings.catch_warnings():
            # its own limit is higher than ours, or the user's business
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(stream)
            if image.width * image.height > max_pixels:
                raise ValueError(f"{image.width} x {image.height} pixels, too many")
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith(("I", "F")):
                image = _to_bytes(image)
            if image.has_transparency_data:
                image = image.convert("RGBA")
                white = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(white, image)
            image = image.convert("L" if grey else "RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(
            f"{os.fspath(path)} must be a whole picture of at most {max_pixels} "
            f"pixels. Received: {error}"
        ) from None
    if size is not None:
        image = ImageOps.fit(image, (size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(image, "float32") / 255


def load_image_folder_split(
    folder: str | os.PathLike,
    seed: int = 0,
    *,
    size: tuple[int, int],
    grey: bool = False,
    validation: float = 0.2,
    test: float = 0.2,
    per_class: int | None = None,
) -> tuple[Part, Part, Part]:
    """Read a folder with a folder for each class, and split it in each class alike.

    The name of a folder is the name of a class; numbers go by the order of the names.
    A file that is there twice, byte by byte, counts once; two classes that share one
    are an error. All pictures are in memory at the end: 10,000 of 224 x 224 in RGB
    take 6 GB. For more of them use `list_images` and `read_image` batch by batch.

    Parameters
    ----------
    folder : path
        With two or more folders of pictures.
    seed : int >= 0
        Decides which picture goes where.
    size : (height, width)
        Of all pictures, as in `read_image`.
    grey : bool
        One channel.
    validation, test : float in (0, 1)
        Shares of every class, rounded, at least one picture each.
    per_class : int >= 1, optional
        Pictures of a class for training; the others are left out.

    Returns
    -------
    tuple of (images, labels), three of them: training, validation, test
        `images`: ndarray, shape (N, height, width, channels), float32, 0 to 1;
        `labels`: ndarray, shape (N,), int64, 0 to the number of classes less one.

    Raises
    ------
    FileNotFoundError
        If there is no picture.
    ValueError
        If there is a picture outside the classes, one class only, too few pictures in
        one, a picture in two of them, or a file that is none; or if a number is out of
        its range.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for number in range(10):
    ...         path = Path(folder, "cat" if number % 2 else "dog", f"{number}.png")
    ...         path.parent.mkdir(exist_ok=True)
    ...         Image.new("L", (9, 9), 20 * number).save(path)
    ...     parts = load_image_folder_split(folder, size=(8, 8))
    >>> [(part.images.shape, part.labels.tolist()) for part in parts]
    [((6, 8, 8, 3), [0, 0, 0, 1, 1, 1]), ((2, 8, 8, 3), [0, 1]), ((2, 8, 8, 3), [0, 1])]

    References
    ----------
    <https://keras.io/api/data_loading/image/>
    """
    if not (validation > 0 and test > 0 and validation + test < 1):
        raise ValueError(
            "validation and test must be shares that leave some for training. "
            f"Received: {validation}, {test}"
        )
    if per_class is not None and per_class < 1:
        raise ValueError(f"per_class must be 1 or more. Received: {per_class}")
    root = Path(folder)
    classes = _classes(root)
    rng = np.random.default_rng(seed)
    rows: list[list[tuple[Path, int]]] = [[], [], []]
    for label, (name, paths) in enumerate(classes.items()):
        held = [max(1, round(share * len(paths))) for share in (validation, test)]
        rest = len(paths) - sum(held)
        if rest < (per_class or 1):
            raise ValueError(
                f"{root / name} must have {per_class or 1} pictures for training, "
                f"{held[0]} for validation, {held[1]} to test. Received: {len(paths)}"
            )
        order = [(paths[at], label) for at in rng.permutation(len(paths))]
        rows[1] += order[: held[0]]
        rows[2] += order[held[0] : sum(held)]
        rows[0] += order[sum(held) :][: per_class or rest]
    parts = []
    for found in rows:
        images = np.stack([read_image(path, size=size, grey=grey) for path, _ in found])
        images = images[..., None] if grey else images
        parts.append(Part(images, np.array([label for _, label in found], "int64")))
    train, validated, tested = parts
    return train, validated, tested


def _classes(root: Path) -> dict[str, list[Path]]:
    """Return the pictures of every class, without copies."""
    classes: dict[str, list[Path]] = {}
    seen: dict[bytes, Path] = {}
    for path in list_images(root):
        inside = path.relative_to(root)
        if len(inside.parts) < 2:
            raise ValueError(
                f"{root} must hold a folder for each class. Received: {inside} "
                "outside of them"
            )
        other = seen.setdefault(_mark(path), path)
        if other is path:
            classes.setdefault(inside.parts[0], []).append(path)
        elif other.relative_to(root).parts[0] != inside.parts[0]:
            raise ValueError(
                f"a picture must be in one class. Received: {other}, {path}"
            )
    if len(classes) < 2:
        raise ValueError(
            f"{root} must hold two classes or more. Received: {', '.join(classes)}"
        )
    return dict(sorted(classes.items()))


def _to_bytes(image: Image.Image) -> Image.Image:
    """Make bytes of 16 or 32 bits per pixel; Pillow would cut all above 255."""
    values = np.asarray(image, "float64")
    top = 1.0 if image.mode.startswith("F") else 65535.0
    if not (values.min() >= 0 and values.max() <= top):
        raise ValueError(f"{values.min()} to {values.max()}, not within 0 to {top:g}")
    return Image.fromarray((values / top * 255).round().astype("uint8"))


def _mark(path: Path) -> bytes:
    """Return what tells one file from another."""
    return hashlib.sha256(path.read_bytes()).digest()
