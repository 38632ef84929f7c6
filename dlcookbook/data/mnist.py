"""MNIST and Fashion-MNIST from their own files: 28 x 28 grey values, ten classes."""

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["load_mnist_split", "read_idx"]

_FILES = {
    "training": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
# The types that the format has, by the third byte of a file.
_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


class Part(NamedTuple):
    """Images and their labels, in the same order."""

    images: np.ndarray
    labels: np.ndarray


def load_mnist_split(
    folder: str | os.PathLike, seed: int = 0, *, validation: float = 1 / 6
) -> tuple[Part, Part, Part]:
    """Read the four files, and set aside a part of the training images.

    The test part is the published one: 10,000 images by other writers than those of the
    training images (MNIST). A grey value g of 0 to 255 becomes g / 255.

    Parameters
    ----------
    folder : path
        With `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same of
        `t10k-`, each also with `.gz`, or a dot for the second dash.
    seed : int
        Decides which training images become validation images.
    validation : float in (0, 1)
        Share of the training images.

    Returns
    -------
    tuple of (images, labels), three of them: training, validation, test
        `images`: ndarray, shape (N, 28, 28), float32, 0 (paper) to 1 (ink); `labels`:
        ndarray, shape (N,), int64, 0 to 9.

    Raises
    ------
    FileNotFoundError
        If a file is missing: what to fetch, and where to put it.
    ValueError
        If a file is not what its name says: cut off, of another kind, labels above 9,
        another number of labels than images; or if `validation` leaves a part empty.

    Examples
    --------
    >>> load_mnist_split("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: train-images-idx3-ubyte is not in nowhere...

    References
    ----------
    LeCun, Cortes & Burges, The MNIST database. <http://yann.lecun.com/exdb/mnist/>;
    Xiao, Rasul & Vollgraf, 2017. <https://github.com/zalandoresearch/fashion-mnist>
    """
    folder, parts = Path(folder), {}
    for name, files in _FILES.items():
        images, labels = (read_idx(_find(folder, file)) for file in files)
        if images.ndim != 3 or images.dtype != np.uint8 or 0 in images.shape[1:]:
            raise ValueError(
                f"{files[0]} must hold images of bytes, shape (N, H, W). Received: "
                f"shape {images.shape}, {images.dtype}"
            )
        if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
            raise ValueError(
                f"{files[1]} must hold one label per image, whole numbers. Received: "
                f"shape {labels.shape}, {labels.dtype} for {len(images)} images"
            )
        if not len(labels) or labels.min() < 0 or labels.max() > 9:
            raise ValueError(
                f"{files[1]} must hold labels of 0 to 9. Received: {np.unique(labels)}"
            )
        parts[name] = Part((images / np.float32(255)), labels.astype("int64"))
    train, test = parts["training"], parts["test"]
    if train.images.shape[1:] != test.images.shape[1:]:
        raise ValueError(
            "both parts must have images of one size. Received: "
            f"{train.images.shape[1:]}, {test.images.shape[1:]}"
        )
    # a NaN is not between them either
    count = round(validation * len(train.labels)) if 0 < validation < 1 else 0
    if not 0 < count < len(train.labels):
        raise ValueError(f"validation leaves a part empty. Received: {validation}")
    order = np.random.default_rng(seed).permutation(len(train.labels))
    held, kept = order[:count], order[count:]
    return Part(*(x[kept] for x in train)), Part(*(x[held] for x in train)), test


def read_idx(path: str | os.PathLike) -> np.ndarray:
    """Read one file of the IDX format: two zeros, a type, the axes, their lengths.

    Parameters
    ----------
    path : path
        The file; one that ends in `.gz` is decompressed.

    Returns
    -------
    ndarray, of the shape and the type that the file says
        A copy, in the byte order of this machine.

    Raises
    ------
    ValueError
        If the magic number is wrong, or there are fewer or more bytes than it says.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two"
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    ...     read_idx(path).tolist()
    [7, 9]

    References
    ----------
    LeCun, Cortes & Burges, The MNIST database, "File formats".
    <http://yann.lecun.com/exdb/mnist/>
    """
    path = Path(path)
    try:
        data = (
            gzip.decompress(path.read_bytes())
            if path.suffix == ".gz"
            else (path.read_bytes())
        )
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} cannot be decompressed. Received: {error}") from None
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _TYPES:
        raise ValueError(
            f"{path} must start with the magic number of IDX. "
            f"Received: {data[:4].hex()}"
        )
    kind, axes = np.dtype(_TYPES[data[2]]), data[3]
    start = 4 + 4 * axes
    if len(data) < start or axes > 32:
        raise ValueError(
            f"{path} must have up to 32 axes and their lengths. Received: {axes} axes, "
            f"{len(data)} bytes"
        )
    shape = struct.unpack(f">{axes}I", data[4:start])
    wanted = start + math.prod(shape) * kind.itemsize
    if len(data) != wanted:
        raise ValueError(
            f"{path} must have {wanted} bytes for the shape {shape}. Received: "
            f"{len(data)}"
        )
    array = np.frombuffer(data, kind, offset=start).reshape(shape)
    return array.astype(kind.newbyteorder("="))


def _find(folder: Path, name: str) -> Path:
    """Return the file under one of the names that it is known by."""
    dotted = name.replace("-idx", ".idx")
    for file in (name, f"{name}.gz", dotted, f"{dotted}.gz"):
        if (folder / file).is_file():
            return folder / file
    raise FileNotFoundError(
        f"{name} is not in {folder}. Fetch the four files of MNIST from "
        "https://ossci-datasets.s3.amazonaws.com/mnist/ or of Fashion-MNIST from "
        "https://github.com/zalandoresearch/fashion-mnist (data/fashion), put them, "
        "as .gz or unpacked, into one folder, and name that folder"
    )
