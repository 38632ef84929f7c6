"""CIFAR-10 and CIFAR-100 from their binary versions: colour pictures of 32 x 32."""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["load_cifar_split", "read_cifar_names"]

_PIXELS = 3 * 32 * 32
# Bytes before the pixels, the files of training, the file of the test, the names.
_TEN = 1, [f"data_batch_{i}.bin" for i in range(1, 6)], "test_batch.bin"
_HUNDRED = 2, ["train.bin"], "test.bin"
_NAMES = {
    "ten": "batches.meta.txt",
    "fine": "fine_label_names.txt",
    "coarse": "coarse_label_names.txt",
}


class Part(NamedTuple):
    """Images and their labels, in the same order."""

    images: np.ndarray
    labels: np.ndarray


def load_cifar_split(
    folder: str | os.PathLike,
    seed: int = 0,
    *,
    validation: float = 0.1,
    labels: str = "fine",
) -> tuple[Part, Part, Part]:
    """Read either data set, and set aside a part of the training images.

    The test part is the published one. Training images that are there twice, or are
    in the test part too, byte by byte, are left out. Near copies stay: Barz and
    Denzler found some for 3.3 % of the test images of CIFAR-10 and for 10 % of those
    of CIFAR-100, so that scores on either are a little too good.

    Parameters
    ----------
    folder : path
        `cifar-10-batches-bin`, with `data_batch_1.bin` to `data_batch_5.bin` and
        `test_batch.bin`; or `cifar-100-binary`, with `train.bin` and `test.bin`.
    seed : int >= 0
        Decides which training images become validation images, the same share of
        every class.
    validation : float in (0, 1)
        Share of the training images.
    labels : {"fine", "coarse"}
        Of CIFAR-100: its 100 classes, or the 20 groups of five that they are in.

    Returns
    -------
    tuple of (images, labels), three of them: training, validation, test
        `images`: ndarray, shape (N, 32, 32, 3), uint8, red, green, blue: bytes, for
        all of them as float32 would take 700 MB; `labels`: ndarray, shape (N,), int64,
        0 to 9, 99 or 19.

    Raises
    ------
    FileNotFoundError
        If a file is missing: what to fetch, and where to put it.
    ValueError
        If a file ends within a record, is of the other data set, or holds labels that
        are too high; if `labels` is something else, or `validation` leaves a class
        empty.

    Examples
    --------
    >>> load_cifar_split("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: data_batch_1.bin and train.bin are not in nowhere...

    References
    ----------
    Krizhevsky, Learning multiple layers of features from tiny images, 2009.
    <https://www.cs.toronto.edu/~kriz/cifar.html>; Barz & Denzler, Do we train on test
    data? Purging CIFAR of near-duplicates, 2020. <https://doi.org/10.3390/jimaging6060041>
    """
    folder = Path(folder)
    if labels not in ("fine", "coarse"):
        raise ValueError(f'labels must be "fine" or "coarse". Received: {labels!r}')
    extra, files, last = _HUNDRED if _is_hundred(folder) else _TEN
    column, classes = (0, 10) if extra == 1 else (1, 100)
    if extra == 2 and labels == "coarse":
        column, classes = 0, 20
    rows = np.concatenate([_records(folder / file, extra) for file in files])
    tested = _records(folder / last, extra)
    for name, part in (("training", rows), ("test", tested)):
        highest = part[:, column].max()
        if highest >= classes:
            raise ValueError(
                f"labels of the {name} files must be below {classes}. Received: "
                f"{highest} in {folder}"
            )
    seen = {row[extra:].tobytes() for row in tested}
    fresh = []
    for i, row in enumerate(rows):
        pixels = row[extra:].tobytes()
        if pixels not in seen:
            seen.add(pixels)
            fresh.append(i)
    rows = rows[fresh]
    rng = np.random.default_rng(seed)
    held = np.zeros(len(rows), bool)
    for label in np.unique(rows[:, column]):
        mine = rng.permutation(np.flatnonzero(rows[:, column] == label))
        count = round(validation * len(mine))
        if not 0 < count < len(mine):
            raise ValueError(
                f"validation must leave some of the {len(mine)} images of class "
                f"{label} on both sides. Received: {validation}"
            )
        held[mine[:count]] = True
    order = rng.permutation(len(rows))
    train, checked = (rows[order[held[order] == side]] for side in (False, True))
    first, second, third = (
        Part(_images(part[:, extra:]), part[:, column].astype("int64"))
        for part in (train, checked, tested)
    )
    return first, second, third


def read_cifar_names(folder: str | os.PathLike, *, labels: str = "fine") -> list[str]:
    """Read what the classes are called, in the order of the labels.

    Parameters
    ----------
    folder : path
        That of the images; the names lie beside them.
    labels : {"fine", "coarse"}
        As in `load_cifar_split`.

    Returns
    -------
    list of str
        Of `batches.meta.txt`, `fine_label_names.txt` or `coarse_label_names.txt`;
        empty if that file is missing.

    Raises
    ------
    ValueError
        If `labels` is something else.

    Examples
    --------
    >>> read_cifar_names("nowhere")
    []

    References
    ----------
    <https://www.cs.toronto.edu/~kriz/cifar.html>
    """
    if labels not in ("fine", "coarse"):
        raise ValueError(f'labels must be "fine" or "coarse". Received: {labels!r}')
    folder = Path(folder)
    path = folder / _NAMES[labels if _is_hundred(folder) else "ten"]
    return path.read_text("utf-8").split() if path.is_file() else []


def _is_hundred(folder: Path) -> bool:
    return (folder / _HUNDRED[1][0]).is_file()


def _records(path: Path, extra: int) -> np.ndarray:
    """Return the records of a file, shape (N, bytes), uint8."""
    if not path.is_file():
        first, other = _TEN[1][0], _HUNDRED[1][0]
        name = f"{path.name} is" if path.name != first else f"{first} and {other} are"
        raise FileNotFoundError(
            f"{name} not in {path.parent}. Fetch the binary version of CIFAR-10 or "
            "CIFAR-100 from https://www.cs.toronto.edu/~kriz/cifar.html, unpack it, "
            "and name the folder cifar-10-batches-bin or cifar-100-binary"
        )
    data = np.frombuffer(path.read_bytes(), np.uint8)
    size = extra + _PIXELS
    if not len(data) or len(data) % size:
        raise ValueError(
            f"{path} must consist of records of {size} bytes. Received: {len(data)} "
            "bytes"
        )
    return data.reshape(-1, size)


def _images(pixels: np.ndarray) -> np.ndarray:
    """Move the channels, which come first in a record, behind the pixels."""
    return np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
